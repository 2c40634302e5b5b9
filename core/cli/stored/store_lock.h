// core/cli/stored/store_lock.h: one process at a time has the store of a manifest, whatever its
// plugin does.
//
// A store keeps others out by itself, and one that forgot to would let `freshet rooms delete` at
// the files of a running server. This notices a second process that has the same manifest file,
// working directory and settings of the store; what has another manifest is the plugin's to notice.
#pragma once

#include <chrono>
#include <string>

#include "core/host/plugin_host.h"
#include "freshet/result.h"

namespace freshet::cli {

class StoreLock {
 public:
  StoreLock() = default;
  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&& other) noexcept;

  // Nothing is locked for a store that is shared, or where the file system has no locks.
  // Status::retry: another process has it, for all of `wait`; told on stderr. REQUIRES: `host` has
  // loaded the manifest.
  static Result<StoreLock> take(const std::string& manifest, PluginHost& host,
                                std::chrono::milliseconds wait);

 private:
  int fd_ = -1;  // the manifest
};

}  // namespace freshet::cli
