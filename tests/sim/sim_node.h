// tests/sim/sim_node.h: a place where one server process after another runs, as a node of a cluster
// or on its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/report/log.h"
#include "sim/clients/sim_client.h"
#include "sim/platform/sim_clock.h"
#include "sim/sim_process.h"
#include "sim/world.h"

namespace freshet::sim {

class SimNode {
 public:
  // All outlive it. `air`: null for a server without a bus.
  struct Parts {
    Scene& scene;
    SimDisk& disk;
    SimAir* air;
    const Setup& setup;
    Log& log;
  };
  SimNode(const Parts& parts, size_t index);
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  const Address& address() const { return address_; }
  bool up() const { return address_.server != nullptr; }
  void start();
  void end();  // at once; nothing if it is not up
  // The one that runs, or ran last.
  SimProcess& process() { return *processes_.back(); }

  // ---- what happens to its machine; it lasts while processes come and go ----
  void cut_from_store(bool is_cut);
  void cut_from_bus(bool is_cut);
  bool cut() const { return cut_from_store_ || cut_from_bus_; }
  // From its next start on.
  void set_clock(const SimClock& clock) { clock_ = clock; }

  void trace(const std::string& what) const;

 private:
  const Parts parts_;
  const size_t index_;
  Address address_;
  SimClock clock_;
  bool cut_from_store_ = false, cut_from_bus_ = false;
  std::vector<std::unique_ptr<SimProcess>> processes_;
};

}  // namespace freshet::sim
