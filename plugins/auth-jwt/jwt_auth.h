// jwt_auth.h: JSON Web Tokens as a freshet::Auth. docs/auth-jwt.md is for those who issue them.
#pragma once

#include "auth-jwt/settings.h"
#include "auth-jwt/token/claims.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::jwt {

// Immutable but for the JWKS file, which has its own lock: any number of workers use it at once.
class JwtAuth final : public Auth, public Http {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::secret(setting::text("secret", nullptr, "HS256: the secret, 32 bytes or more.")),
      setting::secret(setting::text("secret_base64", nullptr, "HS256: the secret as base64.")),
      setting::secret(setting::list(
          "old_secrets",
          "HS256: secrets whose tokens are still taken, in the form of the new one.")),
      setting::text("public_key", nullptr, "RS256, ES256, EdDSA: one or more PUBLIC KEY blocks."),
      setting::text("public_key_path", nullptr, "The same, as a file."),
      setting::text("jwks", nullptr, "A JSON Web Key Set, as a file; read again when it changes."),
      setting::secret(setting::text("signing_key", nullptr,
                                    "A PRIVATE KEY block that tokens are minted with.")),
      setting::text("signing_key_path", nullptr, "The same, as a file."),
      setting::text("key_id", "", "The kid of secret and signing_key; left out: none."),
      setting::integer("leeway_ms", "30 s", 0, 600'000, "ms",
                       "How far the issuer's clock may be off."),
      setting::boolean("exp_required", "true", "Refuse tokens that never expire."),
      setting::list("audience", "aud must be one of these; left out: it may be anything."),
      setting::list("issuer", "iss must be one of these; left out: it may be anything."),
      setting::text("room_claim", "room", "The claim that names the rooms."),
      setting::boolean("room_required", "true", "Refuse tokens without that claim."),
      setting::boolean("room_patterns", "true",
                       "\"*\" and \"**\" in that claim stand for any text; else for themselves."),
      setting::text("permission_claim", "permission", "The claim that says read or read-write."),
      setting::choice("default_permission", "read-only", "read-only|read-write",
                      "What a token without that claim may do."),
      setting::text("user_claim", "user", "The claim with the user, an object with an id."),
      setting::secret(setting::text("pluv_secret", nullptr,
                                    "Encrypted tokens of pluv: the secret that pluv's "
                                    "authorize has.")),
      setting::secret(setting::text("api_key", nullptr,
                                    "Who has it may ask for pluv tokens over HTTP; left out: "
                                    "nobody.")),
      setting::text("token_route", "/api/tokens", "Where pluv tokens are asked for."),
      setting::text("pluv_token_route", "/api/room/token",
                    "The same, where pluv's backends ask; empty: nowhere."),
  };
  static constexpr About kAbout{
      .id = "auth-jwt",
      .version = kPluginVersion,
      .summary = "Identifies users by JSON Web Tokens: HS256, EdDSA, RS256, ES256, and pluv's.",
      .settings = kSettings,
  };

  static Settings read_settings(Given given, Faults& faults) {
    return Settings::read(given, faults);
  }
  // Fails, having logged why, if a file of keys is not there or not good.
  static Result<std::unique_ptr<JwtAuth>> create(Host host, Settings settings);

  Status identify(const freshet_auth_request& request, Reply out) override;
  Status mint(std::string_view claims_json, Reply out) override;
  Status mint_as(std::string_view kind, std::string_view claims_json, Reply out) override;

  Status routes(Sink out) override;
  Status answer(const freshet_request& request, Reply out) override;

 private:
  JwtAuth(Host host, Settings settings);

  // Who the token says it is, if it can be believed.
  std::variant<Identity, Refusal> identify(std::string_view token, std::string_view room,
                                           uint64_t now_ms) const;
  // The same of one that decrypts. Pluv's own server asks for less than a signed token must say.
  std::variant<Identity, Refusal> identify_encrypted(std::string_view token, std::string_view room,
                                                     uint64_t now_ms) const;
  Status refuse(const freshet_auth_request& request, const Refusal& refusal) const;

  Host host_;
  const Settings settings_;
  const Policy pluv_policy_;
  const freshet_platform* clock_;  // null: no platform was loaded before
  Metric accepted_, refused_;
};

}  // namespace freshet::jwt
