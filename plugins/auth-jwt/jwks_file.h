// jwks_file.h: a key set that somebody else keeps up to date.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "freshet/host.h"
#include "key.h"

namespace freshet::jwt {

// The keys of a JWKS file, read again when the file is another one or was written since. Where that
// fails the keys read last stay, and the log says so once per change of the file. Used by any
// number of workers at once: they share the lock, and wait only while a changed file is read.
class JwksFile {
 public:
  JwksFile(std::string path, Host host) : path_(std::move(path)), host_(host) {}

  // The first reading. False: the reason is in the log. [main]
  bool load();

  // Calls `use` with the keys as the file has them now. [any]
  template <class Use>
  auto with_keys(Use&& use) {
    refresh();
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
  void refresh();
  bool read();  // with the lock held alone

  const std::string path_;
  const Host host_;
  std::shared_mutex mutex_;
  Stamp seen_;  // of the reading that was tried last
  std::vector<Key> keys_;
};

}  // namespace freshet::jwt
