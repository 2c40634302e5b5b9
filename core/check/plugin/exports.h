// core/check/plugin/exports.h: which symbols a library shows to others.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace freshet::check {

// Read from the file; nothing is loaded. Of what is no library for this machine's word size there
// are none, and `reason` says so.
std::vector<std::string> exported_symbols(const std::filesystem::path& file, std::string& reason);

}  // namespace freshet::check
