// server_watch.h: what the server used while it was measured.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "load/measure/process_use.h"

namespace freshet::load {

class ServerWatch {
 public:
  // 0: nobody is watched, and all of it does nothing.
  explicit ServerWatch(pid_t pid) : pid_(pid) {}

  // False: there is no such process.
  bool look();
  void measuring_begins() { look(), from_ = last_; }
  void measuring_ends() { look(), to_ = last_; }

  bool watching() const { return pid_ != 0; }
  // The exact time, split as the coarse one is.
  CpuTime used() const;
  // Of the threads, by name, those that used most first.
  std::vector<std::pair<std::string, CpuTime>> threads() const;
  CpuTime last_cpu() const { return last_.cpu; }
  uint64_t first_rss() const { return first_rss_; }
  uint64_t peak_rss() const { return peak_rss_; }
  uint64_t last_rss() const { return last_.rss_bytes; }

 private:
  pid_t pid_;
  ProcessUse last_, from_, to_;
  uint64_t first_rss_ = 0, peak_rss_ = 0;
};

}  // namespace freshet::load
