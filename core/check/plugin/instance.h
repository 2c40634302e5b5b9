// core/check/plugin/instance.h: a plugin that was created, and the tables that it offers.
#pragma once

#include <memory>
#include <string>
#include <tuple>

#include "core/check/plugin/fake_core.h"
#include "core/check/plugin/fake_rooms.h"
#include "core/check/plugin/given_host.h"
#include "core/check/plugin/trial.h"
#include "core/check/plugin/watched_services.h"
#include "freshet/result.h"

namespace freshet::check {

// Created by its constructor and destroyed by its destructor, as by a server. [main]
class Instance {
 public:
  Instance(Trial& trial, const Place& place);
  ~Instance() { end(); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  bool ok() const { return self_ != nullptr; }
  // Why not, with what the plugin logged; for a test that fails.
  const std::string& why() const { return why_; }
  Status status() const { return status_; }
  std::string log() const { return host_ ? host_->log() : std::string(); }
  bool keeps() const { return keeps_; }

  FakeCore& core() { return core_; }
  FakeRooms& rooms() { return rooms_; }

  // Null: it does not offer that. REQUIRES: ok().
  template <class Table>
  const Table* service() {
    auto& watched = std::get<std::unique_ptr<Watched<Table>>>(watched_);
    if (watched) return watched->table();
    const auto* real = raw<Table>();
    if (real == nullptr) return nullptr;
    watched = std::make_unique<Watched<Table>>(*real, trial_.witness());
    Service<Table>::watch(*watched);
    return watched->table();
  }
  // The plugin's own table, which nobody watches.
  template <class Table>
  const Table* raw() {
    return static_cast<const Table*>(find(Service<Table>::kId));
  }
  const void* find(const char* id);

  // Before the destructor does; nothing is called after it.
  void end();

 private:
  void create();

  Trial& trial_;
  const PluginFile* file_;
  FakeCore core_;
  FakeRooms rooms_;
  std::unique_ptr<GivenHost> host_;
  std::tuple<std::unique_ptr<Watched<freshet_store>>, std::unique_ptr<Watched<freshet_auth>>,
             std::unique_ptr<Watched<freshet_app>>, std::unique_ptr<Watched<freshet_http>>,
             std::unique_ptr<Watched<freshet_bus>>, std::unique_ptr<Watched<freshet_crdt>>,
             std::unique_ptr<Watched<freshet_protocol>>>
      watched_;
  void* self_ = nullptr;
  Status status_ = Status::internal;
  bool keeps_ = false;
  std::string why_;
};

}  // namespace freshet::check
