#include "store-sqlite/file/lock_owner.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstdio>
#include <fstream>

namespace freshet::sqlite {

std::string lock_owner(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return {};
  // A line reads `1: POSIX  ADVISORY  WRITE 4711 08:01:131 1073741826 1073742335`.
  char file[64];
  std::snprintf(file, sizeof(file), " %02x:%02x:%llu ", major(about.st_dev), minor(about.st_dev),
                static_cast<unsigned long long>(about.st_ino));
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const size_t at = line.find(file);
    if (at == std::string::npos) continue;
    const std::string before = line.substr(0, at);
    const std::string owner = before.substr(before.rfind(' ') + 1);
    // 0 and -1 are processes of another namespace.
    if (!owner.empty() && owner != "0" && owner != "-1") return owner;
  }
  return {};
}

}  // namespace freshet::sqlite
