#include "store-sqlite/file/directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>

namespace freshet::sqlite {

namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

}  // namespace

std::string flaw_of_path(const std::string& path) {
  if (path.empty()) return "is empty";
  const auto too_long = [](size_t bytes, const char* what, size_t most) {
    return " of " + std::to_string(bytes) + " bytes, and no " + what + " may be longer than " +
           std::to_string(most);
  };
  if (path.size() >= PATH_MAX) return "is one" + too_long(path.size(), "path", PATH_MAX - 1);
  const std::filesystem::path parts(path);
  for (const auto& part : parts) {
    const size_t bytes = part.native().size();
    if (bytes > NAME_MAX) return "has a part" + too_long(bytes, "name of a file", NAME_MAX);
  }
  const auto name = parts.filename();
  if (!name.empty() && name != "." && name != "..") return "";
  return "\"" + path + "\" names a folder, where a file must be";
}

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::error_code make_directory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  if (const std::string parent = directory_of(path); parent != path) {
    if (const std::error_code failed = make_directory(parent)) return failed;
  }
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) return last_error();
    // Somebody else was faster, or it is something else.
    if (!std::filesystem::is_directory(path, error)) return {ENOTDIR, std::generic_category()};
  }
  return sync_path(directory_of(path));
}

std::error_code make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return last_error();
  ::close(fd);
  return {};
}

bool path_exists(const std::string& path) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0;
}

std::error_code rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  // Not every file system has that; what is left is to look and then rename.
  if (errno != EINVAL && errno != ENOSYS) return last_error();
  if (path_exists(to)) return std::make_error_code(std::errc::file_exists);
  return ::rename(from.c_str(), to.c_str()) == 0 ? std::error_code{} : last_error();
}

std::error_code sync_path(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return last_error();
  const std::error_code result = ::fsync(fd) == 0 ? std::error_code{} : last_error();
  ::close(fd);
  return result;
}

}  // namespace freshet::sqlite
