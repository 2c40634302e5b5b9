#include "core/cli/doctor/machine.h"

#include <sys/resource.h>
#include <sys/timex.h>

#include "core/cli/doctor/limits.h"
#include "freshet/platform.h"

namespace freshet::cli {
namespace {

std::string mebibytes(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

void check_descriptors(int64_t max_connections, Findings& out) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const std::string may = std::to_string(files.rlim_max);
  const auto wanted = static_cast<uint64_t>(max_connections) + kOwnDescriptors;
  if (files.rlim_max == RLIM_INFINITY || files.rlim_max >= wanted) {
    return out.good("descriptors", "a process may have " + may);
  }
  out.doubtful("descriptors",
               "a process may have " + may + ", and max_connections of platform-ws is " +
                   std::to_string(max_connections),
               "LimitNOFILE=" + std::to_string(wanted) +
                   " in the unit of systemd, `ulimit -n` in a shell; or a smaller max_connections");
}

// Tokens say until when they are good.
void check_clock(Findings& out) {
  timex now{};
  const int state = ::adjtimex(&now);
  if (state < 0) return;
  if (state != TIME_ERROR && (now.status & STA_UNSYNC) == 0) {
    return out.good("clock", "is kept by a time service");
  }
  out.doubtful("clock", "is kept by nobody: tokens may end too early or too late",
               "a time service: `timedatectl set-ntp true`, or chrony");
}

void check_memory(const freshet_platform& platform, uint64_t documents_bytes, Findings& out) {
  uint64_t used = 0, available = 0;
  if (!FRESHET_HAS(&platform, memory)) return;
  platform.memory(platform.self, &used, &available);
  if (available == 0) return;
  if (documents_bytes <= available / 2)
    return out.good("memory", mebibytes(available) + " can be had");
  out.doubtful(
      "memory",
      mebibytes(available) + " can be had, and documents may take " + mebibytes(documents_bytes) +
          " (limits.documents_bytes), beside what waits for readers",
      "documents_bytes = \"" + mebibytes(available / 2) + "\" under [limits], or more memory");
}

}  // namespace freshet::cli
