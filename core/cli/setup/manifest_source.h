// core/cli/setup/manifest_source.h: where a manifest comes from: a file, or the program itself,
// which has the tree's own freshet.toml in it for who serves without having written one.
#pragma once

#include <string>

#include "core/cli/exit_code.h"
#include "core/config/manifest.h"

namespace freshet::cli {

struct ManifestSource {
  ManifestSource(std::string file) : name(std::move(file)) {}  // NOLINT: a file is one

  // The file; or the built-in one where it was not named and is not there.
  static ManifestSource of(const std::string& file, bool named);

  // What is wrong is in `problems`. [main]
  Manifest read(Problems& problems) const;

  // False: it is the built-in one, and no server of it was begun in this folder, as one that looks
  // for rooms in the wrong folder sees it.
  bool has_served() const;

  std::string name;  // of the file, or for messages
  bool built_in = false;
};

// On stderr, for commands that the built-in manifest is of no use for.
ExitCode tell_no_manifest();      // there is nothing of a server here
ExitCode tell_nobody_is_asked();  // it has no auth plugin

}  // namespace freshet::cli
