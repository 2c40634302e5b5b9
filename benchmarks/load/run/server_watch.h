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
  void measuring_begins();
  void measuring_ends();

  bool watching() const { return pid_ != 0; }
  // The exact time, split as the coarse one is.
  CpuTime used() const;
  // Of the threads, by name, those that used most first.
  std::vector<std::pair<std::string, CpuTime>> threads() const;
  CpuTime last_cpu() const { return last_.cpu; }
  // At the first look, at the peak since then, at the last look.
  uint64_t first_rss() const { return first_rss_; }
  uint64_t peak_rss() const { return peak_rss_; }
  uint64_t last_rss() const { return last_.rss_bytes; }
  // When measuring began, at the peak while it lasted, when it ended.
  uint64_t rss_before() const { return from_.rss_bytes; }
  uint64_t measured_peak_rss() const { return measured_peak_rss_; }
  uint64_t rss_after() const { return to_.rss_bytes; }

 private:
  pid_t pid_;
  ProcessUse last_, from_, to_;
  uint64_t first_rss_ = 0, peak_rss_ = 0, measured_peak_rss_ = 0;
  // Else the system's peak is of a time before the first look, and ours is that of the looks.
  bool peak_is_ours_ = false, measuring_ = false;
};

}  // namespace freshet::load
