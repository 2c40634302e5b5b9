#include "core/host/signed_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <vector>

#include "core/signing/limits.h"
#include "core/signing/signature.h"
#include "freshet/format/reason.h"

namespace freshet {
namespace {

// Nothing: it cannot be read, or is longer.
std::optional<std::vector<uint8_t>> read_file(const std::filesystem::path& file, size_t limit) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  const std::streamoff size = in.tellg();
  if (size < 0 || static_cast<size_t>(size) > limit) return std::nullopt;
  std::vector<uint8_t> out(static_cast<size_t>(size));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  if (!in && !out.empty()) return std::nullopt;
  return out;
}

bool write_whole(int to, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

// A path of it; empty: there is no memory for it.
std::string sealed_copy(const std::string& name, Bytes bytes) {
  const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return "";
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (!write_whole(fd, bytes) || ::fcntl(fd, F_ADD_SEALS, kSeals) != 0) {
    ::close(fd);
    return "";
  }
  return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace

std::string SignedFile::open(const std::filesystem::path& file, const Trust& trust,
                             std::string& reason) {
  const auto signature = read_file(signature_beside(file), kMaxSignatureBytes);
  if (!signature) {
    reason =
        "is not signed, and server.require_signed says that it has to be: `freshet plugin "
        "sign --key KEY " +
        file.string() + "` makes " + signature_beside(file).filename().string();
    return "";
  }
  const auto bytes = read_file(file, kMaxSignedBytes);
  if (!bytes) {
    reason = "cannot be read, or is longer than " + std::to_string(kMaxSignedBytes >> 20) + " MiB";
    return "";
  }
  reason = signature_fault(as_text(*signature), *bytes, trust.keys);
  if (!reason.empty()) return "";
  std::string path = sealed_copy(file.filename().string(), *bytes);
  if (path.empty()) reason = "cannot be copied into memory: " + reason_of(errno);
  return path;
}

}  // namespace freshet
