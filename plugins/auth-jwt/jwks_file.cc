#include "jwks_file.h"

#include <sys/stat.h>

#include "file_text.h"
#include "jwks.h"

namespace freshet::jwt {

JwksFile::Stamp JwksFile::stamp_of(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return {};
  const auto ns = [](const timespec& at) { return at.tv_sec * 1'000'000'000 + at.tv_nsec; };
  return {.there = true,
          .device = file.st_dev,
          .inode = file.st_ino,
          .size = file.st_size,
          .written_ns = ns(file.st_mtim),
          .changed_ns = ns(file.st_ctim)};
}

bool JwksFile::load() {
  const std::unique_lock lock(mutex_);
  seen_ = stamp_of(path_);
  return read();
}

void JwksFile::refresh() {
  // Before the reading: a file that changes meanwhile has another stamp next time.
  const Stamp now = stamp_of(path_);
  {
    const std::shared_lock lock(mutex_);
    if (now == seen_) return;
  }
  const std::unique_lock lock(mutex_);
  if (now == seen_) return;
  seen_ = now;
  if (read()) {
    host_.info("jwks: read " + path_ + " again, keys: " + std::to_string(keys_.size()));
  } else {
    host_.error("jwks: going on with the keys read before: " + std::to_string(keys_.size()));
  }
}

bool JwksFile::read() {
  std::string why;
  const auto text = read_file(path_, why);
  auto keys = text ? read_jwks(*text, why) : std::nullopt;
  if (!keys) {
    host_.error("jwks: " + path_ + ": " + why);
    return false;
  }
  keys_ = *std::move(keys);
  return true;
}

}  // namespace freshet::jwt
