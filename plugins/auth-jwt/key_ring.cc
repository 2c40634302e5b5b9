#include "key_ring.h"

#include <algorithm>

#include "base64.h"
#include "file_text.h"
#include "limits.h"
#include "pem.h"

namespace freshet::jwt {
namespace {

std::nullopt_t complain(Host host, const std::string& what, const std::string& why) {
  host.error(what + ": " + why);
  return std::nullopt;
}

// The value of at most one of two settings, the second of them the path of a file. Nothing to read
// is an empty text; nothing at all: the reason is in the log. `name`: of the setting it came from.
std::optional<std::string> text_or_file(Host host, const char* inline_key, const char* path_key,
                                        std::string& name) {
  const bool has_text = host.has(inline_key);
  const bool has_path = host.has(path_key);
  if (has_text && has_path) {
    return complain(host, inline_key, std::string("give this or ") + path_key + ", not both");
  }
  if (!has_path) {
    name = inline_key;
    if (has_text && host.text(inline_key).empty()) return complain(host, inline_key, "it is empty");
    return std::string(host.text(inline_key));
  }
  const std::string path(host.text(path_key));
  name = std::string(path_key) + ": " + path;
  std::string why;
  auto text = read_file(path, why);
  if (!text) return complain(host, name, why);
  if (text->empty()) return complain(host, name, "the file is empty");
  return text;
}

// A secret as it is or as base64.
std::optional<std::vector<uint8_t>> secret_bytes(Host host, const std::string& name, bool base64,
                                                 std::string_view text) {
  if (text.empty()) {
    return complain(host, name, "it is empty (is the environment variable set?)");
  }
  if (!base64) {
    const Bytes bytes = as_bytes(text);
    return std::vector<uint8_t>(bytes.begin(), bytes.end());
  }
  auto decoded = from_base64(text);
  if (!decoded) decoded = from_base64url(text);
  if (!decoded) return complain(host, name, "it is not base64");
  return decoded;
}

}  // namespace

std::unique_ptr<KeyRing> KeyRing::create(Host host) {
  std::unique_ptr<KeyRing> ring(new KeyRing);
  if (!ring->read_signing_key(host) || !ring->read_secrets(host) || !ring->read_public_keys(host) ||
      !ring->read_jwks(host)) {
    return nullptr;
  }
  if (ring->keys_.empty() && ring->jwks_ == nullptr && !host.has("pluv_secret")) {
    host.error(
        "no key: give secret, secret_base64, public_key, public_key_path, signing_key, "
        "signing_key_path, jwks or pluv_secret");
    return nullptr;
  }
  if (ring->keys_.size() > kMaxKeys) {
    host.error("more than " + std::to_string(kMaxKeys) + " keys");
    return nullptr;
  }
  return ring;
}

bool KeyRing::read_signing_key(Host host) {
  std::string name, why;
  const auto pem = text_or_file(host, "signing_key", "signing_key_path", name);
  if (!pem || pem->empty()) return pem.has_value();
  auto key = read_private_key(*pem, std::string(host.text("key_id")), why);
  if (!key) return complain(host, name, why), false;
  keys_.push_back(*std::move(key));
  return true;
}

bool KeyRing::read_secrets(Host host) {
  const bool base64 = host.has("secret_base64");
  if (base64 && host.has("secret")) {
    return complain(host, "secret", "give this or secret_base64, not both"), false;
  }
  const auto old = host.list("old_secrets");
  const std::string name = base64 ? "secret_base64" : "secret";
  if (!host.has(name.c_str())) {
    if (old.empty()) return true;
    return complain(host, "old_secrets", "there is no secret that has replaced them"), false;
  }
  const auto add = [&](const std::string& what, std::string_view text, std::string id) {
    const auto bytes = secret_bytes(host, what, base64, text);
    if (!bytes) return false;
    std::string why;
    auto key = Key::hmac(*bytes, std::move(id), why);
    if (!key) return complain(host, what, why), false;
    keys_.push_back(*std::move(key));
    return true;
  };
  if (!add(name, host.text(name.c_str()), std::string(host.text("key_id")))) return false;
  for (size_t i = 0; i < old.size(); ++i) {
    if (!add("old_secrets, number " + std::to_string(i + 1), old[i], "")) return false;
  }
  return true;
}

bool KeyRing::read_public_keys(Host host) {
  std::string name, why;
  const auto pem = text_or_file(host, "public_key", "public_key_path", name);
  if (!pem || pem->empty()) return pem.has_value();
  auto keys = jwt::read_public_keys(*pem, why);
  if (!keys) return complain(host, name, why), false;
  std::move(keys->begin(), keys->end(), std::back_inserter(keys_));
  return true;
}

bool KeyRing::read_jwks(Host host) {
  if (!host.has("jwks")) return true;
  jwks_ = std::make_unique<JwksFile>(std::string(host.text("jwks")), host);
  return jwks_->load();
}

bool KeyRing::verifies(const Envelope& envelope, uint64_t now_ms, std::string& why) const {
  bool tried = false;
  const auto one_of = [&](const std::vector<Key>& keys) {
    return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
      if (!may_have_signed(key, envelope)) return false;
      tried = true;
      return key.verify(envelope.signed_text, envelope.signature);
    });
  };
  if (one_of(keys_)) return true;
  if (jwks_ != nullptr) {
    jwks_->refresh(now_ms);
    if (jwks_->with_keys(one_of)) return true;
  }
  why = tried ? "its signature is wrong"
              : "there is no key for its kid and algorithm, " +
                    std::string(name_of(envelope.algorithm));
  return false;
}

std::optional<std::string> KeyRing::mint(std::string_view claims) const {
  const auto by_first_of = [&](const std::vector<Key>& keys) {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [](const Key& k) { return k.can_sign(); });
    return key == keys.end() ? std::nullopt : write_token(*key, claims);
  };
  if (auto token = by_first_of(keys_)) return token;
  return jwks_ == nullptr ? std::nullopt : jwks_->with_keys(by_first_of);
}

}  // namespace freshet::jwt
