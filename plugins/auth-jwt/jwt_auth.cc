#include "auth-jwt/jwt_auth.h"

#include <sodium.h>

#include <array>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/json_object.h"
#include "auth-jwt/token/token.h"
#include "auth-jwt/token_route.h"
#include "freshet/format/request.h"

namespace freshet::jwt {
namespace {

// Pluv's tokens say nothing of permission, audience or issuer; their room is a name, stars and all.
Policy pluv_policy(Policy policy) {
  policy.audience.clear();
  policy.issuer.clear();
  policy.room_claim = "room";
  policy.room_required = true;
  policy.room_names = RoomNames::exact;
  policy.user_claim = "user";
  policy.permission_claim = "permission";
  policy.default_permission = FRESHET_READ_WRITE;
  return policy;
}

// What a secret must have so that nobody guesses it from a token they hold.
constexpr size_t kGoodSecretBytes = 32;

// A random UUID (RFC 4122, version 4).
std::string random_id() {
  std::array<uint8_t, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
  }
  return out;
}

// A peer's text for a log line: short, and without line ends or bytes that are no text.
std::string quoted(std::string_view text) {
  const nlohmann::json value = std::string(text.substr(0, kMaxQuotedBytes));
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Result<std::unique_ptr<JwtAuth>> JwtAuth::create(Host host, Settings settings) {
  if (sodium_init() < 0) {
    host.error("libsodium does not start");
    return Status::internal;
  }
  if (!settings.keys.read_files(host)) return Status::malformed;
  if (settings.pluv && host.text("pluv_secret").size() < kGoodSecretBytes) {
    host.warn("pluv_secret: shorter than 32 bytes; whoever has a token can try to guess it");
  }
  return std::unique_ptr<JwtAuth>(new JwtAuth(host, std::move(settings)));
}

JwtAuth::JwtAuth(Host host, Settings settings)
    : host_(host),
      settings_(std::move(settings)),
      pluv_policy_(pluv_policy(settings_.policy)),
      clock_(host.service<freshet_platform>(FRESHET_PLATFORM_ID)),
      accepted_(host.counter("freshet_auth_accepted_total", "Requests with a good token.")),
      refused_(host.counter("freshet_auth_refused_total", "Requests without one.")) {}

Status JwtAuth::identify(const freshet_auth_request& request, Reply out) {
  const auto bearer = find_bearer(request);
  if (!bearer) return refuse(request, {Status::unauthenticated, "there is none"});
  const auto judged = identify(bearer->token, view(request.room), request.unix_ms);
  if (const auto* refusal = std::get_if<Refusal>(&judged)) {
    const Status status = refuse(request, *refusal);
    // Said as the end of a session that has come already, so that its client may fetch a new one.
    if (!refusal->expired_ms) return status;
    if (!bearer->subprotocol.empty()) {
      FRESHET_CHECK(out.write(FRESHET_AUTH_SUBPROTOCOL, bearer->subprotocol));
    }
    return out.write(FRESHET_AUTH_EXPIRES, *refusal->expired_ms);
  }

  const auto& identity = std::get<Identity>(judged);
  if (!identity.user.empty()) FRESHET_CHECK(out.write(FRESHET_AUTH_USER, identity.user));
  FRESHET_CHECK(out.write(FRESHET_AUTH_PERMISSION, uint64_t{identity.permission}));
  if (identity.expires_ms) FRESHET_CHECK(out.write(FRESHET_AUTH_EXPIRES, *identity.expires_ms));
  if (!bearer->subprotocol.empty()) {
    FRESHET_CHECK(out.write(FRESHET_AUTH_SUBPROTOCOL, bearer->subprotocol));
  }
  accepted_.add();
  return Status::ok;
}

std::variant<Identity, Refusal> JwtAuth::identify(std::string_view token, std::string_view room,
                                                  uint64_t now_ms) const {
  if (settings_.pluv && looks_encrypted(token)) return identify_encrypted(token, room, now_ms);
  std::string why;
  const auto envelope = read_envelope(token, why);
  if (!envelope || !settings_.keys.verifies(*envelope, now_ms, why)) {
    return Refusal{Status::unauthenticated, std::move(why)};
  }
  const auto claims = read_object(as_text(envelope->claims));
  if (!claims) {
    return Refusal{Status::unauthenticated, "its claims are no object, or have one claim twice"};
  }
  return judge(*claims, settings_.policy, room, now_ms);
}

std::variant<Identity, Refusal> JwtAuth::identify_encrypted(std::string_view token,
                                                            std::string_view room,
                                                            uint64_t now_ms) const {
  std::string why;
  const auto text = settings_.pluv->open(token, why);
  const auto claims = text ? read_object(*text) : std::nullopt;
  if (!claims) {
    if (text) why = "its claims are no object, or have one claim twice";
    return Refusal{Status::unauthenticated, std::move(why)};
  }
  auto judged = judge(*claims, pluv_policy_, room, now_ms);
  // It is a ticket to come in with: pluv's clients would take an end at its time for a final one.
  if (auto* identity = std::get_if<Identity>(&judged)) identity->expires_ms.reset();
  return judged;
}

Status JwtAuth::refuse(const freshet_auth_request& request, const Refusal& refusal) const {
  const std::string_view peer =
      request.request == nullptr ? std::string_view() : view(request.request->peer);
  host_.info("refused the token of " + quoted(peer) + " for room " + quoted(view(request.room)) +
             " (" + std::string(name_of(refusal.status)) + "): " + refusal.why);
  refused_.add();
  return refusal.status;
}

Status JwtAuth::mint(std::string_view claims_json, Reply out) {
  if (!read_object(claims_json)) return Status::malformed;
  const auto token = settings_.keys.mint(claims_json);
  if (!token) return Status::unsupported;
  if (token->size() > kMaxTokenBytes) return Status::too_large;
  return out.write(FRESHET_AUTH_TOKEN, *token);
}

Status JwtAuth::mint_as(std::string_view kind, std::string_view claims_json, Reply out) {
  if (kind != "pluv" || !settings_.pluv) return Status::unsupported;
  auto claims = read_object(claims_json);
  const std::string* room = claims ? text_member(*claims, "room") : nullptr;
  const auto* user = claims ? member(*claims, "user") : nullptr;
  const std::string* id = user != nullptr && user->is_object() ? text_member(*user, "id") : nullptr;
  if (room == nullptr || id == nullptr) return Status::malformed;
  claims->emplace("sub", *room + "|" + *id);
  claims->emplace("jti", random_id());
  const auto token = settings_.pluv->seal(claims->dump());
  if (!token) return Status::internal;
  if (token->size() > kMaxTokenBytes) return Status::too_large;
  return out.write(FRESHET_AUTH_TOKEN, *token);
}

// ---- over HTTP

Status JwtAuth::routes(Sink out) {
  if (settings_.api_key.empty()) return Status::ok;
  FRESHET_CHECK(out.write(settings_.token_route));
  return settings_.pluv_token_route.empty() ? Status::ok : out.write(settings_.pluv_token_route);
}

Status JwtAuth::answer(const freshet_request& request, Reply out) {
  const auto say = [&](uint64_t status, const std::string& text) {
    FRESHET_CHECK(out.write(FRESHET_HTTP_STATUS, status));
    FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, "Content-Type: text/plain; charset=utf-8"));
    FRESHET_CHECK(out.write(FRESHET_HTTP_HEADER, "Cache-Control: no-store"));
    return out.write(FRESHET_HTTP_BODY, text);
  };
  if (view(request.method) != "POST") return say(405, "POST it\n");
  std::string key, why;
  const auto asked = read_token_request(request, key, why);
  if (!same_key(key, settings_.api_key)) return say(401, "the key is missing, or is not ours\n");
  if (!asked) return say(400, why + "\n");
  if (!settings_.pluv || clock_ == nullptr) return Status::unsupported;
  const auto token =
      settings_.pluv->seal(pluv_claims(*asked, clock_->unix_ms(clock_->self), random_id()));
  if (!token) return Status::internal;
  return token->size() > kMaxTokenBytes ? say(400, "the user is too large\n") : say(200, *token);
}

}  // namespace freshet::jwt
