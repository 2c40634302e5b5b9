#include "core/cli/plugins/checker.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr const char* kChecker = "freshet-plugin-check";

// Installed, or in a build tree.
std::filesystem::path checker_beside(const std::filesystem::path& program) {
  const std::filesystem::path installed =
      (program / FRESHET_LIBEXEC_FROM_PROGRAM / kChecker).lexically_normal();
  std::error_code error;
  return std::filesystem::exists(installed, error) ? installed : program / "check" / kChecker;
}

}  // namespace

ExitCode run_checker(const TriedPlugin& plugin) {
  std::error_code error;
  const std::string file =
      checker_beside(boost::dll::program_location(error).parent_path()).string();
  std::vector<std::string> words{kChecker};
  words.insert(words.end(), plugin.arguments.begin(), plugin.arguments.end());
  if (plugin.json) words.emplace_back("--json");
  if (!plugin.inspected.empty()) words.insert(words.end(), {"--inspect", "--", plugin.inspected});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(file.c_str(), arguments.data());
  std::cerr << "cannot start " << printable(file) << ": " << std::strerror(errno)
            << "; it belongs to what is installed for who writes plugins\n";
  return kFailed;
}

}  // namespace freshet::cli
