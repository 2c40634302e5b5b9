// core/server/server.h: the whole server, once its plugins are there. The wiring, and little else.
//
// It opens no socket, reads no clock and starts no thread: the platform calls events(), and what
// happens then happens on the platform's shards.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/apps/application.h"
#include "core/apps/procedures.h"
#include "core/audience/wire.h"
#include "core/cluster/bus_ears.h"
#include "core/cluster/endings.h"
#include "core/cluster/node_bus.h"
#include "core/cluster/nodes.h"
#include "core/cluster/store_claim.h"
#include "core/config/limits.h"
#include "core/host/plugin_account.h"
#include "core/host/services.h"
#include "core/http/admin/admin_door.h"
#include "core/http/front.h"
#include "core/identity/admin_key.h"
#include "core/live/live.h"
#include "core/live/server/log_tail.h"
#include "core/loop/replies.h"
#include "core/loop/workers.h"
#include "core/offered/outbox_table.h"
#include "core/offered/room_storage_table.h"
#include "core/offered/server_table.h"
#include "core/rates/user_rates.h"
#include "core/report/health.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/report/problems.h"
#include "core/server/settling.h"
#include "core/shards/drain.h"
#include "core/shards/links.h"
#include "core/shards/shard.h"
#include "core/shards/shards.h"
#include "core/store/store_queue.h"
#include "core/store/store_watch.h"

namespace freshet {

class PluginHost;

class Server {
 public:
  // What plugins call of the core and its store. Outlives the server, which opens and closes it.
  struct Tables {
    OutboxTable outbox;
    RoomStorageTable storage;
    ServerTable server;
    BusEars ears;

    // Those that plugins call, before they are created. [main]
    void offer_to(PluginHost& host) const;
  };

  // `admin`: how operators are let in.
  Server(const Limits& limits, Log& log, Metrics& metrics, Tables& tables, AdminRules admin = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The table to offer protocols as freshet.room/0, before they are created. [main]
  const freshet_room* rooms() const;

  // Wires the plugins together. What the manifest has wrong is in `problems`, any other failure in
  // the log. `services` outlives the server. [main]
  Status start(const Services& services, Problems& problems);
  // What operators are shown beside what the server knows itself. `log`: what it writes to keeps;
  // outlives it. REQUIRES: before start(). [main]
  void show(const LogTail& log, std::vector<PluginAccount> plugins) {
    log_tail_ = &log;
    plugins_ = std::move(plugins);
  }
  // Called once, when it begins to stop. REQUIRES: before the platform runs. [main]
  void when_stopping(std::function<void()> tell) { when_stopping_ = std::move(tell); }
  // From now on plugins that answer later, such as a store or a bus, are called no more, and may
  // end before it. REQUIRES: the platform has ended, or start() has failed. [main]
  void leave_plugins();
  // What the platform is to be started with. REQUIRES: start() was ok. [main]
  const freshet_events& events() const { return events_; }
  // This run of the server, as its store knows it. The same. [main]
  const freshet_node& node() const { return node_; }
  const NodeBus& bus() const { return *bus_; }
  // Of each loop, by number, for whoever watches them; and what is told of that. The same. [main]
  std::span<Pulse> pulses() { return {pulses_.get(), shards_.count()}; }
  Health& health() { return health_; }

  // ---- [any], while it runs ----
  const Shards& shards() const { return shards_; }
  StoreQueue& store() { return *store_; }

 private:
  // What lives on one event loop.
  struct OnLoop {
    OnLoop(const Shards& shards, Loop loop, const Shard::Parts& parts, UserRates& users,
           OverMetrics& over, SentAway& sent_away, Identification& identification)
        : rooms(shards, loop, parts),
          links({loop, parts.limits, shards, users, identification}, over, sent_away, parts.log),
          drain(rooms, links, shards) {}

    Shard rooms;
    Links links;
    Drain drain;
  };

  Status read_wires(Problems& problems);
  void check_outbox(Problems& problems) const;
  void check_bus(Problems& problems) const;
  Status read_apps(Problems& problems);
  Status open_queues();
  HttpParts http_parts();
  void make_shards();
  void watch_store();
  Status listen_to_others(Problems& problems);
  void tell_endings();
  void stop(uint32_t deadline_ms);
  void on_drained(uint64_t apps_until_ms);
  freshet_events make_events();

  const Limits limits_;
  const AdminRules admin_;
  Log& log_;
  Metrics& metrics_;
  Tables& tables_;
  RoomMetrics room_metrics_;
  ShardMetrics shard_metrics_;
  OverMetrics over_metrics_;
  SentAway sent_away_;
  UserRates user_rates_;
  Health health_;
  Budget budget_;
  MemoryCeiling ceiling_;
  AppMetrics app_metrics_;
  AdminKey admin_key_;
  const LogTail* log_tail_ = nullptr;
  std::vector<PluginAccount> plugins_;
  const Services* services_ = nullptr;
  freshet_node node_{};
  std::vector<Wire> wires_;
  std::vector<std::unique_ptr<Application>> apps_;
  Procedures procedures_;
  std::unique_ptr<Replies> replies_;
  std::unique_ptr<StoreQueue> store_;
  std::unique_ptr<NodeBus> bus_;
  std::unique_ptr<Nodes> nodes_;      // where there is a bus
  std::unique_ptr<Endings> endings_;  // the same, if an app hears of them
  // Apart, so that what is slow in one holds up nothing in another.
  std::unique_ptr<Workers> loaders_;
  std::unique_ptr<Workers> compactors_;
  std::unique_ptr<Workers> auth_workers_;
  std::unique_ptr<Workers> route_workers_;
  std::unique_ptr<Identification> identification_;
  Shards shards_;
  std::unique_ptr<Live> live_;  // outlives the rooms it looks at, and its links
  std::unique_ptr<Pulse[]> pulses_;
  std::vector<std::unique_ptr<OnLoop>> on_loops_;
  std::unique_ptr<StoreWatch> store_watch_;
  std::unique_ptr<StoreClaim> store_claim_;  // of a store that many can share
  std::unique_ptr<Settling> settling_;
  std::unique_ptr<Front> front_;
  std::function<void()> when_stopping_;
  std::atomic<bool> draining_{false};
  std::atomic<size_t> undrained_shards_{0};
  freshet_events events_;
};

}  // namespace freshet
