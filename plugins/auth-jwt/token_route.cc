#include "auth-jwt/token_route.h"

#include <sodium.h>

#include <array>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/json_object.h"
#include "freshet/format/request.h"
#include "freshet/format/utf8.h"

namespace freshet::jwt {
namespace {

using nlohmann::json;

}  // namespace

std::optional<TokenRequest> read_token_request(const freshet_request& request, std::string& key,
                                               std::string& why) {
  key = RequestReader(request).bearer().value_or("");
  const auto fail = [&](const char* text) {
    why = text;
    return std::nullopt;
  };
  const Bytes bytes = view(request.body);
  if (bytes.size() > kMaxTokenRequestBytes) return fail("the body is too long");
  const auto body = valid_utf8(bytes) ? read_object(as_text(bytes)) : std::nullopt;
  if (!body) return fail("the body is not one JSON object");
  if (const auto* secret = text_member(*body, "secretKey"); key.empty() && secret != nullptr) {
    key = *secret;
  }
  const std::string* room = text_member(*body, "room");
  if (room == nullptr || room->empty()) return fail("room must be a text");
  const json* user = member(*body, "user");
  const std::string* id = user != nullptr && user->is_object() ? text_member(*user, "id") : nullptr;
  if (id == nullptr || id->empty()) return fail("user must be an object with an id of text");
  TokenRequest out{*room, user->dump(), *id, kTokenMaxAgeMs};
  if (out.user.size() > kMaxUserBytes) return fail("user is too large");
  if (const json* age = member(*body, "maxAge"); age != nullptr && !age->is_null()) {
    if (!age->is_number() || !(age->get<double>() >= 1000) || age->get<double>() > kMaxTokenAgeMs) {
      return fail("maxAge must be milliseconds, from 1000 to a year of them");
    }
    out.max_age_ms = static_cast<int64_t>(age->get<double>());
  }
  return out;
}

std::string pluv_claims(const TokenRequest& request, uint64_t now_ms, std::string_view id) {
  const uint64_t now = now_ms / 1000;
  const json claims = {{"room", request.room},
                       {"sub", request.room + "|" + request.user_id},
                       {"user", json::parse(request.user)},
                       {"iat", now},
                       {"exp", (now_ms + static_cast<uint64_t>(request.max_age_ms)) / 1000},
                       {"jti", id}};
  return claims.dump();
}

bool same_key(std::string_view a, std::string_view b) {
  std::array<uint8_t, crypto_generichash_BYTES> x{}, y{};
  const auto hash = [](std::string_view text, auto& out) {
    const Bytes bytes = as_bytes(text);
    crypto_generichash(out.data(), out.size(), bytes.data(), bytes.size(), nullptr, 0);
  };
  hash(a, x);
  hash(b, y);
  return sodium_memcmp(x.data(), y.data(), x.size()) == 0;
}

}  // namespace freshet::jwt
