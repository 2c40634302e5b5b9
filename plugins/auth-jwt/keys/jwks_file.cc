#include "auth-jwt/keys/jwks_file.h"

#include <sys/stat.h>

#include "auth-jwt/keys/jwks.h"
#include "auth-jwt/limits.h"
#include "auth-jwt/text/file_text.h"

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
  const bool good = read();
  if (good && !keys_.empty()) return true;
  host_.error("jwks: " + path_ + ": " + (good ? "no keys" : why_bad_));
  return false;
}

bool JwksFile::is_due(const Stamp& stamp, uint64_t now_ms) const {
  return stamp != seen_ || (bad_since_ms_ && now_ms >= retry_ms_);
}

void JwksFile::refresh(uint64_t now_ms) {
  // Before the reading: a file that changes meanwhile has another stamp next time.
  const Stamp stamp = stamp_of(path_);
  {
    const std::shared_lock lock(mutex_);
    if (!is_due(stamp, now_ms)) return;
  }
  const std::unique_lock lock(mutex_);
  if (!is_due(stamp, now_ms)) return;
  const bool was_changed = stamp != seen_;
  seen_ = stamp;
  read() ? note_good(was_changed) : note_bad(now_ms, was_changed);
}

void JwksFile::note_good(bool was_changed) {
  if (!was_changed && !bad_since_ms_) return;
  bad_since_ms_.reset();
  host_.info("jwks: read " + path_ + " again, keys: " + std::to_string(keys_.size()));
}

void JwksFile::note_bad(uint64_t now_ms, bool was_changed) {
  if (!bad_since_ms_) bad_since_ms_ = now_ms;
  retry_ms_ = now_ms + kJwksRetryMs;
  const uint64_t over_ms = *bad_since_ms_ + kJwksGraceMs;
  if (was_changed) host_.error("jwks: " + path_ + ": " + why_bad_);
  if (keys_.empty()) return;
  if (now_ms >= over_ms) {
    keys_.clear();
    host_.error("jwks: " + path_ + " is still not there or not good: its keys are none any more, " +
                "and tokens they signed are refused until it is");
  } else if (was_changed) {
    host_.error("jwks: going on with the keys read before: " + std::to_string(keys_.size()) +
                ", for another " + std::to_string((over_ms - now_ms) / 1000) + " s");
  }
}

bool JwksFile::read() {
  const auto text = read_file(path_, why_bad_);
  auto keys = text ? read_jwks(*text, why_bad_) : std::nullopt;
  if (!keys) return false;
  keys_ = *std::move(keys);
  return true;
}

}  // namespace freshet::jwt
