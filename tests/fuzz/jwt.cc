// A token: what nobody signed is not believed, and what reads a token's parts stays inside them.
//
// The first byte chooses: the text of a token as it is, or one made of fuzzed header, claims and
// the right signature, so that what stands behind the signature is reached as well.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "auth-jwt/text/base64.h"
#include "auth-jwt/text/json_object.h"
#include "auth-jwt/token/claims.h"
#include "auth-jwt/token/token.h"
#include "require.h"

namespace {

namespace jwt = freshet::jwt;
using freshet::fuzz::require;

constexpr uint64_t kNow = 1'000'000'000;

const jwt::Key& key() {
  static const jwt::Key made = [] {
    std::string why;
    return *jwt::Key::hmac(freshet::as_bytes("a secret of the fixtures, and a long one"), "", why);
  }();
  return made;
}

const jwt::Policy& policy() {
  static const jwt::Policy asked{.leeway_ms = 30'000,
                                 .exp_required = true,
                                 .audience = {},
                                 .issuer = {},
                                 .room_claim = "room",
                                 .room_required = true,
                                 .room_names = jwt::RoomNames::patterns,
                                 .permission_claim = "permission",
                                 .default_permission = FRESHET_READ_ONLY,
                                 .user_claim = "user"};
  return asked;
}

void judge_claims(std::string_view text) {
  const auto claims = jwt::read_object(text);
  if (!claims) return;
  const auto judged = jwt::judge(*claims, policy(), "a/b", kNow);
  const auto* identity = std::get_if<jwt::Identity>(&judged);
  if (identity == nullptr) {
    require(std::get<jwt::Refusal>(judged).status != freshet::Status::ok);
    return;
  }
  require(identity->expires_ms && *identity->expires_ms > kNow);
  require(claims->contains("room"));
  require(identity->user.empty() || jwt::read_object(identity->user)->contains("id"));
  if (identity->permission == FRESHET_READ_WRITE) require(claims->contains("permission"));
}

// Nobody signed this: the seeds were signed with another key.
void refuse_token(std::string_view token) {
  std::string why;
  const auto envelope = jwt::read_envelope(token, why);
  if (!envelope) return require(!why.empty());
  require(token.starts_with(envelope->signed_text));
  // There is one way only to write these bytes.
  const std::string signature = jwt::to_base64url(envelope->signature);
  require(token == std::string(envelope->signed_text) + "." + signature);
  require(!jwt::may_have_signed(key(), *envelope) ||
          !key().verify(envelope->signed_text, envelope->signature));
}

void accept_token(std::string_view header, std::string_view claims) {
  const std::string text = jwt::to_base64url(freshet::as_bytes(header)) + "." +
                           jwt::to_base64url(freshet::as_bytes(claims));
  const std::string token = text + "." + jwt::to_base64url(*key().sign(text));
  std::string why;
  const auto envelope = jwt::read_envelope(token, why);
  if (!envelope || !jwt::may_have_signed(key(), *envelope)) return;
  require(key().verify(envelope->signed_text, envelope->signature));
  require(std::ranges::equal(envelope->claims, freshet::as_bytes(claims)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text = freshet::as_text({data + 1, size - 1});
  switch (data[0] % 3) {
    case 0: refuse_token(text); break;
    case 1: judge_claims(text); break;
    default: {
      const size_t half = std::min(text.find('\n'), text.size());
      accept_token(text.substr(0, half), text.substr(std::min(half + 1, text.size())));
    }
  }
  return 0;
}
