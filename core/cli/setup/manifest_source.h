// core/cli/setup/manifest_source.h: where a manifest comes from: a file, or the program itself,
// which has the tree's own freshet.toml in it for who serves without having written one.
#pragma once

#include <string>

#include "core/config/manifest.h"

namespace freshet::cli {

struct ManifestSource {
  ManifestSource(std::string file) : name(std::move(file)) {}  // NOLINT: a file is one

  // The file; or the built-in one where it was not named and is not there.
  static ManifestSource of(const std::string& file, bool named);

  // What is wrong is in `problems`. [main]
  Manifest read(Problems& problems) const;

  std::string name;  // of the file, or for messages
  bool built_in = false;
};

}  // namespace freshet::cli
