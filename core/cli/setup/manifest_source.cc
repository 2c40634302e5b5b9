#include "core/cli/setup/manifest_source.h"

#include <filesystem>

#include "core/cli/setup/shipped_files.h"

namespace freshet::cli {

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

}  // namespace freshet::cli
