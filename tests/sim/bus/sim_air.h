// tests/sim/bus/sim_air.h: what the buses of all simulated nodes are made of.
//
// It carries bytes about topics from one to all others, or loses, doubles and delays them by dice.
// It belongs to the run; ears come and go with their processes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/plugins/plant.h"
#include "sim/plugins/sim_disk.h"
#include "sim/scene.h"

namespace freshet::sim {

struct AirWeather {
  Range delay{200, 2 * kMs};
  uint64_t lost_percent = 0;
  uint64_t doubled_percent = 0;
  uint64_t late_percent = 0;  // of messages, which others of their topic may pass
  Range late{kMs, 2 * kSecond};
  bool echoes = false;  // who says something hears it, too
};

class SimAir {
 public:
  explicit SimAir(Scene& scene, Plant plant = Plant::none) : scene_(scene), plant_(plant) {}
  SimAir(const SimAir&) = delete;
  SimAir& operator=(const SimAir&) = delete;

  using Ear = std::function<void(const std::string& topic, const Blob& message)>;
  // Called when a message arrives, for as long as the run lasts.
  uint32_t add(Ear ear);
  void say(uint32_t from, const std::string& topic, const Blob& message);

  AirWeather weather;
  uint64_t said() const { return said_; }

 private:
  void send(uint32_t from, const std::string& topic, const Blob& message);
  void carry(uint32_t from, uint32_t to, const std::string& topic, const Blob& message);
  void arrive(uint64_t at_us, uint32_t to, const std::string& topic, const Blob& message);

  Scene& scene_;
  const Plant plant_;
  std::vector<Ear> ears_;
  // When the last came, by from, to and topic: order is kept.
  std::map<std::pair<std::pair<uint32_t, uint32_t>, std::string>, uint64_t> last_us_;
  uint64_t said_ = 0;
};

}  // namespace freshet::sim
