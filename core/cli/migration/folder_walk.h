// core/cli/migration/folder_walk.h: the entries of a folder, one after the other. What cannot be
// read is told on stderr.
#pragma once

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "core/report/printable.h"

namespace freshet::cli {

class FolderWalk {
 public:
  // Nothing: it cannot be read.
  static std::optional<FolderWalk> begin(const std::string& folder) {
    std::error_code failure;
    Entries at(folder, failure);
    if (!failure) return FolderWalk(std::move(at));
    std::cerr << printable(folder) << ": cannot be read: " << failure.message() << "\n";
    return std::nullopt;
  }

  bool at_end() const { return at_ == Entries(); }
  const std::filesystem::path& path() const { return at_->path(); }  // REQUIRES: !at_end()
  void step() {
    std::error_code failure;
    at_.increment(failure);
    if (!failure) return;
    failed_ = true;
    std::cerr << "the folder cannot be read any further: " << failure.message() << "\n";
  }
  bool failed() const { return failed_; }  // there were more

 private:
  using Entries = std::filesystem::directory_iterator;
  explicit FolderWalk(Entries at) : at_(std::move(at)) {}

  Entries at_;
  bool failed_ = false;
};

}  // namespace freshet::cli
