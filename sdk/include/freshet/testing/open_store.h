// freshet/testing/open_store.h: how the tests of store_contract.h and its like come to a store.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "freshet/plugin.h"
#include "freshet/testing.h"

namespace freshet::testing {

// Whether a store that is opened again has what it had.
enum class Durability { none, reopens };

// A store that is open; closing it is destroying this.
class OpenStore {
 public:
  virtual ~OpenStore() = default;
  virtual const freshet_store* table() const = 0;
};

// How to open the store under test.
struct StoreFactory {
  std::string name;
  Durability durability = Durability::none;
  // Null when it cannot be opened. A second argument that is not empty is a backup to open.
  std::function<std::unique_ptr<OpenStore>(const std::filesystem::path& directory,
                                           const std::filesystem::path& backup)>
      open;
  // Whether it can be opened there now, by whoever asks; it is closed again. Null for a store that
  // many may have open.
  std::function<bool(const std::filesystem::path& directory)> opens;
};

inline std::ostream& operator<<(std::ostream& out, const StoreFactory& f) { return out << f.name; }

// A plugin class, created with a host and called through its C table, as the server would.
template <PluginClass P>
class OpenPluginStore final : public OpenStore {
 public:
  explicit OpenPluginStore(const std::function<void(FakeHost&)>& set_up)
      : host_(P::kAbout.settings) {
    if (set_up) set_up(host_);
    auto made = make_plugin<P>(host_.host());
    if (!made) return;
    plugin_ = *std::move(made);
    bound_.emplace(static_cast<Store&>(*plugin_), host_.host());
  }
  bool ok() const { return plugin_ != nullptr; }
  const freshet_store* table() const override { return bound_->table(); }
  const FakeHost& host() const { return host_; }

 private:
  FakeHost host_;
  std::unique_ptr<P> plugin_;
  std::optional<Bound<Store>> bound_;
};

// `path_setting` names the setting that takes a path, which becomes `file` in the test's directory;
// null for a store that has none.
template <PluginClass P>
StoreFactory store_of(std::string name, Durability durability, const char* path_setting = nullptr,
                      std::string file = "store") {
  const auto make = [=](const std::filesystem::path& directory,
                        const std::filesystem::path& backup) {
    return std::make_unique<OpenPluginStore<P>>([&](FakeHost& host) {
      if (path_setting == nullptr) return;
      host.set(path_setting, (backup.empty() ? directory / file : backup).string());
    });
  };
  const auto open = [=](const std::filesystem::path& directory,
                        const std::filesystem::path& backup) -> std::unique_ptr<OpenStore> {
    auto store = make(directory, backup);
    if (!store->ok()) {
      ADD_FAILURE() << "cannot create the store: " << store->host().log();
      return nullptr;
    }
    return store;
  };
  StoreFactory out{std::move(name), durability, open, nullptr};
  if (!P::kAbout.shared) {
    out.opens = [=](const std::filesystem::path& directory) { return make(directory, {})->ok(); };
  }
  return out;
}

}  // namespace freshet::testing
