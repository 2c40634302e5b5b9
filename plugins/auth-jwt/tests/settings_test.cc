// Every mistake in the settings, and the words a person reads about it.
#include <gtest/gtest.h>

#include "auth-jwt/limits.h"
#include "world.h"

namespace freshet::jwt {
namespace {

// What the log has after start-up failed.
std::string complaint(World& world) {
  EXPECT_EQ(world.create(), Status::malformed);
  return world.host.log();
}
std::string complaint(const std::string& key, const std::string& value) {
  World world;
  world.with(key, value);
  return complaint(world);
}

TEST(Settings, WithoutAnyKeyNothingStarts) {
  World world;
  EXPECT_EQ(complaint(world),
            "no key: give secret, secret_base64, public_key, public_key_path, signing_key, "
            "signing_key_path, jwks or pluv_secret\n");
}

TEST(Settings, ASecretHasThirtyTwoBytes) {
  EXPECT_EQ(complaint("secret", "too short"),
            "secret: 9 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n");
  EXPECT_EQ(complaint("secret", ""), "secret: it is empty (is the environment variable set?)\n");
  EXPECT_EQ(complaint("secret", std::string(31, 'x')),
            "secret: 31 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n");
  World world;
  world.with("secret", std::string(32, 'x'));
  EXPECT_EQ(world.create(), Status::ok);
}

TEST(Settings, ASecretInBase64HasThirtyTwoBytesToo) {
  EXPECT_EQ(complaint("secret_base64", "not base64 !"), "secret_base64: it is not base64\n");
  EXPECT_EQ(complaint("secret_base64", ""),
            "secret_base64: it is empty (is the environment variable set?)\n");
  EXPECT_EQ(complaint("secret_base64", "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="),
            "secret_base64: 31 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n");
  for (const char* good : {"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
                           "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"}) {
    World world;
    world.with("secret_base64", good);
    EXPECT_EQ(world.create(), Status::ok) << good;
  }
}

TEST(Settings, OneSecretIsGivenInOneForm) {
  World both;
  both.with("secret", kSecret).with("secret_base64", kSecret);
  EXPECT_EQ(complaint(both), "secret: give this or secret_base64, not both\n");
  World old;
  old.with("secret", kSecret).with_list("old_secrets", {kSecret, "short"});
  EXPECT_EQ(complaint(old),
            "old_secrets: number 2: 5 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n");
  World alone;
  alone.with_list("old_secrets", {kSecret});
  EXPECT_EQ(complaint(alone), "old_secrets: there is no secret that has replaced them\n");
}

TEST(Settings, APublicKeyIsOneOfOurs) {
  EXPECT_EQ(complaint("public_key", fixture("weak.pub.pem")),
            "public_key: an RSA key of 1024 bits; RS256 takes 2048 to 8192\n");
  EXPECT_EQ(complaint("public_key", fixture("p384.pub.pem")),
            "public_key: an elliptic curve key that is not on P-256; ES256 takes no other\n");
  EXPECT_EQ(complaint("public_key", fixture("pss.pub.pem")),
            "public_key: neither RSA, P-256 nor Ed25519\n");
  EXPECT_EQ(complaint("public_key", fixture("x25519.pub.pem")),
            "public_key: neither RSA, P-256 nor Ed25519\n");
  EXPECT_EQ(complaint("public_key", fixture("rsa.key.pem")),
            "public_key: a private key, where a public one belongs\n");
  EXPECT_EQ(complaint("public_key", "ssh-ed25519 AAAA"),
            "public_key: no -----BEGIN PUBLIC KEY----- block\n");
  EXPECT_EQ(complaint("public_key", ""), "public_key: it is empty\n");
  EXPECT_EQ(complaint("public_key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
            "public_key: a PUBLIC KEY block that cannot be read\n");
  std::string many;
  for (size_t i = 0; i <= kMaxKeys; ++i) many += fixture("ed.pub.pem");
  EXPECT_EQ(complaint("public_key", many), "public_key: more than 32 keys\n");
}

TEST(Settings, KeysAreCountedOverAllTheirSources) {
  std::string public_keys;
  for (size_t i = 0; i + 2 < kMaxKeys; ++i) public_keys += fixture("ed.pub.pem");
  World full;
  full.with("secret", kSecret).with("signing_key", fixture("ed.key.pem"));
  full.with("public_key", public_keys);
  EXPECT_EQ(full.create(), Status::ok) << full.host.log();
  World over;
  over.with("secret", kSecret).with("signing_key", fixture("ed.key.pem"));
  over.with("public_key", public_keys).with_list("old_secrets", {std::string(32, 'o')});
  EXPECT_EQ(complaint(over), "more than 32 keys\n");
}

TEST(Settings, AFileOfKeysIsNamedWithWhatIsWrongWithIt) {
  const std::string weak = fixture_path("weak.pub.pem");
  EXPECT_EQ(complaint("public_key_path", weak),
            "public_key_path: " + weak + ": an RSA key of 1024 bits; RS256 takes 2048 to 8192\n");
  EXPECT_EQ(complaint("public_key_path", "/nowhere/key.pem"),
            "public_key_path: /nowhere/key.pem: No such file or directory\n");
  EXPECT_EQ(complaint("public_key_path", "/dev/null"),
            "public_key_path: /dev/null: the file is empty\n");
  EXPECT_EQ(complaint("public_key_path", "/dev/zero"),
            "public_key_path: /dev/zero: more than 262144 bytes\n");
  EXPECT_EQ(complaint("public_key_path", "/"), "public_key_path: /: Is a directory\n");
  World both;
  both.with("public_key", fixture("ed.pub.pem")).with("public_key_path", weak);
  EXPECT_EQ(complaint(both), "public_key: give this or public_key_path, not both\n");
}

TEST(Settings, ASigningKeyIsAPrivateOneThatCanBeRead) {
  const std::string unreadable =
      "no -----BEGIN PRIVATE KEY----- block that can be read (not an encrypted one)\n";
  EXPECT_EQ(complaint("signing_key", fixture("rsa.pub.pem")), "signing_key: " + unreadable);
  EXPECT_EQ(complaint("signing_key", "x"), "signing_key: " + unreadable);
  const std::string encrypted = fixture_path("encrypted.key.pem");
  EXPECT_EQ(complaint("signing_key_path", encrypted),
            "signing_key_path: " + encrypted + ": " + unreadable);
  World both;
  both.with("signing_key", "x").with("signing_key_path", "y");
  EXPECT_EQ(complaint(both), "signing_key: give this or signing_key_path, not both\n");
}

TEST(Settings, AKeySetHasKeysForUs) {
  const auto of = [](const std::string& name) {
    const std::string path = fixture_path(name);
    std::string log = complaint("jwks", path);
    return log.substr(std::min(log.size(), ("jwks: " + path + ": ").size()));
  };
  EXPECT_EQ(of("weak.jwks.json"), "key 1: an RSA key of 1024 bits; RS256 takes 2048 to 8192\n");
  EXPECT_EQ(of("others.jwks.json"), "no key for HS256, EdDSA, RS256 or ES256\n");
  EXPECT_EQ(of("off-curve.jwks.json"), "key 1: its members are missing or damaged\n");
  EXPECT_EQ(of("rsa.pub.pem"), "not a JSON Web Key Set\n");
  EXPECT_EQ(of("missing.json"), "No such file or directory\n");
}

TEST(Settings, AClaimHasAName) {
  for (const char* key : {"room_claim", "permission_claim", "user_claim"}) {
    SecretWorld world;
    world.with(key, "");
    EXPECT_EQ(complaint(world), std::string(key) + ": a claim has a name\n");
  }
}

TEST(Settings, AKeyIdIsShort) {
  SecretWorld world;
  world.with("key_id", std::string(kMaxKeyIdBytes + 1, 'k'));
  EXPECT_EQ(complaint(world), "key_id: longer than 128 bytes\n");
}

TEST(Settings, ARouteForTokensIsAPath) {
  SecretWorld world;
  world.with("token_route", "").with("pluv_token_route", "tokens/");
  EXPECT_EQ(complaint(world),
            "token_route: \"\" must begin with '/'\n"
            "pluv_token_route: \"tokens/\" must begin with '/'\n");
  SecretWorld none;
  none.with("pluv_token_route", "");
  EXPECT_EQ(none.create(), Status::ok) << none.host.log();
}

TEST(Settings, AFileHasAName) {
  for (const char* key : {"public_key_path", "signing_key_path", "jwks"}) {
    EXPECT_EQ(complaint(key, ""), std::string(key) + ": names no file\n");
  }
}

TEST(Settings, EveryMistakeIsTold) {
  World world;
  world.with("secret", "short").with("user_claim", "").with("public_key", "").with("api_key", "k");
  EXPECT_EQ(complaint(world),
            "user_claim: a claim has a name\n"
            "secret: 5 bytes; HS256 needs at least 32 (openssl rand -base64 32)\n"
            "public_key: it is empty\n"
            "api_key: shorter than 32 bytes (openssl rand -base64 32)\n"
            "api_key: there is no pluv_secret to make tokens with\n");
}

TEST(Settings, NoMessageRepeatsASecret) {
  for (const char* key : {"secret", "secret_base64", "signing_key"}) {
    EXPECT_EQ(complaint(key, "hunter2").find("hunter2"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace freshet::jwt
