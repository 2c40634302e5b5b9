// Who can make a token that is believed, and who cannot.
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <cctype>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/token/token.h"
#include "world.h"

namespace freshet::jwt {
namespace {

struct Row {
  const char* algorithm;
  const char* setting;
  std::string value;
};

std::vector<Row> every_algorithm() {
  return {{"HS256", "secret", kSecret},
          {"RS256", "public_key", fixture("rsa.pub.pem")},
          {"ES256", "public_key_path", fixture_path("p256.pub.pem")},
          {"EdDSA", "public_key", fixture("ed.pub.pem")}};
}

TEST(Signature, TokensOfNodeAreTakenWithTheirKeyAndNoOther) {
  for (const Row& key : every_algorithm()) {
    World world;
    world.with(key.setting, key.value);
    for (const Row& token : every_algorithm()) {
      const Answered answered = world.identify(node_token(token.algorithm));
      const bool same = token.algorithm == key.algorithm;
      EXPECT_EQ(answered.status, same ? Status::ok : Status::unauthenticated)
          << token.algorithm << " with a key for " << key.algorithm << "\n"
          << world.host.log();
      if (!same) continue;
      EXPECT_EQ(answered.user, R"({"id":"ann"})");
      EXPECT_EQ(answered.permission, uint64_t{FRESHET_READ_WRITE});
      EXPECT_EQ(answered.expires_ms, 1'003'600'000u + 30'000u);
    }
  }
}

// Every byte of a token, changed to every other letter of its alphabet: 'A' for 'B' in the last
// letter of a signature may differ in bits that stand for nothing.
TEST(Signature, NoChangeOfOneByteIsBelieved) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= +/";
  for (const Row& row : every_algorithm()) {
    World world;
    world.with(row.setting, row.value);
    const std::string good = node_token(row.algorithm);
    ASSERT_EQ(world.identify(good).status, Status::ok);
    const bool cheap = std::string_view(row.algorithm) == "HS256";
    for (size_t at = 0; at < good.size(); ++at) {
      for (size_t n = 0; n < kLetters.size(); n += cheap || at + 1 == good.size() ? 1 : 23) {
        std::string bad = good;
        bad[at] = kLetters[(n + at) % kLetters.size()];
        if (bad == good) continue;
        ASSERT_EQ(world.identify(bad).status, Status::unauthenticated)
            << row.algorithm << " " << bad;
      }
      for (const char c : {'\0', '\n', '\x7f', '\x80', '\xff'}) {
        std::string bad = good;
        bad[at] = c;
        ASSERT_EQ(world.identify(bad).status, Status::unauthenticated)
            << row.algorithm << " " << at;
      }
      ASSERT_EQ(world.identify(good.substr(0, at)).status, Status::unauthenticated);
    }
    EXPECT_EQ(world.identify(good + "A").status, Status::unauthenticated);
    EXPECT_EQ(world.identify(good + ".").status, Status::unauthenticated);
    EXPECT_EQ(world.identify(" " + good).status, Status::unauthenticated);
  }
}

TEST(Base64, HasOneTextForEveryRowOfBytes) {
  EXPECT_EQ(from_base64url("_-8"), (std::vector<uint8_t>{0xff, 0xef}));
  EXPECT_EQ(from_base64("/+8="), (std::vector<uint8_t>{0xff, 0xef}));
  EXPECT_EQ(to_base64url(*from_base64url("_-8")), "_-8");
  EXPECT_EQ(from_base64url(""), std::vector<uint8_t>{});
  for (const std::string text : {"_-9", "_-8=", "/+8", "_-8 ", " _-8", "_-8\n", "_", "\xff-8"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
  for (int c = 0; c < 256; ++c) {
    const std::string text{'A', static_cast<char>(c), 'A', 'A'};
    const bool letter = std::isalnum(c) != 0 || c == '-' || c == '_';
    EXPECT_EQ(from_base64url(text).has_value(), letter) << c;
  }
}

TEST(Signature, APublicKeyIsNoSecret) {
  World world;
  world.with("public_key_path", fixture_path("rsa.pub.pem"));
  EXPECT_EQ(world.identify(node_token("confused")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("there is no key for its kid and algorithm, HS256"));
  World both;
  both.with("public_key_path", fixture_path("rsa.pub.pem")).with("secret", kSecret);
  EXPECT_EQ(both.identify(node_token("confused")).status, Status::unauthenticated);
  EXPECT_TRUE(both.host.logged("its signature is wrong"));
  EXPECT_EQ(both.identify(node_token("HS256")).status, Status::ok);
  EXPECT_EQ(both.identify(node_token("RS256")).status, Status::ok);
}

TEST(Signature, NoneIsNoAlgorithmHoweverItIsWritten) {
  SecretWorld world;
  EXPECT_EQ(world.identify(node_token("none")).status, Status::unauthenticated);
  const std::string good = node_token("HS256");
  const std::string claims = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"NONE"})", R"({"alg":""})",
        R"({"alg":null})", R"({"alg":["HS256"]})", R"({"typ":"JWT"})", R"({})", R"("HS256")",
        R"({"alg":"hs256"})", R"({"alg":"HS384"})", R"({"alg":"RS512"})", R"({"alg":"PS256"})",
        R"({"alg":"none","alg":"HS256"})", R"({"alg":"HS256","alg":"none"})"}) {
    for (const std::string& end : {std::string("."), good.substr(good.rfind('.'))}) {
      EXPECT_EQ(world.identify(to_base64url(as_bytes(header)) + claims + end).status,
                Status::unauthenticated)
          << header;
    }
  }
}

