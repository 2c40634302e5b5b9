#include "core/cli/setup/manifest_source.h"

#include <filesystem>
#include <iostream>

#include "core/cli/setup/shipped_files.h"

namespace freshet::cli {
namespace {

// Where the built-in manifest keeps documents.
constexpr const char* kBuiltInFolder = "data";

}  // namespace

ManifestSource ManifestSource::of(const std::string& file, bool named) {
  std::error_code ignored;
  ManifestSource out(file);
  if (named || std::filesystem::exists(file, ignored)) return out;
  out.name = "the built-in manifest";
  out.built_in = true;
  return out;
}

Manifest ManifestSource::read(Problems& problems) const {
  if (!built_in) return read_manifest(name, process_environment(), problems);
  return parse_manifest(name, shipped_files().front().text, process_environment(), problems);
}

bool ManifestSource::has_served() const {
  std::error_code ignored;
  return !built_in || std::filesystem::exists(kBuiltInFolder, ignored);
}

ExitCode tell_no_manifest() {
  std::cerr << "there is no freshet.toml here, and no ./" << kBuiltInFolder
            << " of a server without one: run this in its folder, or name its manifest with -m\n";
  return kManifest;
}

ExitCode tell_nobody_is_asked() {
  std::cerr << "there is no freshet.toml here, and the built-in manifest asks nobody for a token: "
               "`freshet init --auth jwt` writes one that does, -m names another\n";
  return kManifest;
}

}  // namespace freshet::cli
