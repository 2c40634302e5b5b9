// freshet/testing/created_plugin.h: a plugin as a server has it: created by its descriptor and
// called through its C tables, whatever language it is written in.
//
//   extern "C" const freshet_plugin* freshet_plugin_entry(void);  // of what the test is linked
//   with CreatedPlugin plugin(*freshet_plugin_entry(), [](FakeHost& host) { host.set("secret",
//   "...");
//   }); const auto* auth = plugin.service<freshet_auth>(FRESHET_AUTH_ID);
#pragma once

#include <functional>
#include <span>
#include <string>

#include "freshet/testing.h"

namespace freshet::testing {

// Destroyed with this. `set_up` gives the host what a manifest says, and services.
class CreatedPlugin {
 public:
  using SetUp = std::function<void(FakeHost&)>;

  explicit CreatedPlugin(const freshet_plugin& about, const SetUp& set_up = {})
      : about_(about), host_(std::span(about.settings, about.setting_count)) {
    if (set_up) set_up(host_);
    if (FRESHET_HAS(&about_, check_settings)) {
      const freshet_faults faults{.size = sizeof(faults),
                                  .ctx = this,
                                  .add = [](void* self, freshet_str key, freshet_str reason) {
                                    static_cast<CreatedPlugin*>(self)->faults_ +=
                                        std::string(view(key)) + ": " + std::string(view(reason)) +
                                        "\n";
                                  }};
      if (about_.check_settings(host_.table(), &faults) != FRESHET_OK) status_ = Status::internal;
      if (!faults_.empty()) status_ = Status::malformed;
    }
    if (status_ == Status::ok) status_ = Status{about_.create(host_.table(), &self_)};
  }
  ~CreatedPlugin() {
    if (status_ == Status::ok) about_.destroy(self_);
  }
  CreatedPlugin(const CreatedPlugin&) = delete;
  CreatedPlugin& operator=(const CreatedPlugin&) = delete;

  // Of create(); malformed if its settings were refused before.
  Status status() const { return status_; }
  // What it says against them, "key: reason", a line each.
  const std::string& faults() const { return faults_; }

  // Null: not offered. REQUIRES: status() is ok.
  template <class Table>
  const Table* service(const char* id) const {
    return static_cast<const Table*>(about_.service(self_, id));
  }

  FakeHost& host() { return host_; }
  const FakeHost& host() const { return host_; }

 private:
  const freshet_plugin& about_;
  FakeHost host_;
  std::string faults_;
  Status status_ = Status::ok;
  void* self_ = nullptr;
};

}  // namespace freshet::testing
