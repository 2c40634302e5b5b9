// core/host/plugin_file.h: one shared library, loaded and looked at.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/signing/trust.h"
#include "freshet/abi/plugin.h"

namespace freshet {

// A plugin's file that has passed the gate: it exports the entry symbol, its descriptor is of an
// ABI and a size that this server reads, and what it says of itself is complete. No instance of it
// exists yet. The library stays in memory until the process ends. [main]
class PluginFile {
 public:
  // Nothing on failure; `reason` then says why this is no plugin for this server. What `trust`
  // does not let in is not loaded.
  static std::optional<PluginFile> open(const std::filesystem::path& file, std::string& reason,
                                        const Trust& trust = {});

  const std::filesystem::path& path() const { return path_; }
  const freshet_plugin& about() const { return *about_; }
  const std::vector<freshet_setting>& settings() const { return settings_; }
  // Service ids.
  const std::vector<std::string>& offers() const { return offers_; }
  const std::vector<std::string>& needs() const { return needs_; }
  bool offers(std::string_view id) const;
  // Many processes may have its store at once. One built before there was the word does not say so.
  bool shares_store() const;

 private:
  PluginFile() = default;
  std::string read_descriptor();

  std::filesystem::path path_;
  const freshet_plugin* about_ = nullptr;
  std::vector<freshet_setting> settings_;
  std::vector<std::string> offers_;
  std::vector<std::string> needs_;
};

}  // namespace freshet