TEST(Signature, ACriticalExtensionIsRefusedEvenIfSigned) {
  std::string why;
  auto key = Key::hmac(as_bytes(kSecret), "", why);
  ASSERT_TRUE(key);
  const std::string claims = to_base64url(as_bytes(R"({"exp":1003600,"room":"a"})"));
  for (const auto& [header, status] : {
           std::pair{R"({"alg":"HS256"})", Status::ok},
           std::pair{R"({"alg":"HS256","crit":["b64"],"b64":false})", Status::unauthenticated},
           std::pair{R"({"alg":"HS256","crit":[]})", Status::unauthenticated},
           std::pair{R"({"alg":"HS256","kid":7})", Status::unauthenticated},
       }) {
    const std::string text = to_base64url(as_bytes(header)) + "." + claims;
    const auto signature = key->sign(text);
    ASSERT_TRUE(signature);
    SecretWorld world;
    EXPECT_EQ(world.identify(text + "." + to_base64url(*signature)).status, status) << header;
  }
}

TEST(Signature, EcdsaInDerIsNotTheFormOfAToken) {
  World world;
  world.with("public_key_path", fixture_path("p256.pub.pem"));
  EXPECT_EQ(world.identify(node_token("ES256.der")).status, Status::unauthenticated);
}

TEST(Signature, GarbageIsRefusedAndLeavesNoErrorBehind) {
  World world;
  world.with("secret", kSecret)
      .with("public_key", fixture("rsa.pub.pem") + fixture("p256.pub.pem"));
  const std::string rs256 = node_token("RS256"), es256 = node_token("ES256");
  const std::string tokens[] = {"",
                                ".",
                                "..",
                                "...",
                                "a.b.c",
                                "a.b.c.d.e",
                                "Bearer x",
                                "{}",
                                std::string(3, '\0'),
                                "eyJhbGciOiJIUzI1NiJ9..",
                                "eyJhbGciOiJSUzI1NiJ9.e30.",
                                "eyJhbGciOiJFUzI1NiJ9.e30.",
                                rs256.substr(0, rs256.rfind('.')) + ".AAAA",
                                es256.substr(0, es256.rfind('.') + 1) + std::string(86, 'A'),
                                es256.substr(0, es256.rfind('.') + 1) + std::string(85, '_') + "w",
                                std::string(kMaxTokenBytes + 1, 'a')};
  for (const std::string& token : tokens) {
    EXPECT_EQ(world.identify(token).status, Status::unauthenticated) << token.substr(0, 80);
  }
  EXPECT_EQ(ERR_peek_error(), 0u) << "the next caller on this thread would take it for its own";
  EXPECT_TRUE(world.host.logged("it is longer than 8192 bytes"));
}

