// core/cluster/node_bus.h: the bus between the nodes of a cluster, as the rooms of this one speak
// on it.
//
// Where the manifest names no bus plugin this is the bus of a server on its own: nobody is there to
// hear anything. What is heard comes another way, see bus_ears.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/loop/replies.h"
#include "core/report/metrics.h"
#include "freshet/abi/bus.h"
#include "freshet/abi/store.h"
#include "freshet/bytes.h"

namespace freshet {

class NodeBus {
 public:
  // `bus`: null for a server on its own. All outlive it.
  // `plugin`: whose the bus is.
  NodeBus(const freshet_bus* bus, std::string_view plugin, Replies& replies, Metrics& metrics);
  NodeBus(const NodeBus&) = delete;
  NodeBus& operator=(const NodeBus&) = delete;

  bool there() const { return bus_ != nullptr; }
  void leave() { bus_ = nullptr; }  // it is there no longer. REQUIRES: the platform has ended
  // Tells it apart from other buses: nodes that hear each other say the same. [any]
  std::string_view place() const { return place_; }
  // Who claims the store for all that hear each other, see store_claim.h. `self`: this node.
  freshet_node claimant(const freshet_node& self) const;

  // ---- REQUIRES: it was started ----
  // `done` comes when all is heard that is said of the room from then on; or when that cannot be
  // had now, or not in time. [shard]
  void subscribe(uint32_t shard, std::string_view room, std::function<void()> done);
  void unsubscribe(std::string_view room);  // [any]
  // What is larger goes another way, which costs more. [any]
  size_t cheap_bytes() const { return traits_.cheap_bytes; }
  size_t most_bytes() const { return traits_.most_bytes; }
  // False: it is lost, or leave() was called. [any]
  bool publish(std::string_view room, Bytes message);
  // What was heard is none of these messages, or of a release that this one does not know. [any]
  void note_unread() { unread_.add(); }

 private:
  const freshet_bus* bus_;
  Replies& replies_;
  std::optional<Callee> subscribe_;  // if there is one
  const std::string publish_call_;   // what a thread is in meanwhile
  freshet_metric &said_, &unsaid_, &unread_;
  freshet_bus_traits traits_{};
  std::string_view place_;
};

}  // namespace freshet
