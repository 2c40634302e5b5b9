// core/cli/doctor/nearest_folder.h: where a file that a server will make is to be made.
#pragma once

#include <filesystem>
#include <string>

namespace freshet::cli {

// The nearest folder above it that is there: those below are made with it.
inline std::filesystem::path nearest_folder(const std::string& file) {
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::absolute(file, ignored).parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder, ignored)) {
    folder = folder.parent_path();
  }
  return folder;
}

}  // namespace freshet::cli
