#include "auth-jwt/keys/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "auth-jwt/limits.h"

namespace freshet::jwt {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

// OpenSSL's own asks on the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return -1; }

Bio reader_of(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

std::optional<std::vector<Key>> read_public_keys(std::string_view pem, std::string& why) {
  // A private key in a place for public ones is a mistake that someone will want to know of.
  if (pem.find("PRIVATE KEY-----") != pem.npos) {
    why = "a private key, where a public one belongs";
    return std::nullopt;
  }
  const size_t blocks = count_of(pem, "-----BEGIN PUBLIC KEY-----");
  if (blocks == 0 || blocks > kMaxKeys) {
    why = blocks == 0 ? "no -----BEGIN PUBLIC KEY----- block"
                      : "more than " + std::to_string(kMaxKeys) + " keys";
    return std::nullopt;
  }
  std::vector<Key> keys;
  const Bio in = reader_of(pem);
  for (size_t i = 0; i < blocks; ++i) {
    EvpKey evp(PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    why = "a PUBLIC KEY block that cannot be read";
    auto key = evp == nullptr ? std::nullopt : Key::asymmetric(std::move(evp), false, "", why);
    if (!key) return std::nullopt;
    keys.push_back(*std::move(key));
  }
  return keys;
}

std::optional<Key> read_private_key(std::string_view pem, std::string id, std::string& why) {
  const Bio in = reader_of(pem);
  EvpKey evp(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (evp == nullptr) {
    why = "no -----BEGIN PRIVATE KEY----- block that can be read (not an encrypted one)";
    return std::nullopt;
  }
  return Key::asymmetric(std::move(evp), true, std::move(id), why);
}

}  // namespace freshet::jwt
