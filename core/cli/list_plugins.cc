#include "core/cli/list_plugins.h"

#include <iostream>

#include "core/cli/composition.h"
#include "core/config/quantity.h"
#include "core/config/settings.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "nothing" : out;
}

std::string default_of(const freshet_setting& setting) {
  if (*setting.fallback == '\0') return "empty";
  const auto number = parse_quantity(setting.fallback, setting.unit);
  if (setting.type == FRESHET_INT && number) return quantity_text(*number, setting.unit);
  return printable(setting.fallback);
}

void print(const freshet_setting& setting) {
  std::cout << "    " << printable(setting.key) << ": " << printable(describe_type(setting));
  if ((setting.flags & FRESHET_REQUIRED) != 0) std::cout << "; required";
  if ((setting.flags & FRESHET_SECRET) != 0) std::cout << "; secret";
  if (setting.fallback != nullptr) std::cout << "; default " << default_of(setting);
  std::cout << "\n";
  if (setting.help != nullptr) std::cout << "        " << printable(setting.help) << "\n";
}

void print(const PluginFile& plugin) {
  const freshet_plugin& about = plugin.about();
  std::cout << printable(about.id) << " " << printable(about.version) << " ("
            << printable(about.licence) << "): " << printable(about.summary) << "\n"
            << "  file: " << plugin.path().string() << "\n"
            << "  offers: " << printable(joined(plugin.offers())) << "\n"
            << "  needs: " << printable(joined(plugin.needs())) << "\n";
  if (!plugin.settings().empty()) std::cout << "  settings:\n";
  for (const auto& setting : plugin.settings()) print(setting);
  std::cout << "\n";
}

}  // namespace

ExitCode list_plugins(const std::vector<std::string>& folders) {
  const PluginPath path =
      folders.empty()
          ? PluginPath::with_own({})
          : PluginPath(std::vector<std::filesystem::path>(folders.begin(), folders.end()));
  bool bad = false, any = false;
  for (const auto& file : path.files()) {
    any = true;
    std::string reason;
    if (const auto plugin = PluginFile::open(file, reason)) {
      print(*plugin);
    } else {
      std::cerr << printable(file.string() + " " + reason) << "\n";
      bad = true;
    }
  }
  if (!any) {
    std::cerr << "no plugins in";
    for (const auto& folder : path.folders()) std::cerr << " " << printable(folder.string());
    std::cerr << (path.folders().empty() ? " any folder: give --path\n" : "\n");
    return kFailed;
  }
  return bad ? kManifest : kOk;
}

}  // namespace freshet::cli
