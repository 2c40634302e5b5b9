#include "auth-jwt/settings.h"

#include <sodium.h>

#include "auth-jwt/limits.h"
#include "freshet/format/route.h"

namespace freshet::jwt {
namespace {

Policy read_policy(Given given, Faults& faults) {
  for (const char* key : {"room_claim", "permission_claim", "user_claim"}) {
    if (given.text(key).empty()) faults.add(key, "a claim has a name");
  }
  return {
      .leeway_ms = given.number("leeway_ms"),
      .exp_required = given.flag("exp_required"),
      .audience = given.list("audience"),
      .issuer = given.list("issuer"),
      .room_claim = std::string(given.text("room_claim")),
      .room_required = given.flag("room_required"),
      .room_names = given.flag("room_patterns") ? RoomNames::patterns : RoomNames::exact,
      .permission_claim = std::string(given.text("permission_claim")),
      .default_permission =
          given.text("default_permission") == "read-write" ? FRESHET_READ_WRITE : FRESHET_READ_ONLY,
      .user_claim = std::string(given.text("user_claim")),
  };
}

std::optional<PluvKey> read_pluv_key(Given given, Faults& faults) {
  if (!given.has("pluv_secret")) return std::nullopt;
  const std::string_view secret = given.text("pluv_secret");
  if (secret.empty()) {
    faults.add("pluv_secret", "it is empty (is the environment variable set?)");
    return std::nullopt;
  }
  auto key = PluvKey::of_secret(secret);
  if (!key) faults.add("pluv_secret", "OpenSSL makes no key of it");
  return key;
}

std::string read_api_key(Given given, Faults& faults) {
  if (!given.has("api_key")) return {};
  std::string key(given.text("api_key"));
  if (key.size() < kMinSecretBytes) {
    faults.add("api_key", "shorter than 32 bytes (openssl rand -base64 32)");
  }
  if (!given.has("pluv_secret")) {
    faults.add("api_key", "there is no pluv_secret to make tokens with");
  }
  return key;
}

}  // namespace

Settings Settings::read(Given given, Faults& faults) {
  // Reading keys wants it. Whether it has started is for create() to say.
  (void)!sodium_init();
  return {
      .policy = read_policy(given, faults),
      .keys = KeyRing::read(given, faults),
      .pluv = read_pluv_key(given, faults),
      .api_key = read_api_key(given, faults),
      .token_route = read_route(given, "token_route", faults),
      .pluv_token_route = read_route(given, "pluv_token_route", faults, EmptyRoute::is_none),
  };
}

}  // namespace freshet::jwt
