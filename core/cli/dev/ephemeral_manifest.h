// core/cli/dev/ephemeral_manifest.h: a manifest, with somebody's plugins in it, for a server that
// is gone in a moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet::cli {

struct Ephemeral {
  std::string manifest;              // it begins with this file; empty: one with all wires
  std::vector<std::string> plugins;  // files
  std::string folder;                // for what is stored, and the admin address
  uint16_t port = 0;                 // of the loopback, where it listens
};

// Each plugin takes the place of the one of its id, whose settings it has, or of the one whose kind
// there may be once. The store keeps what it does in `folder`; one that cannot is replaced, so that
// nothing of the manifest's is touched. Nothing: stderr says why.
//
// Loads the plugins, and so may crash: to be called in a process of its own.
std::optional<std::string> ephemeral_manifest(const Ephemeral& wanted);

}  // namespace freshet::cli
