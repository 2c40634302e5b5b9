#include "core/cli/doctor/disk.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include "core/cli/doctor/limits.h"
#include "core/cli/doctor/nearest_folder.h"

namespace freshet::cli {
namespace {

using std::chrono::microseconds;

// The median of some; none: `errno` says why.
std::vector<microseconds> sync_times(const std::filesystem::path& folder) {
  std::string name = (folder / ".freshet-doctor-XXXXXX").string();
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return {};
  ::unlink(name.c_str());
  const std::vector<char> page(4096, 'f');
  std::vector<microseconds> out;
  for (unsigned i = 0; i < kSyncs; ++i) {
    const auto from = std::chrono::steady_clock::now();
    const bool good = ::pwrite(fd, page.data(), page.size(), 0) > 0 && ::fdatasync(fd) == 0;
    if (!good) break;
    out.push_back(
        std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - from));
  }
  const int reason = errno;
  ::close(fd);
  errno = reason;
  std::ranges::sort(out);
  return out;
}

std::string milliseconds(microseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

void check_sync(const std::filesystem::path& folder, Findings& out) {
  const auto times = sync_times(folder);
  if (times.empty()) {
    return out.wrong(
        "disk", folder.string() + ": " + std::strerror(errno),
        "a folder that the server's user may write in: `chown freshet: " + folder.string() + "`");
  }
  const microseconds median = times[times.size() / 2];
  const std::string what = folder.string() + ": a sync takes " + milliseconds(median) +
                           ", at most " + milliseconds(times.back());
  if (median <= kSlowSync) return out.good("disk", what);
  out.doubtful("disk", what + ": every edit is acknowledged later than that",
               "a disk of this machine that is faster, for the store");
}

void check_kind(const std::filesystem::path& folder, Findings& out) {
  struct statfs about{};
  if (::statfs(folder.c_str(), &about) != 0) return;
  switch (static_cast<unsigned long>(about.f_type)) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
      return out.doubtful(
          "disk", folder.string() + " is in memory: it is gone with the machine's next start",
          "a folder on a disk, for the store");
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case 0xFF534D42:  // CIFS
    case 0x65735546:  // FUSE
      return out.doubtful(
          "disk",
          folder.string() +
              " is on a file system of the network, whose locks and syncs may not hold",
          "a folder on a disk of this machine, or store-postgres");
    default: return;
  }
}

void check_space(const std::filesystem::path& folder, Findings& out) {
  struct statvfs about{};
  if (::statvfs(folder.c_str(), &about) != 0) return;
  const uint64_t free = uint64_t{about.f_bavail} * about.f_frsize;
  if (free >= kLittleSpaceBytes) return;
  out.doubtful("disk", folder.string() + " has " + std::to_string(free >> 20) + " MiB left",
               "room for what people will write; a full disk refuses edits");
}

}  // namespace

void check_disk(const std::string& file, Findings& out) {
  const std::filesystem::path folder = nearest_folder(file);
  check_kind(folder, out);
  check_space(folder, out);
  check_sync(folder, out);
}

}  // namespace freshet::cli
