#include "auth-jwt/keys/jwks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "auth-jwt/limits.h"
#include "world.h"

namespace freshet::jwt {
namespace {

// A key set that a test rewrites as an operator would: beside it, then over it.
class KeySetFile {
 public:
  KeySetFile() {
    std::string name = std::filesystem::temp_directory_path() / "freshet-jwks-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~KeySetFile() { std::filesystem::remove_all(folder_); }
  KeySetFile(const KeySetFile&) = delete;
  KeySetFile& operator=(const KeySetFile&) = delete;

  std::string path() const { return folder_ + "/jwks.json"; }
  void write(const std::string& text) const {
    std::ofstream(folder_ + "/next") << text;
    std::filesystem::rename(folder_ + "/next", path());
  }
  void remove() const { std::filesystem::remove(path()); }

 private:
  std::string folder_;
};

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string flaw_of(const std::string& keys) {
  std::string why = "nothing";
  EXPECT_FALSE(read_jwks("{\"keys\":[" + keys + "]}", why)) << keys;
  return why;
}

TEST(Jwks, HasKeysOfEveryAlgorithm) {
  World world;
  world.with("jwks", fixture_path("mixed.jwks.json"));
  for (const char* algorithm : {"HS256", "RS256", "ES256", "EdDSA"}) {
    EXPECT_EQ(world.identify(node_token(algorithm)).status, Status::ok) << algorithm;
  }
  EXPECT_EQ(world.mint(R"({"exp":1003600,"room":"a","permission":"read-write","sub":"ann"})"),
            std::pair(Status::ok, node_token("HS256")));
}

TEST(Jwks, LeavesOutKeysForOtherPurposes) {
  std::string why;
  const auto keys = read_jwks(fixture("one.jwks.json"), why);
  ASSERT_TRUE(keys) << why;
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(keys->at(0).id(), "one");
  EXPECT_EQ(keys->at(0).algorithm(), Algorithm::rs256);
}

TEST(Jwks, RefusesDamagedKeysWithTheirPlace) {
  const std::string good = R"({"kty":"oct","k":")" + std::string(43, 'A') + "\"}";
  const std::string damaged = "key 2: its members are missing or damaged";
  for (const char* bad :
       {R"({"kty":"oct"})", R"({"kty":"oct","k":7})", R"({"kty":"oct","k":"!"})",
        R"({"kty":"RSA","n":"AQAB"})", R"({"kty":"RSA","n":"AQAB","e":"AQABAQABAQAB"})",
        R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", R"({"kty":"EC","crv":"P-256"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"AA"})"}) {
    EXPECT_EQ(flaw_of(good + "," + bad), damaged) << bad;
  }
  EXPECT_EQ(flaw_of(R"({"kty":"oct","k":"AAAA"})"),
            "key 1: 3 bytes; HS256 needs at least 32 (openssl rand -base64 32)");
  EXPECT_EQ(flaw_of("7"), "key 1: not an object");
  const std::string named = R"({"kid":"k",)" + good.substr(1);
  EXPECT_EQ(flaw_of(named + "," + named), "key 2: its kid is another's as well");
  std::string many = good;
  for (size_t i = 0; i < kMaxKeys; ++i) many += "," + good;
  EXPECT_EQ(flaw_of(many), "more than 32 keys");
}

TEST(Jwks, RefusesWhatIsNoKeySet) {
  for (const char* text : {"", "{}", "[]", "{\"keys\":7}", "{\"keys\":{}}", "{\"keys\":[]",
                           "{\"keys\":[],\"keys\":[]}"}) {
    std::string why;
    EXPECT_FALSE(read_jwks(text, why)) << text;
    EXPECT_EQ(why, "not a JSON Web Key Set") << text;
  }
}

TEST(JwksFile, IsReadAgainWhenItChanges) {
  KeySetFile file;
  file.write(fixture("one.jwks.json"));
  World world;
  world.with("jwks", file.path());
  EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::ok);
  EXPECT_EQ(world.identify(node_token("RS256.two")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("there is no key for its kid and algorithm, RS256"));

  file.write(fixture("both.jwks.json"));
  EXPECT_EQ(world.identify(node_token("RS256.two")).status, Status::ok);
  EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::ok);
  EXPECT_TRUE(world.host.logged("jwks: read " + file.path() + " again, keys: 2"));

