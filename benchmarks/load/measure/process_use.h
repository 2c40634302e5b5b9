// process_use.h: what a process has used so far, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::load {

struct CpuTime {
  double user_s = 0, system_s = 0;
  double total() const { return user_s + system_s; }
  CpuTime operator-(const CpuTime& other) const {
    return {user_s - other.user_s, system_s - other.system_s};
  }
};

struct ProcessUse {
  CpuTime cpu;       // in hundredths of a second, as the kernel tells it
  double run_s = 0;  // the same in nanoseconds, user and system together, of the threads there are
  std::map<std::string, CpuTime> threads;      // by name; threads of one name together
  uint64_t rss_bytes = 0, peak_rss_bytes = 0;  // the peak since it started, or forget_peak()
};

// None: there is no such process.
std::optional<ProcessUse> read_process_use(pid_t pid);

// From now on its peak is that of what comes. False: the kernel does not do that for us.
bool forget_peak(pid_t pid);

// The times in a line of /proc/PID/stat. The name in it may hold blanks and brackets.
std::optional<CpuTime> read_stat_line(std::string_view line, long ticks_per_s);

}  // namespace freshet::load
