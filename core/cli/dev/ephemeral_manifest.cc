#include "core/cli/dev/ephemeral_manifest.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string_view>

#include "core/config/toml.h"
#include "core/host/plugin_file.h"
#include "core/host/plugin_path.h"
#include "freshet/abi.h"

namespace freshet::cli {
namespace {

constexpr std::string_view kAllWires = R"(
[server]
[[plugin]]
use = "platform-ws"
[[plugin]]
use = "crdt-native"
[[plugin]]
use = "store-sqlite"
[[plugin]]
use = "protocol-yjs"
[[plugin]]
use = "protocol-pluv"
[[plugin]]
use = "protocol-hocuspocus"
[[plugin]]
use = "studio"
[[plugin]]
use = "demo"
)";

// Of these there may be one.
constexpr const char* kSingle[] = {FRESHET_PLATFORM_ID, FRESHET_CRDT_ID, FRESHET_STORE_ID,
                                   FRESHET_AUTH_ID, FRESHET_BUS_ID};

bool same_place(const PluginFile& a, const PluginFile& b) {
  if (std::string_view(a.about().id) == b.about().id) return true;
  return std::ranges::any_of(kSingle, [&](const char* id) { return a.offers(id) && b.offers(id); });
}

bool keeps_at_a_path(const PluginFile& file) {
  return std::ranges::any_of(file.settings(), [](const freshet_setting& setting) {
    return std::string_view(setting.key) == "path" && setting.type == FRESHET_TEXT;
  });
}

class Composing {
 public:
  explicit Composing(const Ephemeral& wanted) : wanted_(wanted) {}

  std::optional<std::string> text() {
    if (!read() || !put_plugins_in() || !move_store()) return std::nullopt;
    toml::table* server = root_["server"].as_table();
    if (server == nullptr) return fail("has no [server]");
    server->insert_or_assign("listen", toml::array{"127.0.0.1:" + std::to_string(wanted_.port)});
    server->insert_or_assign("admin", "unix:" + wanted_.folder + "/admin.sock");
    for (const char* key : {"admin_public", "admin_key", "admin_hosts", "metrics"}) {
      server->erase(key);
    }
    std::ostringstream out;
    out << root_ << "\n";
    return out.str();
  }

 private:
  std::nullopt_t fail(const std::string& why) const {
    std::cerr << (wanted_.manifest.empty() ? "the manifest" : wanted_.manifest) << " " << why
              << "\n";
    return std::nullopt;
  }

  bool read() {
    toml::parse_result parsed =
        wanted_.manifest.empty() ? toml::parse(kAllWires) : toml::parse_file(wanted_.manifest);
    if (!parsed) {
      fail("cannot be read: " + std::string(parsed.error().description()));
      return false;
    }
    root_ = std::move(parsed).table();
    std::vector<std::string> folders;
    if (const toml::array* path = root_["server"]["plugin_path"].as_array()) {
      for (const toml::node& each : *path) folders.push_back(each.value_or(std::string()));
    }
    path_ = PluginPath::with_own(folders);
    plugins_ = root_["plugin"].as_array();
    if (plugins_ == nullptr) fail("has no [[plugin]]");
    return plugins_ != nullptr;
  }

  std::optional<PluginFile> open(const std::string& use) const {
    std::string reason;
    const auto found = path_.find(use, reason);
    auto file = found ? PluginFile::open(*found, reason) : std::nullopt;
    if (!file) std::cerr << use << " " << reason << "\n";
    return file;
  }
  // Of an entry of the manifest. One that cannot be found is the server's to tell of.
  std::optional<PluginFile> open(const toml::node& entry) const {
    const toml::table* table = entry.as_table();
    const std::string use = table == nullptr ? "" : (*table)["use"].value_or(std::string());
    std::string reason;
    const auto found = path_.find(use, reason);
    return found ? PluginFile::open(*found, reason) : std::nullopt;
  }

  bool put_plugins_in() {
    for (const std::string& path : wanted_.plugins) {
      const auto own = open(path);
      if (!own) return false;
      toml::table entry{{"use", path}};
      size_t place = plugins_->size();
      for (size_t i = plugins_->size(); i-- > 0;) {
        const auto there = open((*plugins_)[i]);
        if (!there || !same_place(*own, *there)) continue;
        const toml::table& old = *(*plugins_)[i].as_table();
        const bool is_it = std::string_view(own->about().id) == there->about().id;
        if (const toml::table* settings = old["settings"].as_table(); settings != nullptr && is_it)
          entry.insert_or_assign("settings", *settings);
        plugins_->erase(plugins_->begin() + static_cast<std::ptrdiff_t>(i));
        place = i;
      }
      plugins_->insert(plugins_->begin() + static_cast<std::ptrdiff_t>(place), std::move(entry));
    }
    return true;
  }

  bool move_store() {
    for (toml::node& node : *plugins_) {
      const auto file = open(node);
      if (!file || !file->offers(FRESHET_STORE_ID)) continue;
      toml::table& entry = *node.as_table();
      if (!keeps_at_a_path(*file)) {
        if (!file->shares_store()) return true;  // in memory, or where it alone knows
        entry = toml::table{{"use", "store-sqlite"}};
        drop_bus();
      }
      if (entry["settings"].as_table() == nullptr)
        entry.insert_or_assign("settings", toml::table{});
      entry["settings"].as_table()->insert_or_assign("path", wanted_.folder + "/store");
      return true;
    }
    return true;
  }

  // It is for stores that many servers share.
  void drop_bus() {
    for (size_t i = plugins_->size(); i-- > 0;) {
      const auto file = open((*plugins_)[i]);
      if (file && file->offers(FRESHET_BUS_ID)) {
        plugins_->erase(plugins_->begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }

  const Ephemeral& wanted_;
  toml::table root_;
  toml::array* plugins_ = nullptr;  // of it
  PluginPath path_ = PluginPath::with_own({});
};

}  // namespace

std::optional<std::string> ephemeral_manifest(const Ephemeral& wanted) {
  return Composing(wanted).text();
}

}  // namespace freshet::cli