  file.write(fixture("two.jwks.json"));
  EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::unauthenticated);
  EXPECT_EQ(world.identify(node_token("RS256.two")).status, Status::ok);
  EXPECT_EQ(count_of(world.host.log(), "again, keys"), 2u);
}

TEST(JwksFile, KeepsItsKeysWhenTheFileIsBadAndSaysSoOnce) {
  KeySetFile file;
  file.write(fixture("one.jwks.json"));
  World world;
  world.with("jwks", file.path());
  ASSERT_EQ(world.create(), Status::ok);
  file.write("{\"keys\":");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::ok);
  }
  EXPECT_EQ(count_of(world.host.log(), file.path() + ": not a JSON Web Key Set"), 1u);
  EXPECT_EQ(count_of(world.host.log(), "going on with the keys read before: 1, for another 60 s"),
            1u);

  file.remove();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::ok);
  }
  EXPECT_EQ(count_of(world.host.log(), file.path() + ": No such file or directory"), 1u);

  file.write(fixture("two.jwks.json"));
  EXPECT_EQ(world.identify(node_token("RS256.two")).status, Status::ok);
}

// Whoever takes the file away, or empties it, means the keys in it.
TEST(JwksFile, ThatIsGoneEmptyOrGarbageTakesItsKeysWithItAfterAWhile) {
  for (const char* left : {"", "garbage", "gone"}) {
    KeySetFile file;
    file.write(fixture("one.jwks.json"));
    World world;
    world.with("jwks", file.path());
    const std::string token = node_token("RS256.one");
    const auto status_after = [&](uint64_t ms) {
      return world.identify(token, "a", kNow + ms).status;
    };
    EXPECT_EQ(status_after(0), Status::ok);
    left == std::string("gone") ? file.remove() : file.write(left);
    EXPECT_EQ(status_after(1'000), Status::ok) << left;
    EXPECT_EQ(status_after(1'000 + kJwksGraceMs - 1), Status::ok) << left;
    EXPECT_EQ(status_after(1'000 + kJwksGraceMs + kJwksRetryMs), Status::unauthenticated) << left;
    EXPECT_EQ(status_after(1'000 + kJwksGraceMs + 2 * kJwksRetryMs), Status::unauthenticated);
    EXPECT_EQ(count_of(world.host.log(), "its keys are none any more"), 1u) << world.host.log();
    file.write(fixture("both.jwks.json"));
    EXPECT_EQ(status_after(1'002 + kJwksGraceMs + kJwksRetryMs), Status::ok) << "at once";
    EXPECT_TRUE(world.host.logged("again, keys: 2"));
  }
}

TEST(JwksFile, ThatWasBadForAMomentHasItsWholeGraceTheNextTime) {
  KeySetFile file;
  file.write(fixture("one.jwks.json"));
  World world;
  world.with("jwks", file.path());
  const std::string token = node_token("RS256.one");
  EXPECT_EQ(world.identify(token).status, Status::ok);
  file.write("{");
  EXPECT_EQ(world.identify(token, "a", kNow + 10'000).status, Status::ok);
  file.write(fixture("one.jwks.json"));
  EXPECT_EQ(world.identify(token, "a", kNow + 20'000).status, Status::ok);
  file.remove();
  EXPECT_EQ(world.identify(token, "a", kNow + 75'000).status, Status::ok);
  EXPECT_EQ(world.identify(token, "a", kNow + 75'000 + kJwksGraceMs - 1).status, Status::ok);
}

TEST(JwksFile, WithAnEmptySetHasNoKeysAtOnce) {
  KeySetFile file;
  file.write(fixture("one.jwks.json"));
  World world;
  world.with("jwks", file.path());
  EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::ok);
  file.write(R"({"keys":[]})");
  EXPECT_EQ(world.identify(node_token("RS256.one")).status, Status::unauthenticated);
  World fresh;
  fresh.with("jwks", file.path());
  EXPECT_EQ(fresh.create(), Status::malformed);
  EXPECT_TRUE(fresh.host.logged("jwks.json: no keys")) << fresh.host.log();
}

// For the thread sanitizer, and for the locks: nobody sees half a set.
TEST(JwksFile, ServesManyWorkersWhileItChanges) {
  KeySetFile file;
  file.write(fixture("both.jwks.json"));
  World world;
  world.with("jwks", file.path());
  ASSERT_EQ(world.create(), Status::ok);
  const std::string token = node_token("RS256.two");
  std::atomic<int> refused = 0;
  std::vector<std::thread> workers;
  for (int n = 0; n < 4; ++n) {
    workers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        if (world.identify(token).status != Status::ok) ++refused;
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    file.write(fixture(i % 2 == 0 ? "two.jwks.json" : "both.jwks.json"));
  }
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(refused, 0) << world.host.log();
}

}  // namespace
}  // namespace freshet::jwt