TEST(Signature, TheLogSaysWhyAndNeverTheToken) {
  SecretWorld world;
  const std::string token = node_token("RS256");
  EXPECT_EQ(world.identify(token, "a\nb\"c").status, Status::unauthenticated);
  EXPECT_EQ(world.host.log(),
            "refused the token of \"\" for room \"a\\nb\\\"c\" (unauthenticated): "
            "there is no key for its kid and algorithm, RS256\n");
  EXPECT_EQ(world.host.metric("freshet_auth_refused_total"), 1);
  EXPECT_EQ(world.identify(node_token("HS256")).status, Status::ok);
  EXPECT_EQ(world.host.metric("freshet_auth_accepted_total"), 1);
}

TEST(Signature, AllKeysOfTheAlgorithmAreTriedForATokenWithoutKid) {
  World world;
  const std::string name = "old_secrets";
  world.with("secret", "a new secret, which has replaced the other")
      .with_list(name, {"one older than that, for good measure", kSecret});
  EXPECT_EQ(world.identify(node_token("HS256")).status, Status::ok);
  World without;
  without.with("secret", "a new secret, which has replaced the other");
  EXPECT_EQ(without.identify(node_token("HS256")).status, Status::unauthenticated);
}

TEST(Signature, AKidChoosesAmongKeysThatHaveOne) {
  const std::string claims = R"({"exp":1003600,"room":"a"})";
  World named;
  named.with("secret", kSecret).with("key_id", "k1");
  const std::string token = named.mint(claims).second;
  EXPECT_EQ(named.identify(token).status, Status::ok);
  EXPECT_EQ(named.identify(node_token("HS256")).status, Status::ok) << "a token without kid";
  SecretWorld unnamed;
  EXPECT_EQ(unnamed.identify(token).status, Status::ok) << "a key without kid";
  World other;
  other.with("secret", kSecret).with("key_id", "k2");
  EXPECT_EQ(other.identify(token).status, Status::unauthenticated);
  EXPECT_TRUE(other.host.logged("there is no key for its kid"));
}

TEST(Mint, WritesWhatNodeWrites) {
  const std::string claims = R"({"exp":1003600,"room":"a","permission":"read-write","sub":"ann"})";
  SecretWorld hs256;
  EXPECT_EQ(hs256.mint(claims), std::pair(Status::ok, node_token("HS256")));
  World ed;
  ed.with("signing_key_path", fixture_path("ed.key.pem"));
  EXPECT_EQ(ed.mint(claims), std::pair(Status::ok, node_token("EdDSA")));
  World rsa;
  rsa.with("signing_key", fixture("rsa.key.pem")).with("key_id", "one");
  EXPECT_EQ(rsa.mint(claims), std::pair(Status::ok, node_token("RS256.one")));
}

TEST(Mint, TokensOfASigningKeyAreTakenByItselfAndByItsPublicHalf) {
  const std::pair<const char*, const char*> pairs[] = {{"rsa.key.pem", "rsa.pub.pem"},
                                                       {"p256.key.pem", "p256.pub.pem"},
                                                       {"ed.key.pem", "ed.pub.pem"}};
  for (const auto& [key, pub] : pairs) {
    World minter;
    minter.with("signing_key_path", fixture_path(key)).with("secret", kSecret);
    const auto [status, token] = minter.mint(R"({"exp":1003600,"room":"a"})");
    EXPECT_EQ(status, Status::ok) << key;
    EXPECT_EQ(minter.identify(token).status, Status::ok) << key;
    World taker;
    taker.with("public_key_path", fixture_path(pub));
    EXPECT_EQ(taker.identify(token).status, Status::ok) << pub;
    SecretWorld stranger;
    EXPECT_EQ(stranger.identify(token).status, Status::unauthenticated) << "signed by the secret";
  }
}

TEST(Mint, RefusesWhatAreNoClaimsAndWithoutAKeyEverything) {
  SecretWorld world;
  for (const char* claims : {"", "null", "[]", "{", R"({"a":1,"a":2})", "{}x"}) {
    EXPECT_EQ(world.mint(claims).first, Status::malformed) << claims;
  }
  EXPECT_EQ(world.mint(R"({"a":")" + std::string(kMaxTokenBytes, 'x') + "\"}").first,
            Status::too_large);
  World reader;
  reader.with("public_key_path", fixture_path("rsa.pub.pem"));
  EXPECT_EQ(reader.mint("{}"), std::pair(Status::unsupported, std::string()));
}

}  // namespace
}  // namespace freshet::jwt
