// core/host/plugin_host.h: brings the plugins of a manifest to life, in order, and ends them in
// reverse.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/manifest.h"
#include "core/config/settings.h"
#include "core/host/plugin_file.h"
#include "core/host/plugin_path.h"
#include "core/host/services.h"
#include "core/host/steps.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/report/problems.h"
#include "freshet/result.h"

namespace freshet {

// What the plugins of one manifest must make up together.
enum class Composition {
  server,  // everything a server needs
  any,     // whatever there is; for tools that use one service of it
};

// Two steps: load() judges all that can be judged while nothing runs, with the plugins' own word on
// their settings; create() starts the plugins.
// Everything [main]. What it hands out lives until it is destroyed.
class PluginHost {
 public:
  // `steps`, if somebody watches them, outlives it, as the others do.
  PluginHost(Log& log, Metrics& metrics, Steps* steps = nullptr)
      : log_(log), metrics_(metrics), steps_(steps == nullptr ? own_steps_ : *steps) {}
  // Destroys the plugins, the last created first. No service of theirs may be in use any more.
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  // Destroys those that nobody needs who is to have `services`, the last created first: what they
  // offer is in use no more, and no thread of theirs calls anybody any longer.
  void end_but(const std::vector<std::string>& services);

  // A service of the core's own, there for every plugin. The table may be null until create().
  void offer(std::string id, const void* table);

  // Loads the files and checks descriptors, settings, needs, and how many offer what. REQUIRES: not
  // called before.
  void load(const Manifest& manifest, const PluginPath& path, Composition composition,
            Problems& problems);

  // Creates the plugins in manifest order, and stops at the first that fails: see `problems`.
  // REQUIRES: load() has found no problem.
  Services create(Problems& problems);

  // Creates only what it takes to have `services`: those that offer one, and what they need.
  Services create_only(const std::vector<std::string>& services, Problems& problems);

  // Whether that creates what offers `service`.
  bool takes(const std::vector<std::string>& services, std::string_view service) const;

  // After a create() that failed: what the plugin at fault answered.
  Status failure() const { return failure_; }

  // Instead of create(): the store's plugin puts a backup in the place of all that is stored; see
  // freshet_plugin::restore. REQUIRES: load() has found no problem, and restores().
  Status restore_store(const std::string& backup);
  bool restores();  // there is a store, and its plugin does that

  // The store that one process may have at a time: its plugin and what that was told, as a text to
  // be compared. Empty: there is none, or it is shared.
  std::string store_in_words();

  // A loaded plugin offers this service.
  bool offers(std::string_view service) const;

  // A setting of a plugin of the manifest, as far as it is a number; nothing: no such plugin.
  std::optional<int64_t> number(std::string_view plugin, std::string_view key) const;
  // The same of a text.
  std::optional<std::string> text(std::string_view plugin, std::string_view key) const;

  // All of a plugin's; null: no such plugin.
  const Settings* settings_of(std::string_view plugin) const;

  // The descriptors, in manifest order.
  std::vector<const PluginFile*> plugins() const;

 private:
  // One entry of the manifest. Its address is the ctx of the host table it gets.
  struct Plugin {
    explicit Plugin(PluginFile f) : file(std::move(f)) {}
    bool declares(std::string_view key) const;

    PluginFile file;
    uint32_t line = 0;
    std::string id;
    Settings settings;
    PluginLimits limits;
    freshet_host table{};
    PluginHost* host = nullptr;
    void* self = nullptr;
    bool created = false;
  };
  struct Service {
    std::string id;
    const void* table;
    std::string plugin;
    uint32_t line = 0;  // of the manifest; 0: the core's own
    PluginLimits limits = {};
  };

  template <class Call>
  bool survives(const std::string& id, const char* what, Call&& call);
  void end_one(Plugin& plugin);
  void load_one(const Manifest::Plugin& entry, const PluginPath& path, const Trust& trust,
                Problems& problems);
  static void check_limits(const Plugin& plugin, Problems& problems);
  void ask_about_settings(Plugin& plugin, const Manifest::Plugin& entry, Problems& problems);
  void check_needs(const Manifest& manifest, Problems& problems) const;
  void check_single(Problems& problems) const;
  void check_complete(const Manifest& manifest, Problems& problems) const;
  void check_open(const Manifest& manifest, Problems& problems) const;
  std::vector<const Plugin*> chosen(const std::vector<std::string>& services) const;
  Services create_if(const std::function<bool(const Plugin&)>& wanted, Problems& problems);
  bool create_one(Plugin& plugin, Problems& problems);
  bool collect(Plugin& plugin, Problems& problems);
  Services sorted() const;
  const void* find(std::string_view id) const;
  Plugin* store();  // null: there is none
  static freshet_host table_for(Plugin& plugin);
  static freshet_host table_to_judge_with(Plugin& plugin);

  Log& log_;
  Metrics& metrics_;
  Steps own_steps_;
  Steps& steps_;
  std::deque<Plugin> plugins_;  // addresses stay
  std::vector<Service> services_;
  Status failure_ = Status::ok;
};

}  // namespace freshet
