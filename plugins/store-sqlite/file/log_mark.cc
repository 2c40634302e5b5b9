#include "store-sqlite/file/log_mark.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace freshet::sqlite {

namespace {

constexpr const char* kReadMark =
    "SELECT mark FROM log_mark WHERE length(mark) = 20 AND substr(mark, 1, 4) = x'66727368'";

// As SQLite has it in a URI: what is not plain is %XX.
std::string uri_of(const std::string& path) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '%' && c != '?' && c != '#') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out + "?immutable=1";
}

// The file as it is, whatever lies beside it. Takes no lock: REQUIRES that `db` has one.
int open_alone(const Database& db, const char* vfs, Database& alone) {
  return alone.open_read_only(uri_of(sqlite3_db_filename(db.handle(), "main")), vfs);
}

// ---- the log as bytes: https://www.sqlite.org/fileformat2.html#the_write_ahead_log

constexpr size_t kLogHeader = 32, kFrameHeader = 24;
constexpr uint32_t kLogMagic = 0x377f0682;  // its last bit: checksums are of big-endian words

// The row as SQLite writes it: 44 bytes of payload, row 1, a header of NULL and two blobs of 20.
constexpr uint8_t kRow[] = {44, 1, 4, 0, 52, 52, 'f', 'r', 's', 'h'};
constexpr size_t kMarkBytes = 20, kRowHeader = 6, kRowBytes = kRowHeader + 2 * kMarkBytes;

uint32_t big_endian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

// SQLite's running checksum of a log.
class LogChecksum {
 public:
  explicit LogChecksum(bool big) : big_(big) {}
  void add(Bytes bytes) {
    for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      a_ += word(&bytes[i]) + b_;
      b_ += word(&bytes[i + 4]) + a_;
    }
  }
  bool is(const uint8_t* stored) const {
    return big_endian(stored) == a_ && big_endian(stored + 4) == b_;
  }

 private:
  uint32_t word(const uint8_t* at) const {
    return big_ ? big_endian(at)
                : uint32_t{at[3]} << 24 | uint32_t{at[2]} << 16 | uint32_t{at[1]} << 8 | at[0];
  }
  const bool big_;
  uint32_t a_ = 0, b_ = 0;
};

using Marks = std::vector<std::string>;

void add_marks_of(Bytes page, Marks& out) {
  const bool one_row = page[0] == 0x0d && page[3] == 0 && page[4] == 1;  // of a leaf of a table
  const Bytes row = page.last(kRowBytes);
  if (!one_row || !std::equal(std::begin(kRow), std::end(kRow), row.begin())) return;
  out.emplace_back(as_text(row.subspan(kRowHeader, kMarkBytes)));
  out.emplace_back(as_text(row.last(kMarkBytes)));
}

// What the file may have been marked with while this log was written. What a crash has torn ends
// it, as for SQLite.
Marks marks_in_log(const Database& db) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (log == nullptr || log->pMethods == nullptr) return {};
  const auto read = [&](std::vector<uint8_t>& out, int64_t at) {
    return log->pMethods->xRead(log, out.data(), static_cast<int>(out.size()), at) == SQLITE_OK;
  };
  std::vector<uint8_t> header(kLogHeader);
  if (!read(header, 0) || (big_endian(&header[0]) & ~1u) != kLogMagic) return {};
  const uint32_t page_bytes = big_endian(&header[8]);
  if (page_bytes < 512 || page_bytes > 65536) return {};
  LogChecksum checksum((header[3] & 1) != 0);
  checksum.add(Bytes(header).first(24));
  if (!checksum.is(&header[24])) return {};

  Marks out;
  std::vector<uint8_t> frame(kFrameHeader + page_bytes);
  for (int64_t at = kLogHeader; read(frame, at); at += static_cast<int64_t>(frame.size())) {
    const Bytes page = Bytes(frame).subspan(kFrameHeader);
    checksum.add(Bytes(frame).first(8));
    checksum.add(page);
    const bool same_salt = std::equal(&frame[8], &frame[16], &header[16]);
    if (!same_salt || !checksum.is(&frame[16])) break;
    add_marks_of(page, out);
  }
  return out;
}

}  // namespace

bool has_log(const std::string& path) {
  std::error_code error;
  // Through a link: the log lies beside what it leads to.
  const auto real = std::filesystem::weakly_canonical(path, error);
  const auto bytes = std::filesystem::file_size((error ? path : real.string()) + "-wal", error);
  return !error && bytes > 0;
}

int fold_log(Database& db, bool& all) {
  int pages = 0, folded = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &folded);
  all = code == SQLITE_OK && pages == folded;
  return code;
}

bool begin_log(Database& db) {
  bool all = false;
  if (fold_log(db, all) != SQLITE_OK || !all || db.run(kDrawMark) != SQLITE_OK) return false;
  return fold_log(db, all) == SQLITE_OK && all;
}

bool log_belongs(const Database& db, const char* vfs) {
  const Marks logged = marks_in_log(db);
  if (logged.empty()) return true;  // there is none, or it is of before there were marks
  Database alone;
  std::string in_file;
  // A file from before there were marks, or half folded into by a crash: no copy of a whole file.
  if (open_alone(db, vfs, alone) != SQLITE_OK) return true;
  if (alone.ask(kReadMark, in_file) != SQLITE_OK || in_file.empty()) return true;
  return std::find(logged.begin(), logged.end(), in_file) != logged.end();
}

bool whole_without_log(const Database& db, const char* vfs) {
  Database alone;
  std::string verdict;
  return open_alone(db, vfs, alone) == SQLITE_OK &&
         alone.ask("PRAGMA quick_check(1)", verdict) == SQLITE_OK && verdict == "ok";
}

}  // namespace freshet::sqlite
