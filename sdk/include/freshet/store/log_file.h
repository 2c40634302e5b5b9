// freshet/store/log_file.h: a file of records, for a store that keeps in it what it has done.
//
//   file     one record after the other
//   record   u32 length, u32 sum of the length, u32 sum of the bytes, the bytes    (little-endian)
//
// A record is there whole or not at all: append() answers when the disk has it, and what a process
// was writing when it died is cut off when the file is opened again. One process has the file, by a
// lock beside it that ends with the process. Used by one thread.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/host.h"
#include "freshet/result.h"

namespace freshet {

class LogFile {
 public:
  // Makes it, and its folder, if need be. Status::retry: another process has it. Whatever is wrong
  // is in the log. `host` outlives it.
  static Result<std::unique_ptr<LogFile>> open(Host host, const std::string& path) {
    std::unique_ptr<LogFile> out(new LogFile(host, path));
    std::error_code ignored;
    std::filesystem::create_directories(out->folder(), ignored);
    out->lock_ = ::open((path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (out->lock_ >= 0 && ::flock(out->lock_, LOCK_EX | LOCK_NB) != 0) {
      host.error("another process has \"" + path + "\" open");
      return Status::retry;
    }
    out->file_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (out->lock_ < 0 || out->file_ < 0) {
      const std::string why = std::strerror(errno);
      host.error("cannot open \"" + path + "\": " + why);
      return Status::denied;
    }
    FRESHET_CHECK(out->sync_folder());
    return out;
  }
  ~LogFile() {
    if (file_ >= 0) ::close(file_);
    if (lock_ >= 0) ::close(lock_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Calls f(Bytes) -> Status for each record, in order. Once, before the first append().
  // Status::corrupt: something is damaged before the last record.
  template <class F>
  Status read(F f) {
    FRESHET_TRY(const std::vector<uint8_t> all, whole());
    const Bytes bytes(all);
    while (end_ < all.size()) {
      const Bytes rest = bytes.subspan(end_);
      const size_t length = length_of(rest);
      if (length == kNone) break;
      FRESHET_CHECK(f(rest.subspan(kHead, length)));
      end_ += kHead + length;
    }
    if (end_ == all.size()) return Status::ok;
    if (!half_written(bytes.subspan(end_))) {
      host_.error("\"" + path_ + "\" is damaged at byte " + std::to_string(end_) +
                  ", with more behind it");
      return Status::corrupt;
    }
    host_.warn("what was being written to \"" + path_ + "\" when its process ended is cut off");
    return ::ftruncate(file_, static_cast<off_t>(end_)) == 0 ? Status::ok : fail("be cut");
  }

  size_t size() const { return end_; }

  // Status::ok: a power cut does not take it back. Status::retry: nothing of it is there.
  Status append(Bytes record) {
    if (failed_) return Status::retry;
    std::vector<uint8_t> framed;
    frame(record, framed);
    if (!write_at(file_, framed, end_)) {
      const std::string why = std::strerror(errno);
      if (::ftruncate(file_, static_cast<off_t>(end_)) != 0) return fail("be cut");
      host_.error("cannot write to \"" + path_ + "\": " + why);
      return Status::retry;
    }
    // What the system could not write it may have forgotten: nobody knows what the disk has.
    if (::fdatasync(file_) != 0) return fail("be synced");
    end_ += framed.size();
    return Status::ok;
  }

  // Puts these records in the place of all that is in it, as one. Otherwise than Status::ok, all is
  // as before.
  Status begin_anew(const std::vector<std::vector<uint8_t>>& records) {
    const std::string path = path_ + ".new";
    const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    std::vector<uint8_t> all;
    for (const Bytes record : records) frame(record, all);
    const bool done = file >= 0 && write_at(file, all, 0) && ::fdatasync(file) == 0 &&
                      ::rename(path.c_str(), path_.c_str()) == 0;
    if (!done) {
      host_.error("cannot write \"" + path + "\": " + std::strerror(errno));
      if (file >= 0) ::close(file);
      return Status::retry;
    }
    ::close(std::exchange(file_, file));
    end_ = all.size();
    return sync_folder();
  }

  // A copy that is on the disk when this answers. Status::conflict: there is something already.
  Status copy_to(const std::string& path) {
    FRESHET_TRY(const std::vector<uint8_t> all, whole());
    const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return errno == EEXIST ? Status::conflict : Status::retry;
    const bool done = write_at(file, Bytes(all).first(end_), 0) && ::fsync(file) == 0;
    ::close(file);
    if (!done) ::unlink(path.c_str());
    return done ? Status::ok : Status::retry;
  }

  // What is wrong, one line; empty: the next to open it finds what this one has.
  std::string trouble() const {
    struct stat here{}, there{};
    if (failed_) return "its file could not be written; the server must be started again";
    const bool same = ::fstat(file_, &here) == 0 && ::stat(path_.c_str(), &there) == 0 &&
                      here.st_ino == there.st_ino && here.st_dev == there.st_dev;
    return same ? "" : "its file was moved or deleted";
  }

 private:
  static constexpr size_t kHead = 12;
  static constexpr size_t kNone = SIZE_MAX;

  LogFile(Host host, std::string path) : host_(host), path_(std::move(path)) {}

  std::string folder() const {
    const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
    return folder.empty() ? "." : folder.string();
  }

  // FNV-1a: it is to see what the disk did, not who.
  static uint32_t sum_of(Bytes bytes) {
    uint32_t sum = 0x811c9dc5;
    for (const uint8_t byte : bytes) sum = (sum ^ byte) * 0x01000193;
    return sum;
  }
  static std::array<uint8_t, 4> u32(size_t value) {
    return {static_cast<uint8_t>(value), static_cast<uint8_t>(value >> 8),
            static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 24)};
  }
  static uint32_t u32_at(Bytes in, size_t at) {
    return uint32_t{in[at]} | uint32_t{in[at + 1]} << 8 | uint32_t{in[at + 2]} << 16 |
           uint32_t{in[at + 3]} << 24;
  }
  static void frame(Bytes record, std::vector<uint8_t>& out) {
    const auto length = u32(record.size());
    for (const auto& part : {length, u32(sum_of(length)), u32(sum_of(record))}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    out.insert(out.end(), record.begin(), record.end());
  }
  // Of the record that `in` begins with; kNone: it begins with none.
  static size_t length_of(Bytes in) {
    if (in.size() < kHead || sum_of(in.first(4)) != u32_at(in, 4)) return kNone;
    const size_t length = u32_at(in, 0);
    if (length > in.size() - kHead || sum_of(in.subspan(kHead, length)) != u32_at(in, 8)) {
      return kNone;
    }
    return length;
  }
  // Of what is no whole record: whether it is the last thing that anybody wrote.
  static bool half_written(Bytes in) {
    if (in.size() < kHead || std::ranges::all_of(in, [](uint8_t byte) { return byte == 0; })) {
      return true;
    }
    return sum_of(in.first(4)) == u32_at(in, 4) && u32_at(in, 0) >= in.size() - kHead;
  }

  static bool write_at(int file, Bytes bytes, size_t at) {
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      bytes = bytes.subspan(static_cast<size_t>(done));
      at += static_cast<size_t>(done);
    }
    return true;
  }
  Result<std::vector<uint8_t>> whole() {
    struct stat about{};
    if (::fstat(file_, &about) != 0) return fail("be read");
    std::vector<uint8_t> out(static_cast<size_t>(about.st_size));
    for (size_t at = 0; at < out.size();) {
      const ssize_t done = ::pread(file_, out.data() + at, out.size() - at, static_cast<off_t>(at));
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return fail("be read");
      at += static_cast<size_t>(done);
    }
    return out;
  }
  // So that the name of the file outlives a power cut, too.
  Status sync_folder() {
    const int folder = ::open(this->folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder >= 0 && ::fsync(folder) == 0;
    if (folder >= 0) ::close(folder);
    return synced ? Status::ok : fail("be synced");
  }
  Status fail(const char* what) {
    host_.error("\"" + path_ + "\" cannot " + what + ": " + std::strerror(errno) +
                "; nothing more is written to it");
    failed_ = true;
    return Status::retry;
  }

  const Host host_;
  const std::string path_;
  int lock_ = -1;
  int file_ = -1;
  size_t end_ = 0;  // of the last whole record
  bool failed_ = false;
};

}  // namespace freshet
