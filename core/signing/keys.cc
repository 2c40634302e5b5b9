#include "core/signing/keys.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/signing/base64.h"
#include "core/signing/limits.h"
#include "freshet/format/reason.h"

namespace freshet {
namespace {

constexpr std::string_view kPublic = "freshet-key:";
constexpr std::string_view kSecret = "freshet-secret-key:";
constexpr size_t kIdBytes = 8;

static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SEEDBYTES == 32 &&
              crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == 64);

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<PublicKey> PublicKey::parse(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(kPublic)) return std::nullopt;
  Bytes bytes{};
  if (!from_base64(text.substr(kPublic.size()), bytes)) return std::nullopt;
  return PublicKey(bytes);
}

std::string PublicKey::text() const { return std::string(kPublic) + base64_of(bytes_); }

std::string PublicKey::id() const {
  std::array<uint8_t, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes_.data(), bytes_.size());
  std::string out(2 * kIdBytes + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), hash.data(), kIdBytes);
  out.pop_back();
  return out;
}

SecretKey::~SecretKey() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(key_.data(), key_.size());
}

SecretKey SecretKey::make() {
  if (sodium_init() < 0) std::abort();  // no chance to be had
  SecretKey out;
  randombytes_buf(out.seed_.data(), out.seed_.size());
  out.expand();
  return out;
}

void SecretKey::expand() {
  PublicKey::Bytes unused{};
  crypto_sign_seed_keypair(unused.data(), key_.data(), seed_.data());
}

std::optional<SecretKey> SecretKey::read(const std::filesystem::path& file, std::string& reason) {
  struct stat about{};
  if (::stat(file.c_str(), &about) != 0) {
    reason = "cannot be read: " + reason_of(errno);
    return std::nullopt;
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    reason = "may be read by others than its owner: chmod 600 it";
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxSignatureBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  SecretKey out;
  const std::string_view line = trimmed(text);
  const bool good =
      line.starts_with(kSecret) && from_base64(line.substr(kSecret.size()), out.seed_);
  sodium_memzero(text.data(), text.size());
  if (!good) {
    reason = "is no key that `freshet plugin keygen` made";
    return std::nullopt;
  }
  out.expand();
  return out;
}

std::string SecretKey::write(const std::filesystem::path& file) const {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? "is there already" : "cannot be made: " + reason_of(errno);
  std::string text = std::string(kSecret) + base64_of(seed_) + "\n";
  const ssize_t written = ::write(fd, text.data(), text.size());
  const int failure = errno;
  const bool done = written == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  sodium_memzero(text.data(), text.size());
  return done ? "" : "cannot be written: " + reason_of(failure);
}

PublicKey SecretKey::public_key() const {
  PublicKey::Bytes bytes{};
  crypto_sign_ed25519_sk_to_pk(bytes.data(), key_.data());
  return PublicKey(bytes);
}

SecretKey::Signature SecretKey::sign(std::string_view message) const {
  Signature out{};
  crypto_sign_detached(out.data(), nullptr, reinterpret_cast<const uint8_t*>(message.data()),
                       message.size(), key_.data());
  return out;
}

bool is_signed_by(const PublicKey& key, std::string_view message,
                  const SecretKey::Signature& signature) {
  return crypto_sign_verify_detached(signature.data(),
                                     reinterpret_cast<const uint8_t*>(message.data()),
                                     message.size(), key.bytes().data()) == 0;
}

}  // namespace freshet
