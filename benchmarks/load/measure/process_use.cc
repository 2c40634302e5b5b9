#include "process_use.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace freshet::load {

namespace {

namespace fs = std::filesystem;

std::string line_of(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

uint64_t peak_of(const fs::path& status) {
  constexpr std::string_view kPeak = "VmHWM:";
  std::ifstream in(status);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kPeak))
      return 1024 * std::strtoull(line.c_str() + kPeak.size(), nullptr, 10);
  }
  return 0;
}

}  // namespace

std::optional<CpuTime> read_stat_line(std::string_view line, long ticks_per_s) {
  size_t at = line.rfind(')');
  // Behind the name: the state is field 3, the times are fields 14 and 15.
  for (int field = 3; field <= 14 && at != std::string_view::npos; ++field)
    at = line.find(' ', at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string times(line.substr(at));
  char* rest = nullptr;
  const auto user = static_cast<double>(std::strtoull(times.c_str(), &rest, 10));
  const auto system = static_cast<double>(std::strtoull(rest, nullptr, 10));
  return CpuTime{user / static_cast<double>(ticks_per_s),
                 system / static_cast<double>(ticks_per_s)};
}

std::optional<ProcessUse> read_process_use(pid_t pid) {
  const fs::path folder = "/proc/" + std::to_string(pid);
  const long ticks = sysconf(_SC_CLK_TCK);
  const auto cpu = read_stat_line(line_of(folder / "stat"), ticks);
  if (!cpu) return std::nullopt;
  ProcessUse use{.cpu = *cpu, .run_s = 0, .threads = {}, .rss_bytes = 0};
  std::error_code fault;
  for (const auto& task : fs::directory_iterator(folder / "task", fault)) {
    // A thread may end while we look.
    const auto times = read_stat_line(line_of(task.path() / "stat"), ticks);
    if (!times) continue;
    CpuTime& sum = use.threads[line_of(task.path() / "comm")];
    use.run_s += std::strtod(line_of(task.path() / "schedstat").c_str(), nullptr) / 1e9;
    sum = {sum.user_s + times->user_s, sum.system_s + times->system_s};
  }
  std::ifstream statm(folder / "statm");
  uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  use.rss_bytes = resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  use.peak_rss_bytes = std::max(use.rss_bytes, peak_of(folder / "status"));
  return use;
}

bool forget_peak(pid_t pid) {
  std::ofstream out("/proc/" + std::to_string(pid) + "/clear_refs");
  return static_cast<bool>(out << '5' << std::flush);
}

}  // namespace freshet::load
