#include "auth-jwt/token/key_ring.h"

#include <algorithm>

#include "auth-jwt/keys/pem.h"
#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/text/file_text.h"

namespace freshet::jwt {
namespace {

constexpr const char* kSources[] = {
    "secret",      "secret_base64",    "public_key", "public_key_path",
    "signing_key", "signing_key_path", "jwks",       "pluv_secret"};

bool complain(Host host, const std::string& what, const std::string& why) {
  host.error(what + ": " + why);
  return false;
}

// Whether the key stands in the first of two settings, and not in the file that the second names.
bool is_inline(Given given, Faults& faults, const char* key, const char* path_key) {
  if (given.has(path_key) && given.text(path_key).empty()) faults.add(path_key, "names no file");
  if (!given.has(key)) return false;
  if (given.has(path_key)) {
    faults.add(key, std::string("give this or ") + path_key + ", not both");
  } else if (given.text(key).empty()) {
    faults.add(key, "it is empty");
  } else {
    return true;
  }
  return false;
}

// What the file has that a setting names; nothing: the reason is in the log. `name`: what to call
// it.
std::optional<std::string> text_of_file(Host host, const char* path_key, std::string& name) {
  const std::string path(host.text(path_key));
  name = std::string(path_key) + ": " + path;
  std::string why;
  auto text = read_file(path, why);
  if (text && text->empty()) why = "the file is empty";
  if (why.empty()) return text;
  complain(host, name, why);
  return std::nullopt;
}

// A secret as it is or as base64. Nothing, and why in `why`, if that is none.
std::optional<Key> read_secret(std::string_view text, bool base64, std::string id,
                               std::string& why) {
  why = "it is empty (is the environment variable set?)";
  if (text.empty()) return std::nullopt;
  if (!base64) return Key::hmac(as_bytes(text), std::move(id), why);
  auto decoded = from_base64(text);
  if (!decoded) decoded = from_base64url(text);
  why = "it is not base64";
  return decoded ? Key::hmac(*decoded, std::move(id), why) : std::nullopt;
}

std::string too_many() { return "more than " + std::to_string(kMaxKeys) + " keys"; }

}  // namespace

KeyRing KeyRing::read(Given given, Faults& faults) {
  KeyRing ring;
  if (given.text("key_id").size() > kMaxKeyIdBytes) {
    faults.add("key_id", "longer than " + std::to_string(kMaxKeyIdBytes) + " bytes");
  }
  ring.read_signing_key(given, faults);
  ring.read_secrets(given, faults);
  ring.read_public_keys(given, faults);
  if (given.has("jwks") && given.text("jwks").empty()) faults.add("jwks", "names no file");
  if (ring.keys_.size() > kMaxKeys) faults.add("", too_many());
  const bool any = std::ranges::any_of(kSources, [&](const char* key) { return given.has(key); });
  if (any || !given.list("old_secrets").empty()) return ring;
  std::string all;
  for (const char* key : kSources) {
    all += std::string(all.empty() ? "" : key == std::end(kSources)[-1] ? " or " : ", ") + key;
  }
  faults.add("", "no key: give " + all);
  return ring;
}

void KeyRing::read_signing_key(Given given, Faults& faults) {
  if (!is_inline(given, faults, "signing_key", "signing_key_path")) return;
  std::string why;
  auto key = read_private_key(given.text("signing_key"), std::string(given.text("key_id")), why);
  if (!key) return faults.add("signing_key", why);
  keys_.push_back(*std::move(key));
}

void KeyRing::read_secrets(Given given, Faults& faults) {
  const bool base64 = given.has("secret_base64");
  if (base64 && given.has("secret")) {
    return faults.add("secret", "give this or secret_base64, not both");
  }
  const auto old = given.list("old_secrets");
  const char* key = base64 ? "secret_base64" : "secret";
  if (!given.has(key)) {
    if (!old.empty()) faults.add("old_secrets", "there is no secret that has replaced them");
    return;
  }
  const auto add = [&](const char* from, const std::string& which, std::string_view text,
                       std::string id) {
    std::string why;
    auto secret = read_secret(text, base64, std::move(id), why);
    if (!secret) return faults.add(from, which + why);
    keys_.push_back(*std::move(secret));
  };
  add(key, "", given.text(key), std::string(given.text("key_id")));
  for (size_t i = 0; i < old.size(); ++i) {
    add("old_secrets", "number " + std::to_string(i + 1) + ": ", old[i], "");
  }
}

void KeyRing::read_public_keys(Given given, Faults& faults) {
  if (!is_inline(given, faults, "public_key", "public_key_path")) return;
  std::string why;
  auto keys = jwt::read_public_keys(given.text("public_key"), why);
  if (!keys) return faults.add("public_key", why);
  std::move(keys->begin(), keys->end(), std::back_inserter(keys_));
}

bool KeyRing::read_files(Host host) {
  if (!read_signing_key_file(host) || !read_public_keys_file(host) || !read_jwks(host)) {
    return false;
  }
  if (keys_.size() > kMaxKeys) host.error(too_many());
  return keys_.size() <= kMaxKeys;
}

bool KeyRing::read_signing_key_file(Host host) {
  if (!host.has("signing_key_path")) return true;
  std::string name, why;
  const auto pem = text_of_file(host, "signing_key_path", name);
  if (!pem) return false;
  auto key = read_private_key(*pem, std::string(host.text("key_id")), why);
  if (!key) return complain(host, name, why);
  keys_.insert(keys_.begin(), *std::move(key));
  return true;
}

bool KeyRing::read_public_keys_file(Host host) {
  if (!host.has("public_key_path")) return true;
  std::string name, why;
  const auto pem = text_of_file(host, "public_key_path", name);
  if (!pem) return false;
  auto keys = jwt::read_public_keys(*pem, why);
  if (!keys) return complain(host, name, why);
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
