// jwks_file.h: a key set that somebody else keeps up to date.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "auth-jwt/keys/key.h"
#include "freshet/host.h"

namespace freshet::jwt {

// The keys of a JWKS file, read again when the file is another one or was written since. A file
// that is gone or damaged may be on its way: the keys read last stay for a while, in which it is
// tried again; then they are no keys any more until the file is good again. The log says each once.
// Used by any number of workers at once: they share the lock, and wait only while a file is read.
class JwksFile {
 public:
  JwksFile(std::string path, Host host) : path_(std::move(path)), host_(host) {}

  // The first reading. False: the reason is in the log. [main]
  bool load();

  // Reads the file if need be. `now_ms`: unix time. [any]
  void refresh(uint64_t now_ms);

  // Calls `use` with the keys there are. [any]
  template <class Use>
  auto with_keys(Use&& use) {
    const std::shared_lock lock(mutex_);
    return use(static_cast<const std::vector<Key>&>(keys_));
  }

 private:
  // What tells one state of the file from the next.
  struct Stamp {
    bool there = false;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t written_ns = 0, changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  static Stamp stamp_of(const std::string& path);
  // With the lock held alone:
  bool read();
  bool is_due(const Stamp& stamp, uint64_t now_ms) const;
  void note_good(bool was_changed);
  void note_bad(uint64_t now_ms, bool was_changed);

  const std::string path_;
  const Host host_;
  std::shared_mutex mutex_;
  Stamp seen_;  // of the reading that was tried last
  std::vector<Key> keys_;
  std::string why_bad_;
  std::optional<uint64_t> bad_since_ms_;  // nothing: the keys are those of the file
  uint64_t retry_ms_ = 0;                 // of a bad one, when it is tried again
};

}  // namespace freshet::jwt
