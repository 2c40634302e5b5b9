#include "core/memory/process_figures.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <vector>

#include "core/version.h"

namespace freshet {
namespace {

void add(std::string& out, std::string_view name, std::string_view type, std::string_view help,
         double value, std::string_view labels = "") {
  char number[64];
  std::snprintf(number, sizeof(number), "%.15g", value);
  out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) +
         " " + std::string(type) + "\n" + std::string(name) + std::string(labels) + " " + number +
         "\n";
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// Fields of /proc/self/stat behind the name, which may hold anything: 3 is the first. proc(5).
std::vector<std::string> stat_fields() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  std::getline(in, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

constexpr size_t kFirstField = 3, kStartTicks = 22, kVirtualBytes = 23, kResidentPages = 24;

double field(const std::vector<std::string>& fields, size_t number) {
  return std::strtod(fields[number - kFirstField].c_str(), nullptr);
}

// Of the machine, in seconds since 1970; 0: not told.
double boot_seconds() {
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("btime ")) return std::strtod(line.c_str() + 6, nullptr);
  }
  return 0;
}

void add_memory_and_start(std::string& out) {
  const auto fields = stat_fields();
  if (fields.size() + kFirstField <= kResidentPages) return;
  add(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
      field(fields, kResidentPages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  add(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.",
      field(fields, kVirtualBytes));
  const double boot = boot_seconds();
  if (boot == 0) return;
  add(out, "process_start_time_seconds", "gauge",
      "Start time of the process since unix epoch in seconds.",
      boot + field(fields, kStartTicks) / static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

void add_descriptors(std::string& out) {
  std::error_code failed;
  std::filesystem::directory_iterator it("/proc/self/fd", failed);
  if (!failed) {
    // The folder itself is open while it is read.
    const auto open = std::distance(it, std::filesystem::directory_iterator()) - 1;
    add(out, "process_open_fds", "gauge", "Number of open file descriptors.",
        static_cast<double>(open));
  }
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    add(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
        static_cast<double>(files.rlim_cur));
  }
}

}  // namespace

std::string process_figures() {
  std::string out;
  rusage use{};
  if (::getrusage(RUSAGE_SELF, &use) == 0) {
    add(out, "process_cpu_seconds_total", "counter",
        "Total user and system CPU time spent in seconds.",
        seconds(use.ru_utime) + seconds(use.ru_stime));
  }
  add_memory_and_start(out);
  add_descriptors(out);
  add(out, "freshet_build_info", "gauge", "1, with what this build is.", 1,
      std::string("{version=\"") + kVersion + "\"}");
  return out;
}

}  // namespace freshet
