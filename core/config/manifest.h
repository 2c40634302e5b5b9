// core/config/manifest.h: the file that says what a server is composed of. TOML.
//
// Reading it runs no plugin: plugins' settings stay as written until their schema is known
// (plugin_host.h). Relative paths in it are relative to the working directory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/limits.h"
#include "core/config/plugin_limits.h"
#include "core/config/settings.h"
#include "core/report/log.h"
#include "core/report/problems.h"
#include "core/signing/trust.h"

namespace freshet {

struct Manifest {
  struct Server {
    std::vector<std::string> listen;
    std::string admin;      // empty: no admin listener
    std::string admin_key;  // empty: it asks for none
    std::vector<std::string> admin_hosts;
    std::string metrics;  // empty: no listener of its own for them
    bool open = false;  // may be reached from other machines although nobody is asked who they are
    LogFormat log = LogFormat::text;
    freshet_level log_level = FRESHET_INFO;
    std::vector<std::string> plugin_path;  // searched before the server's own folder
    bool late_veto_allows = false;  // what an app was asked about, and did not answer in time
    uint32_t listen_line = 1;
    Trust trust;
  };

  struct Plugin {
    std::string use;  // an id, or the path of a file
    uint32_t line = 1;
    uint32_t settings_line = 1;
    WrittenTable settings;
    PluginLimits limits;
    bool essential = false;  // stays in safe mode
  };

  std::string file;
  Server server;
  Limits limits;
  std::vector<Plugin> plugins;  // in load order
  // False: some could not be read, so that nothing follows from what is missing.
  bool plugins_known = false;
};

// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
Environment process_environment();

// Where `freshet init` writes what a manifest takes from the environment: beside it.
std::string environment_file(const std::string& manifest);

// Reads all that can be read, so that one look shows every mistake. With a mistake, the result is
// of no use but for further checks. `file` is for messages. [main]
Manifest parse_manifest(std::string file, std::string_view toml, const Environment& environment,
                        Problems& problems);

// The same, from a file; one that cannot be read is a problem, too.
Manifest read_manifest(const std::string& file, const Environment& environment, Problems& problems);

}  // namespace freshet
