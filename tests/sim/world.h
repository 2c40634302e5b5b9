// tests/sim/world.h: a whole run: one disk, one server process after another, or nodes that share
// it, and clients.
//
// Scripted tests say what happens and let time pass; random runs (run.h) throw dice. In both, the
// world checks what it can see at any time, and check() the rest once things have calmed down.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/limits.h"
#include "core/config/plugin_limits.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "freshet/abi.h"
#include "freshet/auth.h"
#include "sim/bus/sim_air.h"
#include "sim/clients/hocuspocus_client.h"
#include "sim/clients/sim_client.h"
#include "sim/platform/sim_platform.h"
#include "sim/plugins/sim_store.h"

namespace freshet {
class Server;
}

namespace freshet::sim {

class SimNode;

struct Setup {
  uint64_t seed = 1;
  bool trace = false;
  uint32_t shards = 2;
  Limits limits = {};
  Weather weather = {};
  Plant plant = Plant::none;
  std::optional<size_t> plant_node = std::nullopt;  // where it is planted; none: at every one
  size_t nodes = 1;
  bool bus = false;       // between them
  bool may_lose = false;  // what was acknowledged, for a while: a database that fails over
  AirWeather air = {};
  bool shared = false;            // others append to the same store; with many nodes they do anyway
  uint32_t retry_delay_ms = 0;    // of protocol-yjs: most stories are not about refusals that wait
  bool open = false;              // as a manifest says it
  bool late_veto_allows = false;  // the same
  Auth* auth = nullptr;           // borrowed; null: an open server
  const freshet_auth* auth_table = nullptr;  // the same as a bare table
  PluginLimits plugin_limits = {};           // of auth and apps
  std::vector<const freshet_http*> https = {};
  std::vector<const freshet_app*> apps = {};
  std::function<std::vector<const freshet_app*>(size_t node)> apps_of =
      nullptr;  // instead of those
  // Stands between the core and the real one; null: the real one.
  std::function<const freshet_crdt*(const freshet_crdt*)> wrap_crdt = nullptr;
  std::function<const freshet_protocol*(const freshet_protocol*)> wrap_protocol = nullptr;

  Sharing sharing() const { return shared || nodes > 1 ? Sharing::shared : Sharing::alone; }
};

class World {
 public:
  explicit World(Setup setup = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Scene& scene() { return scene_; }
  Verdict& verdict() { return scene_.verdict; }
  SimDisk& disk() { return disk_; }
  SimAir& air() { return air_; }
  SimNode& node(size_t index) { return *nodes_.at(index); }
  size_t nodes() const { return nodes_.size(); }
  // Of the first node.
  SimStore& store();
  SimPlatform& platform();
  Server& server();
  Metrics& metrics();
  const freshet_server* outside();  // what apps are offered
  int64_t metric(std::string_view name, size_t node = 0);
  bool logged(std::string_view part) const { return log_.find(part) != std::string::npos; }

  // ---- the processes, of the first node unless another is named ----
  bool up(size_t node = 0) const;
  void start(size_t node = 0);
  void kill(size_t node = 0);  // kill -9, a power cut: what was committed stays
  // SIGTERM; the process ends when it is done. False: it was not, at the deadline.
  bool stop(uint32_t deadline_ms = 10'000, size_t node = 0);
  // Nobody reaches the database, or everybody does again.
  void set_database_away(bool away);

  // ---- clients ----
  SimClient& client(ClientOptions options);  // not yet online
  // Online; waits for its first state.
  SimClient& join(ClientOptions options);
  SimClient& join(const std::string& name, const std::string& room = "r", size_t node = 0) {
    return join({.name = name, .room = room, .node = node});
  }
  void move(SimClient& client, size_t node);
  std::deque<std::unique_ptr<SimClient>>& clients() { return clients_; }
  // The same on the wire of Hocuspocus.
  HocuspocusClient& guest(ClientOptions options);
  HttpAnswer get(const HttpRequest& request);  // waits for the answer
  Landmarks landmarks;

  // ---- time ----
  void run_ms(uint64_t ms);
  // False if it did not come true in time.
  bool run_until(const std::function<bool()>& condition, uint64_t within_ms = 60'000);
  void settle() { run_ms(2'000); }

  // ---- what must hold ----
  // Of what clients were told was saved, all is on the disk.
  void check_acknowledged();
  // Everybody who is online is connected and holds what is stored, and sees who is there.
  bool calm();
  void check_calm();

 private:
  Setup setup_;
  Scene scene_;
  SimDisk disk_;
  SimAir air_;
  std::string log_;
  std::unique_ptr<Log> log_sink_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::deque<std::unique_ptr<SimClient>> clients_;
  std::deque<std::unique_ptr<HocuspocusClient>> guests_;
  std::vector<Participant*> everybody_;  // of both
};

}  // namespace freshet::sim
