#include "core/host/plugin_path.h"

#include <algorithm>
#include <system_error>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>

#include "core/report/nearest.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".so";

bool regular(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored);
}

// The file of a plugin in its own folder of a build tree.
fs::path nested(const fs::path& folder) {
  return folder / (folder.filename().string() + std::string(kSuffix));
}

void list_folder(const fs::path& folder, std::vector<fs::path>& out) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (path.extension() == kSuffix && regular(path)) found.push_back(path);
    if (regular(nested(path))) found.push_back(nested(path));
  }
  std::sort(found.begin(), found.end());
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

PluginPath PluginPath::with_own(const std::vector<std::string>& first) {
  std::vector<fs::path> folders(first.begin(), first.end());
  std::error_code error;
  const fs::path program = boost::dll::program_location(error);
  if (!error) {
    for (const char* own : {FRESHET_PLUGINS_FROM_PROGRAM, "../plugins"}) {
      const fs::path folder = (program.parent_path() / own).lexically_normal();
      if (fs::is_directory(folder, error)) folders.push_back(folder);
    }
  }
  return PluginPath(std::move(folders));
}

bool PluginPath::is_file(std::string_view use) {
  return use.find('/') != std::string_view::npos || use.ends_with(kSuffix);
}

std::optional<fs::path> PluginPath::find(const std::string& use, std::string& reason) const {
  if (is_file(use)) {
    if (regular(use)) return use;
    reason = "there is no file \"" + use + "\"";
    return std::nullopt;
  }
  for (const fs::path& folder : folders_) {
    if (const fs::path file = folder / (use + std::string(kSuffix)); regular(file)) return file;
    if (const fs::path file = nested(folder / use); regular(file)) return file;
  }
  std::vector<std::string> names;
  for (const fs::path& file : files()) names.push_back(file.stem().string());
  const std::vector<std::string_view> known(names.begin(), names.end());
  reason = "there is no plugin \"" + use + "\" in ";
  for (const fs::path& folder : folders_) {
    reason += (&folder == &folders_.front() ? "" : ", ") + folder.string();
  }
  if (folders_.empty()) reason += "any folder: give server.plugin_path";
  reason += suggestion(use, known);
  return std::nullopt;
}

std::vector<fs::path> PluginPath::files() const {
  std::vector<fs::path> out;
  for (const fs::path& folder : folders_) list_folder(folder, out);
  return out;
}

}  // namespace freshet
