// core/host/plugin_path.h: where plugins are looked for.
//
// In each folder, a plugin "x" is the file x.so, or x/x.so as a build tree has it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

class PluginPath {
 public:
  // `first` is searched before the folders that belong to this server's program: those it was
  // installed with, and those of its build tree.
  static PluginPath with_own(const std::vector<std::string>& first);
  // Only these.
  explicit PluginPath(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // `use` of a manifest: an id, or the path of a file if there is a '/' in it or it ends in ".so".
  // On failure `reason` says where it was looked for, and what was probably meant.
  std::optional<std::filesystem::path> find(const std::string& use, std::string& reason) const;

  // Every file that looks like a plugin, by folder and then by name.
  std::vector<std::filesystem::path> files() const;

  const std::vector<std::filesystem::path>& folders() const { return folders_; }

  static bool is_file(std::string_view use);

 private:
  std::vector<std::filesystem::path> folders_;
};

}  // namespace freshet
