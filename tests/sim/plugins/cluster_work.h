// tests/sim/plugins/cluster_work.h: what nodes keep of each other on the simulated disk: who lives,
// which rooms are open where, what apps are to be told, who has claimed what.
#pragma once

#include <set>
#include <string>

#include "sim/plugins/plant.h"
#include "sim/plugins/sim_disk.h"
#include "sim/plugins/store_call.h"
#include "sim/scene.h"

namespace freshet::sim {

class ClusterWork {
 public:
  ClusterWork(Scene& scene, SimDisk& disk, Plant plant)
      : scene_(scene), disk_(disk), plant_(plant) {}

  // All of it, at this moment.
  Status carry_out(StoreCall& call);

 private:
  Status node_beat(StoreCall& call);
  Status node_end(StoreCall& call);
  Status rooms_open(const StoreCall& call);
  Status rooms_close(StoreCall& call);
  Status room_nodes(StoreCall& call);
  Status notices(StoreCall& call);
  Status notice_remove(const StoreCall& call);
  Status claim(const StoreCall& call);

  NodeRow* living(const freshet_node& node);
  // Nothing of what a node has open, and a notice of each that nobody has open then.
  void close(StoreCall& call, NodeRow& node, const std::set<std::string>& rooms);
  bool is_open(const std::string& room) const;
  void leave_notice(StoreCall& call, const std::string& room);

  Scene& scene_;
  SimDisk& disk_;
  const Plant plant_;
};

}  // namespace freshet::sim
