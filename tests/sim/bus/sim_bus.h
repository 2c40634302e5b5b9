// tests/sim/bus/sim_bus.h: the bus of one simulated node, on the air that all share.
//
// What abi/bus.h promises is kept, and what it leaves open is decided by dice. What it asks of the
// core is checked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "freshet/abi/bus.h"
#include "sim/bus/sim_air.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimPlatform;

class SimBus {
 public:
  static constexpr size_t kMostBytes = size_t{64} << 10;
  static constexpr size_t kCheapBytes = 5'900;

  // All outlive it, and it the run.
  SimBus(Scene& scene, SimAir& air, SimPlatform& platform);
  SimBus(const SimBus&) = delete;
  SimBus& operator=(const SimBus&) = delete;

  const freshet_bus* table() const { return &c_; }

  // It hears nobody and nobody hears it. It notices after a while, and says so when it is over.
  void cut(bool is_cut);
  void die();  // the process is gone

  const std::set<std::string>& topics() const { return topics_; }
  // What it has said and heard.
  uint64_t published() const { return published_; }
  uint64_t heard() const { return heard_; }

 private:
  struct Asked {
    std::string topic;
    const char* lent;
    freshet_reply reply;
  };

  static SimBus& of(void* self) { return *static_cast<SimBus*>(self); }
  void require(bool kept, const char* rule) const;
  Status start(const freshet_hearer* hearer);
  void subscribe(freshet_str topic, freshet_reply reply);
  void answer(uint64_t id);
  void unsubscribe(std::string_view topic);
  Status publish(std::string_view topic, Bytes message);
  void arrive(const std::string& topic, const Blob& message);
  void hear(const std::string& topic, const Blob& message);
  void look();

  Scene& scene_;
  SimAir& air_;
  SimPlatform& platform_;
  const uint32_t ear_;
  const freshet_hearer* hearer_ = nullptr;
  bool cut_ = false;
  bool down_ = false;  // it has noticed
  bool dead_ = false;
  std::set<std::string> topics_;
  std::map<uint64_t, Asked> asked_;
  uint64_t last_asked_ = 0;
  uint64_t published_ = 0, heard_ = 0;
  freshet_bus c_{};
};

}  // namespace freshet::sim
