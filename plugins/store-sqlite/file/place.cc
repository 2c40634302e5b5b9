#include "store-sqlite/file/place.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>

#include "freshet/format/reason.h"

namespace freshet::sqlite {

namespace {

constexpr const char* kFile = "its file";
constexpr const char* kLog = "its write-ahead log";

}  // namespace

Place::Place(const Database& db, const std::string& path) {
  std::error_code ignored;
  remember(std::filesystem::absolute(path, ignored).string(), kFile);
  // The path may be a link, and the log lies beside what it leads to.
  const char* file = sqlite3_db_filename(db.handle(), "main");
  remember(file, kFile);
  remember(sqlite3_filename_wal(file), kLog);
}

// A file that cannot be looked at now is remembered as one that never is the right one.
void Place::remember(const std::string& path, const char* called) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) about = {};
  files_.push_back({path, called, about.st_dev, about.st_ino});
}

std::string Place::trouble() const {
  for (const File& file : files_) {
    struct stat about{};
    if (::stat(file.path.c_str(), &about) != 0) {
      const bool gone = errno == ENOENT || errno == ENOTDIR;
      return std::string(file.called) + (gone ? " was moved or deleted" : ": " + reason_of(errno));
    }
    if (about.st_dev != file.device || about.st_ino != file.inode) {
      return std::string("another file is in the place of ") + file.called;
    }
  }
  return {};
}

bool Place::read_only() const {
  struct statvfs system{};
  return !files_.empty() && ::statvfs(files_.front().path.c_str(), &system) == 0 &&
         (system.f_flag & ST_RDONLY) != 0;
}

}  // namespace freshet::sqlite
