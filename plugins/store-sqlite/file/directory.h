// plugins/store-sqlite/file/directory.h: the places a store's files are in, as durable as the
// files.
#pragma once

#include <string>
#include <system_error>

namespace freshet::sqlite {

// What is wrong with a file's path wherever it is, as words behind it; empty if nothing is.
std::string flaw_of_path(const std::string& path);

// Of "data/freshet.db": "data"; of "freshet.db": ".".
std::string directory_of(const std::string& path);

// Makes the directory and those above it that are missing, for their owner alone (0700).
std::error_code make_directory(const std::string& path);

// Makes an empty file for its owner alone (0600). A file that exists is std::errc::file_exists.
std::error_code make_file(const std::string& path);

bool path_exists(const std::string& path);

// Renames a file; one that has the new name already stays, and that is std::errc::file_exists.
std::error_code rename_new(const std::string& from, const std::string& to);

// Waits until the file, or the directory's entries, are on the disk.
std::error_code sync_path(const std::string& path);

}  // namespace freshet::sqlite
