// plugins/store-sqlite/file/place.h: whether the files that are open are those a restart would
// find.
//
// A file that is deleted, moved or covered by another stays readable and writable for whoever has
// it open, and what is written to it is gone with the process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

class Place {
 public:
  // Of a database whose files are on no file system: nothing is ever wrong.
  Place() = default;
  // `path` is what the operator calls the file. REQUIRES: its write-ahead log is open, too.
  Place(const Database& db, const std::string& path);

  // What is wrong, in words that name no path; empty: nothing.
  std::string trouble() const;
  bool read_only() const;  // the file system is

 private:
  struct File {
    std::string path;
    const char* called;
    dev_t device;
    ino_t inode;
  };
  void remember(const std::string& path, const char* called);

  std::vector<File> files_;
};

}  // namespace freshet::sqlite
