#include "jwt_auth.h"

#include <sodium.h>

#include "bearer.h"
#include "json_object.h"
#include "limits.h"
#include "token.h"

namespace freshet::jwt {
namespace {

std::optional<Policy> read_policy(Host host) {
  for (const char* key : {"room_claim", "permission_claim", "user_claim"}) {
    if (!host.text(key).empty()) continue;
    host.error(std::string(key) + ": a claim has a name");
    return std::nullopt;
  }
  if (host.text("key_id").size() > kMaxKeyIdBytes) {
    host.error("key_id: longer than " + std::to_string(kMaxKeyIdBytes) + " bytes");
    return std::nullopt;
  }
  return Policy{
      .leeway_ms = host.number("leeway_ms"),
      .exp_required = host.flag("exp_required"),
      .audience = host.list("audience"),
      .issuer = host.list("issuer"),
      .room_claim = std::string(host.text("room_claim")),
      .room_required = host.flag("room_required"),
      .permission_claim = std::string(host.text("permission_claim")),
      .default_permission =
          host.text("default_permission") == "read-write" ? FRESHET_READ_WRITE : FRESHET_READ_ONLY,
      .user_claim = std::string(host.text("user_claim")),
  };
}

// A peer's text for a log line: short, and without line ends or bytes that are no text.
std::string quoted(std::string_view text) {
  const nlohmann::json value = std::string(text.substr(0, kMaxQuotedBytes));
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Result<std::unique_ptr<JwtAuth>> JwtAuth::create(Host host) {
  if (sodium_init() < 0) {
    host.error("libsodium does not start");
    return Status::internal;
  }
  auto policy = read_policy(host);
  auto keys = policy ? KeyRing::create(host) : nullptr;
  if (keys == nullptr) return Status::malformed;
  return std::unique_ptr<JwtAuth>(new JwtAuth(host, *std::move(policy), std::move(keys)));
}

JwtAuth::JwtAuth(Host host, Policy policy, std::unique_ptr<KeyRing> keys)
    : host_(host),
      policy_(std::move(policy)),
      keys_(std::move(keys)),
      accepted_(host.counter("freshet_auth_accepted_total", "Requests with a good token.")),
      refused_(host.counter("freshet_auth_refused_total", "Requests without one.")) {}

Status JwtAuth::identify(const freshet_auth_request& request, Reply out) {
  const auto bearer = find_bearer(request);
  if (!bearer) return refuse(request, {Status::unauthenticated, "there is none"});
  const auto judged = identify(bearer->token, view(request.room), request.unix_ms);
  if (const auto* refusal = std::get_if<Refusal>(&judged)) return refuse(request, *refusal);

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
  std::string why;
  const auto envelope = read_envelope(token, why);
  if (!envelope || !keys_->verifies(*envelope, why)) {
    return Refusal{Status::unauthenticated, std::move(why)};
  }
  const auto claims = read_object(as_text(envelope->claims));
  if (!claims) {
    return Refusal{Status::unauthenticated, "its claims are no object, or have one claim twice"};
  }
  return judge(*claims, policy_, room, now_ms);
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
  const auto token = keys_->mint(claims_json);
  if (!token) return Status::unsupported;
  if (token->size() > kMaxTokenBytes) return Status::too_large;
  return out.write(FRESHET_AUTH_TOKEN, *token);
}

}  // namespace freshet::jwt
