// Encrypted tokens: those of others' making, ours, and what is none; and asking for one over HTTP.
#include "auth-jwt/token/pluv_token.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "world.h"

namespace freshet::jwt {
namespace {

using Json = nlohmann::json;

constexpr const char* kPluvSecret = "a secret of the fixtures";
// Made by node's crypto with that secret: iv 1 to 12, for room a and user ann, for 60 s from kNow.
const std::string kToken =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AQIDBAUGBwgJCgsM."
    "97ykkFnVonG08fjCKwIQDgiYxSKI5m9JKgCMZTs6dyBPUt4BepycJC79oFPR4f6x8c5Q8siEhzD3_6rnstL954g3Qr-"
    "gMKdb"
    "HF_krDPWQOY_B3YLvxxX4cm-29Fn2P-Z7vL637FkMQ.yZ2GZF2DU4FN4_Z4ouCUHg";

std::string hex(Bytes bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

struct PluvWorld : World {
  PluvWorld() { with("pluv_secret", kPluvSecret); }

  std::string sealed(const Json& claims) {
    return *PluvKey::of_secret(kPluvSecret)->seal(claims.dump());
  }
};

const Json kClaims = {{"room", "a"}, {"user", {{"id", "ann"}}}, {"exp", 1'000'060}};

TEST(PluvToken, TheKeyIsThatOfNodesHkdf) {
  EXPECT_EQ(hex(PluvKey::of_secret(kPluvSecret)->bytes()),
            "bb9291585c14c1e303417f4f4e9c3465dec876a79a581bb791d92d58613edf7c");
}

TEST(PluvToken, ATokenOfAnotherHandLetsItsBearerWrite) {
  PluvWorld world;
  const Answered ann = world.identify(kToken);
  EXPECT_EQ(ann.status, Status::ok) << world.host.log();
  EXPECT_EQ(Json::parse(ann.user), (Json{{"id", "ann"}, {"name", "Zoë 😀"}}));
  EXPECT_EQ(ann.permission, FRESHET_READ_WRITE);
  EXPECT_EQ(ann.expires_ms, 0u) << "it is for coming in, and does not end the session";
}

TEST(PluvToken, IsForItsRoomAndItsTime) {
  PluvWorld world;
  EXPECT_EQ(world.identify(kToken, "b").status, Status::denied);
  EXPECT_EQ(world.identify(kToken, "a", kNow + 89'999).status, Status::ok) << "leeway";
  EXPECT_EQ(world.identify(kToken, "a", kNow + 90'000).status, Status::unauthenticated);
  EXPECT_EQ(world.identify(world.sealed({{"room", "a"}, {"user", {{"id", "ann"}}}})).status,
            Status::unauthenticated)
      << "without an end";
}

// pluv compares names: a room that somebody called "**" is no key to all others.
TEST(PluvToken, IsForTheRoomOfThatNameAndForNoneThatItsNameWouldMatch) {
  PluvWorld world;
  for (const char* name : {"**", "*", "secret*", "s**"}) {
    Json claims = kClaims;
    claims["room"] = name;
    const std::string token = world.sealed(claims);
    EXPECT_EQ(world.identify(token, "secret-room").status, Status::denied) << name;
    EXPECT_EQ(world.identify(token, name).status, Status::ok) << name;
  }
}

TEST(PluvToken, MaySayThatItsBearerOnlyReads) {
  PluvWorld world;
  Json claims = kClaims;
  claims["permission"] = "read";
  EXPECT_EQ(world.identify(world.sealed(claims)).permission, FRESHET_READ_ONLY);
}

TEST(PluvToken, ChangedAnywhereItIsNone) {
  PluvWorld world;
  for (size_t i = 0; i < kToken.size(); ++i) {
    std::string changed = kToken;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(world.identify(changed).status, Status::unauthenticated) << i;
  }
  for (const std::string& odd : {kToken + ".", "." + kToken, kToken.substr(1), std::string("...."),
                                 std::string(kMaxTokenBytes, 'A') + "....", kToken + "A"}) {
    EXPECT_EQ(world.identify(odd).status, Status::unauthenticated) << odd;
  }
}

TEST(PluvToken, OfAnotherSecretOrAnotherKindItIsNone) {
  World other;
  other.with("pluv_secret", "another secret");
  EXPECT_EQ(other.identify(kToken).status, Status::unauthenticated);
  SecretWorld signed_only;
  EXPECT_EQ(signed_only.identify(kToken).status, Status::unauthenticated);

  PluvWorld world;
  for (const char* header :
       {R"({"alg":"dir","enc":"A128CBC-HS256"})", R"({"alg":"none","enc":"A256GCM"})",
        R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})",
        R"({"alg":"dir","enc":"A256GCM","crit":["x"]})", "{}", "x"}) {
    const std::string token =
        to_base64url(as_bytes(std::string_view(header))) + kToken.substr(kToken.find('.'));
    EXPECT_EQ(world.identify(token).status, Status::unauthenticated) << header;
  }
}

TEST(PluvToken, SignedTokensAreStillTakenBesideThem) {
  PluvWorld world;
  world.with("secret", kSecret);
  EXPECT_EQ(world.identify(node_token("HS256")).status, Status::ok);
  EXPECT_EQ(world.identify(kToken).status, Status::ok);
}

TEST(PluvToken, WhatIsMintedComesIn) {
  PluvWorld world;
  ASSERT_EQ(world.create(), Status::ok);
  testing::Answer answer;
  const auto* table = world.table->table();
  table->mint_as(table->self, to_c(std::string_view("pluv")),
                 to_c(std::string_view(kClaims.dump())), answer.reply());
  ASSERT_EQ(answer.wait(), Status::ok);
  const std::string token = answer.find(FRESHET_AUTH_TOKEN)->text();
  EXPECT_EQ(world.identify(token).status, Status::ok);
  std::string why;
  const Json claims = Json::parse(*PluvKey::of_secret(kPluvSecret)->open(token, why));
  EXPECT_EQ(claims.at("sub"), "a|ann");
  EXPECT_EQ(claims.at("jti").get<std::string>().size(), 36u);
  for (const auto& [kind, text] : {std::pair{"pluv", "{}"}, {"pluv", "[]"}, {"other", "{}"}}) {
    testing::Answer refused;
    table->mint_as(table->self, to_c(std::string_view(kind)), to_c(std::string_view(text)),
                   refused.reply());
    EXPECT_NE(refused.wait(), Status::ok);
  }
}

TEST(PluvToken, SettingsThatMakeNoSenseAreSaid) {
  World empty;
  EXPECT_EQ(empty.with("pluv_secret", "").create(), Status::malformed);
  World lonely;
  lonely.with("secret", kSecret).with("api_key", std::string(32, 'k'));
  EXPECT_EQ(lonely.create(), Status::malformed);
  EXPECT_TRUE(lonely.host.logged("pluv_secret"));
  PluvWorld weak;
  EXPECT_EQ(weak.with("api_key", "short").create(), Status::malformed);
  PluvWorld fine;
  EXPECT_EQ(fine.create(), Status::ok);
  EXPECT_TRUE(fine.host.logged("guess")) << "a short secret is pluv's choice, and told";
}

// Vectors of pluv's own making, where they are at hand.
TEST(PluvToken, OpensTheVectorsOfTheCorpora) {
  const char* corpora = std::getenv("FRESHET_CORPORA");
  const std::string path =
      std::string(corpora ? corpora : "") + "/reference/pluv/token-vectors.json";
  if (corpora == nullptr || !std::filesystem::exists(path)) {
    GTEST_SKIP() << "FRESHET_CORPORA names no folder with reference/pluv";
  }
  size_t seen = 0;
  for (const Json& vector : Json::parse(read_all(path))) {
    const auto key = PluvKey::of_secret(vector.at("secret").get<std::string>());
    EXPECT_EQ(hex(key->bytes()), vector.at("hkdfKeyHex").get<std::string>());
    std::string why;
    const auto claims = key->open(vector.at("token").get<std::string>(), why);
    ASSERT_TRUE(claims) << why;
    EXPECT_EQ(*claims, vector.at("payload").get<std::string>());
    ++seen;
  }
  EXPECT_GT(seen, 0u);
}

// ---- over HTTP

class Clock final {
 public:
  Clock() {
    c_.size = sizeof(c_);
    c_.unix_ms = [](void*) -> uint64_t { return kNow; };
  }
  const freshet_platform* table() const { return &c_; }

 private:
  freshet_platform c_{};
};

struct RouteWorld : PluvWorld {
  RouteWorld() {
    with("api_key", kKey);
    host.offer(FRESHET_PLATFORM_ID, clock.table());
    EXPECT_EQ(create(), Status::ok);
    http = std::make_unique<Bound<Http>>(*auth, host.host());
  }

  // The HTTP status and the body; 0 if it failed.
  std::pair<uint64_t, std::string> ask(std::string_view body, std::string_view key = kKey,
                                       std::string_view method = "POST") {
    const std::string bearer = "Bearer " + std::string(key);
    const freshet_header header{to_c(std::string_view("authorization")),
                                to_c(std::string_view(bearer))};
    freshet_request request{};
    request.size = sizeof(request);
    request.method = to_c(method);
    request.headers = &header;
    request.header_count = key.empty() ? 0 : 1;
    request.body = to_c(as_bytes(body));
    testing::Answer answer;
    http->table()->answer(http->table()->self, &request, answer.reply());
    if (answer.wait() != Status::ok) return {0, ""};
    return {answer.find(FRESHET_HTTP_STATUS)->number, answer.find(FRESHET_HTTP_BODY)->text()};
  }

  static constexpr std::string_view kKey = "an api key that is as long as it must be";
  Clock clock;
  std::unique_ptr<Bound<Http>> http;
};

TEST(TokenRoute, GivesATokenThatComesIn) {
  RouteWorld world;
  const auto [status, token] = world.ask(R"({"room":"a","user":{"id":"ann"},"maxAge":10000})");
  ASSERT_EQ(status, 200u) << token;
  EXPECT_EQ(world.identify(token, "a", kNow + 39'999).status, Status::ok);
  EXPECT_EQ(world.identify(token, "a", kNow + 40'000).status, Status::unauthenticated);
  const auto [again, usual] = world.ask(R"({"room":"a","user":{"id":"ann"}})");
  ASSERT_EQ(again, 200u);
  EXPECT_EQ(world.identify(usual, "a", kNow + 89'999).status, Status::ok);
}

TEST(TokenRoute, GivesATokenForTheRoomOfThatNameAlone) {
  RouteWorld world;
  const auto [status, token] = world.ask(R"({"room":"a*","user":{"id":"ann"}})");
  ASSERT_EQ(status, 200u) << token;
  EXPECT_EQ(world.identify(token, "a*").status, Status::ok);
  EXPECT_EQ(world.identify(token, "ab").status, Status::denied);
}

TEST(TokenRoute, TakesWhatPluvsBackendsSend) {
  RouteWorld world;
  Json body = {{"maxAge", nullptr},
               {"publicKey", "pk"},
               {"room", "a"},
               {"secretKey", RouteWorld::kKey},
               {"user", {{"id", "ann"}}}};
  EXPECT_EQ(world.ask(body.dump(), "").first, 200u);
  body["secretKey"] = "sk";
  EXPECT_EQ(world.ask(body.dump(), "").first, 401u);
}

TEST(TokenRoute, AsksForTheKeyFirstAndThenForSense) {
  RouteWorld world;
  EXPECT_EQ(world.ask("{}", "wrong").first, 401u);
  EXPECT_EQ(world.ask("{}", "").first, 401u);
  EXPECT_EQ(world.ask("{}", RouteWorld::kKey, "GET").first, 405u);
  for (const char* body : {"", "[]", "{}", R"({"room":"a"})", R"({"room":"","user":{"id":"ann"}})",
                           R"({"room":"a","user":{}})", R"({"room":"a","user":{"id":1}})",
                           R"({"room":"a","user":{"id":"ann"},"maxAge":"1"})",
                           R"({"room":"a","user":{"id":"ann"},"maxAge":-1})",
                           R"({"room":"a","user":{"id":"ann"},"maxAge":1e300})"}) {
    EXPECT_EQ(world.ask(body).first, 400u) << body;
  }
  const std::string large = R"({"room":"a","user":{"id":")" + std::string(20'000, 'x') + "\"}}";
  EXPECT_EQ(world.ask(large).first, 400u);
}

TEST(TokenRoute, IsNotThereWithoutAKey) {
  const auto routes_of = [](World& world) {
    EXPECT_EQ(world.create(), Status::ok);
    std::string routes;
    const ItemSink sink([&](Bytes route) {
      routes += std::string(as_text(route)) + " ";
      return Status::ok;
    });
    EXPECT_EQ(world.auth->routes(Sink(sink.c())), Status::ok);
    return routes;
  };
  PluvWorld none;
  EXPECT_EQ(routes_of(none), "");
  PluvWorld some;
  some.with("api_key", RouteWorld::kKey);
  EXPECT_EQ(routes_of(some), "/api/tokens /api/room/token ");
}

}  // namespace
}  // namespace freshet::jwt
