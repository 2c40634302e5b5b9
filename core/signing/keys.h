// core/signing/keys.h: who signs plugins, and whose signature is trusted. Ed25519, by libsodium.
//
// As text, in a manifest and in NAME.pub:  freshet-key:<base64 of the public key's 32 bytes>
// In a file of mode 0600:                  freshet-secret-key:<base64 of the 32 bytes it is made
// of>
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace freshet {

class PublicKey {
 public:
  using Bytes = std::array<uint8_t, 32>;

  explicit PublicKey(const Bytes& bytes) : bytes_(bytes) {}
  // Nothing: it is none.
  static std::optional<PublicKey> parse(std::string_view text);

  std::string text() const;
  // Names it in signatures and messages: 16 hexadecimal digits, the first of its SHA-256.
  std::string id() const;
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

class SecretKey {
 public:
  ~SecretKey();  // leaves nothing of it in memory
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;

  static SecretKey make();
  // Nothing: `reason` says why, such as that others may read the file.
  static std::optional<SecretKey> read(const std::filesystem::path& file, std::string& reason);
  // Into a new file of mode 0600; one that is there is left as it is. Empty: done.
  std::string write(const std::filesystem::path& file) const;

  PublicKey public_key() const;
  using Signature = std::array<uint8_t, 64>;
  Signature sign(std::string_view message) const;

 private:
  SecretKey() = default;
  void expand();

  std::array<uint8_t, 32> seed_{};
  std::array<uint8_t, 64> key_{};
};

// Whether `key` has signed `message`.
bool is_signed_by(const PublicKey& key, std::string_view message,
                  const SecretKey::Signature& signature);

}  // namespace freshet
