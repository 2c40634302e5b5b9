// What a good signature is worth: times, audience, rooms, permission, user.
#include <gtest/gtest.h>

#include "auth-jwt/limits.h"
#include "world.h"

namespace freshet::jwt {
namespace {

constexpr uint64_t kSecond = 1000;

// Claims of somebody who may read room "a" for an hour, and more.
std::string claims(const std::string& more) {
  return R"({"exp":1003600,"room":"a")" + (more.empty() ? "" : "," + more) + "}";
}

TEST(Times, ATokenIsGoodUntilItsExpAndALeeway) {
  SecretWorld world;
  const std::string text = R"({"exp":1000,"room":"a"})";
  EXPECT_EQ(world.judged(text, "a", 999 * kSecond).expires_ms, 1030 * kSecond);
  EXPECT_EQ(world.judged(text, "a", 1030 * kSecond - 1).status, Status::ok);
  EXPECT_EQ(world.judged(text, "a", 1030 * kSecond).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("it expired 30 s ago")) << world.host.log();

  SecretWorld strict;
  strict.with("leeway", int64_t{0});
  EXPECT_EQ(strict.judged(text, "a", 1000 * kSecond - 1).status, Status::ok);
  EXPECT_EQ(strict.judged(text, "a", 1000 * kSecond).status, Status::unauthenticated);
}

TEST(Times, OnlyATokenThatWouldDoButForItsAgeIsSaidToHaveExpired) {
  SecretWorld world;
  world.with_list("issuer", {"us"});
  const uint64_t later = 9'000 * kSecond;
  EXPECT_TRUE(world.judged(R"({"exp":1000,"room":"a","iss":"us"})", "a", later).expired);
  for (const char* wrong :
       {R"({"exp":1000,"room":"b","iss":"us"})", R"({"exp":1000,"room":"a","iss":"them"})",
        R"({"exp":"soon","room":"a","iss":"us"})",
        R"({"exp":1000,"room":"a","iss":"us","permission":"all"})"}) {
    const Answered answered = world.judged(wrong, "a", later);
    EXPECT_FALSE(answered.expired) << wrong;
    EXPECT_NE(answered.status, Status::ok) << wrong;
  }
  std::string forged = world.mint(R"({"exp":1000,"room":"a","iss":"us"})").second;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(world.identify(forged, "a", later).expired);
}

TEST(Times, AnExpMayHaveAFractionOrBeForEver) {
  SecretWorld world;
  world.with("leeway", int64_t{0});
  EXPECT_EQ(world.judged(R"({"exp":1000.5,"room":"a"})", "a", 1'000'499).expires_ms, 1'000'500u);
  EXPECT_EQ(world.judged(R"({"exp":1000.5,"room":"a"})", "a", 1'000'500).status,
            Status::unauthenticated);
  EXPECT_EQ(world.judged(R"({"exp":9007199254740991,"room":"a"})").expires_ms,
            9'000'000'000'000'000u);
  EXPECT_EQ(world.judged(R"({"exp":1e300,"room":"a"})").status, Status::ok);
  EXPECT_EQ(world.judged(R"({"exp":-1e300,"room":"a"})").status, Status::unauthenticated);
}

TEST(Times, ATokenIsNotGoodBeforeItsNbfNorIssuedTomorrow) {
  for (const char* name : {"nbf", "iat"}) {
    const std::string text = R"({"exp":5000,"room":"a",")" + std::string(name) + "\":2000}";
    SecretWorld world;
    EXPECT_EQ(world.judged(text, "a", 1970 * kSecond - 1).status, Status::unauthenticated) << name;
    EXPECT_EQ(world.judged(text, "a", 1970 * kSecond).status, Status::ok) << name;
  }
  SecretWorld world;
  EXPECT_EQ(world.judged(claims(R"("nbf":1000100)")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("it is not valid before 100 s from now"));
  EXPECT_EQ(world.judged(claims(R"("iat":1000100)")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("it was issued 100 s in the future"));
}

TEST(Times, AnExpIsRequiredUnlessTheOperatorSaysOtherwise) {
  SecretWorld world;
  EXPECT_EQ(world.judged(R"({"room":"a"})").status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("it has no exp"));
  SecretWorld lax;
  lax.with("exp_required", int64_t{0});
  const Answered answered = lax.judged(R"({"room":"a"})");
  EXPECT_EQ(answered.status, Status::ok);
  EXPECT_EQ(answered.items, 1u) << "the permission, and no time at which the session ends";
}

TEST(Times, ATimeIsANumber) {
  SecretWorld world;
  for (const char* text : {R"({"exp":"1003600","room":"a"})", R"({"exp":null,"room":"a"})",
                           R"({"exp":[1003600],"room":"a"})", R"({"exp":true,"room":"a"})"}) {
    EXPECT_EQ(world.judged(text).status, Status::unauthenticated) << text;
  }
  EXPECT_TRUE(world.host.logged("its exp is not a time"));
  EXPECT_EQ(world.judged(claims(R"("nbf":"0")")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("its nbf is not a time"));
  EXPECT_EQ(world.judged(claims(R"("iat":{})")).status, Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("its iat is not a time"));
}

TEST(Audience, OneOfTheTokensMustBeOneOfOurs) {
  SecretWorld any;
  EXPECT_EQ(any.judged(claims(R"("aud":"whoever")")).status, Status::ok);
  SecretWorld world;
  world.with_list("audience", {"docs", "wiki"});
  EXPECT_EQ(world.judged(claims(R"("aud":"wiki")")).status, Status::ok);
  EXPECT_EQ(world.judged(claims(R"("aud":["mail","docs"])")).status, Status::ok);
  for (const char* aud : {R"("aud":"mail")", R"("aud":["mail"])", R"("aud":[])", R"("aud":7)",
                          R"("aud":["docs",7])", R"("aud":{"docs":1})", R"("aud":"doc")", ""}) {
    EXPECT_EQ(world.judged(claims(aud)).status, Status::unauthenticated) << aud;
  }
  EXPECT_TRUE(world.host.logged("its aud is another"));
}

TEST(Issuer, MustBeOneOfOurs) {
  SecretWorld any;
  EXPECT_EQ(any.judged(claims(R"("iss":"whoever")")).status, Status::ok);
  SecretWorld world;
  world.with_list("issuer", {"https://id.example", "b"});
  EXPECT_EQ(world.judged(claims(R"("iss":"https://id.example")")).status, Status::ok);
  for (const char* iss : {R"("iss":"https://id.example.evil")", R"("iss":7)", ""}) {
    EXPECT_EQ(world.judged(claims(iss)).status, Status::unauthenticated) << iss;
  }
  EXPECT_TRUE(world.host.logged("its iss is another's"));
}

TEST(Rooms, ATokenIsForTheRoomsItNames) {
  SecretWorld world;
  const auto in = [&](const char* room_claim, std::string_view room) {
    return world.judged(R"({"exp":1003600,"room":)" + std::string(room_claim) + "}", room).status;
  };
  EXPECT_EQ(in(R"("a")", "a"), Status::ok);
  EXPECT_EQ(in(R"("a")", "b"), Status::denied);
  EXPECT_EQ(in(R"("a")", "a/b"), Status::denied);
  EXPECT_EQ(in(R"("a")", ""), Status::denied);
  EXPECT_EQ(in(R"(["x","team/*"])", "team/plan"), Status::ok);
  EXPECT_EQ(in(R"(["x","team/*"])", "team/plan/old"), Status::denied);
  EXPECT_EQ(in(R"("**")", "team/plan/old"), Status::ok);
  EXPECT_EQ(in(R"([])", "a"), Status::denied);
  EXPECT_EQ(in(R"("größe/🌊")", "größe/🌊"), Status::ok);
  EXPECT_TRUE(world.host.logged("(denied): it is for another room")) << world.host.log();
}

// For applications whose users name the rooms.
TEST(Rooms, ANameIsNoPatternIfTheOperatorSaysSo) {
  SecretWorld world;
  world.with("room_patterns", int64_t{0});
  for (const char* name : {"*", "**", "s*"}) {
    const std::string claims = R"({"exp":1003600,"room":["x",")" + std::string(name) + "\"]}";
    EXPECT_EQ(world.judged(claims, "secret").status, Status::denied) << name;
    EXPECT_EQ(world.judged(claims, name).status, Status::ok) << name;
  }
}

TEST(Rooms, AClaimThatIsNoListOfRoomsIsForNone) {
  SecretWorld world;
  std::string many = "[\"a\"";
  for (size_t i = 0; i < kMaxRoomPatterns; ++i) many += ",\"b\"";
  const std::string values[] = {
      "7",          "null",       "true",     "{}",
      R"(["a",7])", R"([["a"]])", many + "]", "\"" + std::string(kMaxPatternBytes + 1, '*') + "\""};
  for (const std::string& value : values) {
    EXPECT_EQ(world.judged(R"({"exp":1003600,"room":)" + value + "}").status, Status::denied)
        << value;
  }
  EXPECT_TRUE(world.host.logged("its \"room\" is neither a text nor a list of up to 64 texts"));
}

TEST(Rooms, TheClaimIsRequiredUnlessTheOperatorSaysOtherwise) {
  SecretWorld world;
  EXPECT_EQ(world.judged(R"({"exp":1003600})").status, Status::denied);
  EXPECT_TRUE(world.host.logged("it has no \"room\""));
  SecretWorld lax;
  lax.with("room_required", int64_t{0});
  EXPECT_EQ(lax.judged(R"({"exp":1003600})").status, Status::ok);
  EXPECT_EQ(lax.judged(R"({"exp":1003600,"room":"b"})").status, Status::denied);
  SecretWorld renamed;
  renamed.with("room_claim", "https://id.example/doc");
  EXPECT_EQ(renamed.judged(R"({"exp":1003600,"https://id.example/doc":"a"})").status, Status::ok);
  EXPECT_EQ(renamed.judged(R"({"exp":1003600,"room":"a"})").status, Status::denied);
}

TEST(Permission, IsWhatTheClaimSaysElseTheDefault) {
  SecretWorld world;
  const auto permission = [&](const char* value) {
    return world.judged(claims("\"permission\":" + std::string(value))).permission;
  };
  EXPECT_EQ(permission(R"("read")"), uint64_t{FRESHET_READ_ONLY});
  EXPECT_EQ(permission(R"("read-only")"), uint64_t{FRESHET_READ_ONLY});
  EXPECT_EQ(permission(R"("write")"), uint64_t{FRESHET_READ_WRITE});
  EXPECT_EQ(permission(R"("read-write")"), uint64_t{FRESHET_READ_WRITE});
  EXPECT_EQ(world.judged(claims("")).permission, uint64_t{FRESHET_READ_ONLY});
  for (const char* value : {R"("")", R"("admin")", R"("READ")", "1", "null", R"(["read"])"}) {
    EXPECT_EQ(world.judged(claims("\"permission\":" + std::string(value))).status, Status::denied)
        << value;
  }
  EXPECT_TRUE(world.host.logged("its \"permission\" is neither \"read\" nor \"read-write\""));

  SecretWorld trusting;
  trusting.with("default_permission", "read-write").with("permission_claim", "may");
  EXPECT_EQ(trusting.judged(claims("")).permission, uint64_t{FRESHET_READ_WRITE});
  EXPECT_EQ(trusting.judged(claims(R"("may":"read")")).permission, uint64_t{FRESHET_READ_ONLY});
}

TEST(User, IsTheClaimElseTheSubjectElseNobody) {
  SecretWorld world;
  const auto user = [&](const char* more) { return world.judged(claims(more)).user; };
  EXPECT_EQ(user(R"("user":{"id":"ann","name":"Ann"},"sub":"x")"), R"({"id":"ann","name":"Ann"})");
  EXPECT_EQ(user(R"("sub":"größe \"x\"")"), R"({"id":"größe \"x\""})");
  EXPECT_EQ(user(R"("sub":"")"), "");
  EXPECT_EQ(user(""), "");
  for (const char* bad : {R"("user":"ann")", R"("user":{})", R"("user":{"id":""})",
                          R"("user":{"id":7})", R"("user":null)", R"("user":["id"])"}) {
    EXPECT_EQ(world.judged(claims(bad)).status, Status::unauthenticated) << bad;
  }
  EXPECT_TRUE(world.host.logged("its \"user\" is not an object with an \"id\" of text"));
  SecretWorld renamed;
  renamed.with("user_claim", "who");
  EXPECT_EQ(renamed.judged(claims(R"("who":{"id":"b"},"user":7)")).user, R"({"id":"b"})");
}

TEST(User, IsBounded) {
  SecretWorld world;
  const auto of_size = [&](size_t size) {
    return world.judged(claims(R"("user":{"id":")" + std::string(size - 9, 'x') + "\"}")).status;
  };
  EXPECT_EQ(of_size(kMaxUserBytes), Status::ok);
  EXPECT_EQ(of_size(kMaxUserBytes + 1), Status::unauthenticated);
  EXPECT_TRUE(world.host.logged("its user is longer than 4096 bytes"));
}

TEST(Claims, AreAnObjectWithNoClaimTwice) {
  std::string why;
  const auto key = Key::hmac(as_bytes(kSecret), "", why);
  ASSERT_TRUE(key);
  std::string deep = R"({"exp":1003600,"room":"a","x":)";
  for (size_t i = 0; i < kMaxJsonDepth; ++i) deep += "[";
  deep += std::string(kMaxJsonDepth, ']') + "}";
  const std::string texts[] = {"",
                               "[]",
                               "7",
                               "{",
                               "{}{}",
                               std::string("{}\0", 3),
                               R"({"exp":1003600,"room":"b","room":"a"})",
                               R"({"exp":1003600,"room":"a","exp":1003600})",
                               R"({"exp":1003600,"room":"a","user":{"id":"a","id":"b"}})",
                               R"({"exp":1003600,"room":"a","\u0072oom":"a"})",
                               "{\"room\":\"\xff\"}",
                               "\xef\xbb\xbf{\"exp\":1003600,\"room\":\"a\"}",
                               deep};
  SecretWorld world;
  for (const std::string& text : texts) {
    const auto token = write_token(*key, text);
    ASSERT_TRUE(token);
    EXPECT_EQ(world.identify(*token).status, Status::unauthenticated) << text;
  }
  EXPECT_TRUE(world.host.logged("its claims are no object, or have one claim twice"));
}

}  // namespace
}  // namespace freshet::jwt
