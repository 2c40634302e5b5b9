#include "platform-ws/process_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string_view>

namespace freshet::ws {
namespace {

// Version 1 says "no bound" by a number near 2^63.
constexpr uint64_t kNoBound = uint64_t{1} << 60;

std::optional<uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  uint64_t number = 0;
  if (!(file >> number) || number >= kNoBound) return std::nullopt;  // "max" is none either
  return number;
}

// Of a group and all above it. What a container sees of its own group is not where /proc says it
// is, but at the top.
uint64_t least_up(const std::string& top, std::string group, std::string_view file) {
  uint64_t least = UINT64_MAX;
  for (;;) {
    const auto bound = number_in(top + group + "/" + std::string(file));
    if (bound) least = std::min(least, *bound);
    if (group.empty()) return least;
    group.resize(group.find_last_of('/') == std::string::npos ? 0 : group.find_last_of('/'));
  }
}

// A line is "4:memory:/path" of version 1, "0::/path" of version 2.
uint64_t bound_of_groups(const std::string& root) {
  const std::string sys = root + "/sys/fs/cgroup";
  uint64_t least = UINT64_MAX;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(
          {least, least_up(sys, group, "memory.max"), least_up(sys, group, "memory.high")});
    } else if (controllers.find(",memory,") != std::string::npos) {
      least = std::min(least, least_up(sys + "/memory", group, "memory.limit_in_bytes"));
    }
  }
  return least;
}

// "MemTotal:       16384 kB", the first line.
uint64_t of_machine(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::string what;
  uint64_t kib = 0;
  return file >> what >> kib && what == "MemTotal:" ? kib * 1024 : UINT64_MAX;
}

}  // namespace

uint64_t resident_bytes() {
  std::FILE* statm = std::fopen("/proc/self/statm", "re");
  if (statm == nullptr) return 0;
  uint64_t pages = 0, of_files = 0;
  const int read = std::fscanf(statm, "%*u %lu %lu", &pages, &of_files);
  std::fclose(statm);
  if (read != 2) return 0;
  return (pages - std::min(pages, of_files)) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

uint64_t available_bytes(const std::string& root) {
  const uint64_t least = std::min(of_machine(root), bound_of_groups(root));
  return least == UINT64_MAX ? 0 : least;
}

}  // namespace freshet::ws
