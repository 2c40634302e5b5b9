#include "core/signing/signature.h"

#include <sodium.h>

#include <algorithm>
#include <optional>

#include "core/signing/base64.h"

namespace freshet {
namespace {

constexpr std::string_view kFirstLine = "freshet-signature 1";

std::string sha512_of(Bytes file) {
  std::array<uint8_t, crypto_hash_sha512_BYTES> hash{};
  crypto_hash_sha512(hash.data(), file.data(), file.size());
  std::string out(2 * hash.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), hash.data(), hash.size());
  out.pop_back();
  return out;
}

std::string signed_part(std::string_view key_id, std::string_view sha512) {
  return std::string(kFirstLine) + "\nkey " + std::string(key_id) + "\nsha512 " +
         std::string(sha512) + "\n";
}

struct Read {
  std::string key_id, sha512;
  SecretKey::Signature signature{};
};

// What stands behind `word`, and takes the line off; nothing: another line is there.
std::optional<std::string> take_line(std::string_view& text, std::string_view word) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(word)) return std::nullopt;
  std::string out(text.substr(word.size(), end - word.size()));
  text.remove_prefix(end + 1);
  return out;
}

std::optional<Read> read_signature(std::string_view text) {
  Read out;
  const auto first = take_line(text, kFirstLine);
  const auto key = take_line(text, "key ");
  const auto hash = take_line(text, "sha512 ");
  const auto signature = take_line(text, "signature ");
  if (!first || !first->empty() || !key || !hash || !signature || !text.empty()) return {};
  if (!from_base64(*signature, out.signature)) return {};
  out.key_id = *key;
  out.sha512 = *hash;
  return out;
}

}  // namespace

std::string signature_of(Bytes file, const SecretKey& key) {
  const std::string part = signed_part(key.public_key().id(), sha512_of(file));
  return part + "signature " + base64_of(key.sign(part)) + "\n";
}

std::string signature_fault(std::string_view signature, Bytes file,
                            std::span<const PublicKey> trusted) {
  const std::optional<Read> said = read_signature(signature);
  if (!said) return "has a signature that is none of Freshet's: sign it anew";
  const auto key = std::ranges::find(trusted, said->key_id, &PublicKey::id);
  if (key == trusted.end()) {
    return "is signed with the key " + said->key_id.substr(0, 16) +
           ", which is not trusted here: add its public key to server.trusted_keys, or sign the "
           "file with one that is";
  }
  if (!is_signed_by(*key, signed_part(said->key_id, said->sha512), said->signature)) {
    return "has a signature that the key " + key->id() + " did not make: sign it anew";
  }
  if (said->sha512 != sha512_of(file)) {
    return "is not what the key " + key->id() +
           " has signed: it was changed since; sign it anew, or put the signed file back";
  }
  return "";
}

}  // namespace freshet
