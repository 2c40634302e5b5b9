#include "core/cli/doctor/trial_store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/cli/doctor/nearest_folder.h"

namespace freshet::cli {
namespace {

// Its own where the manifest names none.
constexpr const char* kUsualFile = "data/freshet.db";

bool is_file_store(const Manifest::Plugin& plugin) {
  return plugin.use == kFileStore || plugin.use.ends_with(std::string("/") + kFileStore + ".so");
}

}  // namespace

TrialStore::TrialStore(Manifest& manifest) {
  const auto plugin = std::ranges::find_if(manifest.plugins, is_file_store);
  if (plugin == manifest.plugins.end()) return;
  auto path = std::ranges::find(plugin->settings, "path", &WrittenEntry::key);
  const bool named = path != plugin->settings.end();
  if (named && path->value.kind != Written::Kind::text) return;
  const std::string file = named ? path->value.text : kUsualFile;
  std::error_code ignored;
  if (file.empty() || std::filesystem::exists(file, ignored)) return;
  // Where none can be made, the store's own words say so of the manifest's file.
  std::string folder = (nearest_folder(file) / ".freshet-doctor-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return;
  folder_ = folder;
  instead_of_ = file;
  if (!named) path = plugin->settings.insert(path, {"path", plugin->settings_line, {}});
  path->value.kind = Written::Kind::text;
  path->value.text = folder + "/store.db";
}

TrialStore::~TrialStore() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace freshet::cli
