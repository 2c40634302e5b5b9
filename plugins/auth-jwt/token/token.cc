#include "auth-jwt/token/token.h"

#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/text/json_object.h"

namespace freshet::jwt {
namespace {

using nlohmann::json;

// Fills in what the header says.
bool read_header(const std::vector<uint8_t>& bytes, Envelope& out, std::string& why) {
  const auto header = read_object(as_text(bytes));
  const std::string* algorithm = header ? text_member(*header, "alg") : nullptr;
  if (algorithm == nullptr) {
    why = "its header is not one of a token";
    return false;
  }
  const auto known = algorithm_named(*algorithm);
  if (!known) {
    why = "its algorithm is none of HS256, EdDSA, RS256 and ES256";
    return false;
  }
  // RFC 7515, section 4.1.11: whoever does not know an extension that is critical must refuse.
  if (member(*header, "crit") != nullptr) {
    why = "it has a critical extension";
    return false;
  }
  out.algorithm = *known;
  if (const json* id = member(*header, "kid"); id != nullptr) {
    if (!id->is_string()) {
      why = "its kid is not text";
      return false;
    }
    out.key_id = id->get<std::string>();
  }
  return true;
}

}  // namespace

std::optional<Envelope> read_envelope(std::string_view token, std::string& why) {
  if (token.size() > kMaxTokenBytes) {
    why = "it is longer than " + std::to_string(kMaxTokenBytes) + " bytes";
    return std::nullopt;
  }
  why = "it is not of the form header.claims.signature";
  const size_t first = token.find('.');
  const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;

  const auto header = from_base64url(token.substr(0, first));
  auto claims = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;

  Envelope out{.algorithm = {},
               .key_id = {},
               .signed_text = token.substr(0, second),
               .claims = *std::move(claims),
               .signature = *std::move(signature)};
  if (!read_header(*header, out, why)) return std::nullopt;
  return out;
}

bool may_have_signed(const Key& key, const Envelope& envelope) {
  return key.algorithm() == envelope.algorithm &&
         (!envelope.key_id || key.id().empty() || key.id() == *envelope.key_id);
}

std::optional<std::string> write_token(const Key& key, std::string_view claims) {
  json header = {{"alg", name_of(key.algorithm())}, {"typ", "JWT"}};
  if (!key.id().empty()) header["kid"] = key.id();
  std::string token = to_base64url(as_bytes(header.dump())) + "." + to_base64url(as_bytes(claims));
  const auto signature = key.sign(token);
  if (!signature) return std::nullopt;
  return token + "." + to_base64url(*signature);
}

}  // namespace freshet::jwt
