// core/cli/composition.h: a manifest and its plugins, for commands that serve nobody.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/cli/exit_code.h"
#include "core/cli/setup/manifest_source.h"
#include "core/cli/stored/store_lock.h"
#include "core/config/manifest.h"
#include "core/host/plugin_host.h"
#include "core/report/log_spdlog.h"
#include "core/report/metrics.h"
#include "core/server/server.h"

namespace freshet::cli {

// The manifest alone. Nothing: what is wrong with it is on stderr, and in `exit`.
std::optional<Manifest> manifest_of(const ManifestSource& source, ExitCode& exit);

// Reads the manifest and loads its plugins, as `freshet serve` would, without creating any.
class Loaded {
 public:
  // What is wrong goes to stderr; then ok() is false.
  Loaded(const ManifestSource& source, Composition composition, freshet_level least);

  bool ok() const { return problems_.empty(); }
  const Manifest& manifest() const { return manifest_; }
  PluginHost& host() { return host_; }

  // Creates what offers `services`, and takes the store if that is among it. A failure is on
  // stderr; busy() says whether it is one of the moment: somebody else has something.
  bool create_only(const std::vector<std::string>& services, Services& out);

  bool busy() const { return held_ || host_.failure() == Status::retry; }

  // Before the store is touched. False: somebody else has it; told on stderr.
  bool take_store();

 private:
  Problems problems_;
  Manifest manifest_;
  SpdLog log_;
  Metrics metrics_;
  Server::Tables tables_;  // of the core, answered as by a server that does not run
  StoreLock lock_;         // let go of after the plugins have
  bool held_ = false;
  PluginHost host_;
};

// Creates what it takes to use the store of a manifest without a server. What is in the way is told
// on stderr, such as a server that has the store.
ExitCode open_store(Loaded& loaded, const std::vector<std::string>& services, Services& out);

ExitCode check(const ManifestSource& manifest);

}  // namespace freshet::cli
