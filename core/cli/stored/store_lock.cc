#include "core/cli/stored/store_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <thread>
#include <utility>

namespace freshet::cli {
namespace {

constexpr std::chrono::milliseconds kLookAgain{50};
constexpr const char* kHeld =
    ": another process with this manifest has its store, and a store has one owner\n";

// Where in the manifest a byte stands for this store: FNV-1a, far behind its text.
off_t place_of(const std::string& store) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : store) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return static_cast<off_t>((h >> 2) | (uint64_t{1} << 61));
}

// Who has a manifest can read it, and may not be able to write it: so a read lock stands for the
// owner, and asking for a write lock, without taking it, tells of another's.
bool lock(int fd, off_t at, bool& held) {
  struct flock mine{};
  mine.l_type = F_RDLCK;
  mine.l_whence = SEEK_SET;
  mine.l_start = at;
  mine.l_len = 1;
  if (::fcntl(fd, F_OFD_SETLK, &mine) != 0) return false;
  struct flock others = mine;
  others.l_type = F_WRLCK;
  held = ::fcntl(fd, F_OFD_GETLK, &others) == 0 && others.l_type != F_UNLCK;
  if (!held) return true;
  mine.l_type = F_UNLCK;
  return ::fcntl(fd, F_OFD_SETLK, &mine) == 0;
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& manifest, PluginHost& host,
                                  std::chrono::milliseconds wait) {
  StoreLock out;
  std::string store = host.store_in_words();
  if (store.empty()) return out;
  std::error_code ignored;
  store += std::filesystem::current_path(ignored).string();
  out.fd_ = ::open(manifest.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (out.fd_ < 0) return out;
  const auto until = std::chrono::steady_clock::now() + wait;
  for (bool held = false; lock(out.fd_, place_of(store), held) && held;) {
    if (std::chrono::steady_clock::now() >= until) {
      std::cerr << manifest << kHeld;
      return Status::retry;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return out;
}

StoreLock::~StoreLock() {
  if (fd_ >= 0) ::close(fd_);
}
StoreLock::StoreLock(StoreLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
StoreLock& StoreLock::operator=(StoreLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace freshet::cli
