// tests/sim/clients/sim_awareness.h: what a simulated client shows and hears of others, as the
// Awareness of y-protocols.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "freshet/bytes.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimAwareness {
 public:
  // Shows {} at clock 0, as a new Awareness does. `name`: for the trace. Both outlive this.
  SimAwareness(Scene& scene, const std::string& name, uint64_t self);

  void show(std::optional<std::string> json);
  bool shows() const;
  // Says again what it shows, if it does.
  void renew();
  // What they showed, as providers do. Their clocks stay: they are what makes old news old.
  void drop_others();

  struct News {
    std::vector<uint64_t> changed;
    bool about_me = false;  // somebody says it has gone
  };
  // Nothing: the message is none, but what came before the fault counts.
  std::optional<News> hear(Bytes payload);

  // A message about these clients: all of it, its type in front.
  std::vector<uint8_t> message(const std::vector<uint64_t>& clients);
  // By client, itself included.
  std::map<uint64_t, std::string> present() const;

 private:
  struct Shown {
    uint64_t clock = 0;
    std::optional<std::string> json;
  };

  void hear_of(uint64_t client, uint64_t clock, std::string_view json, News& news);

  Scene& scene_;
  const std::string& name_;
  const uint64_t self_;
  std::map<uint64_t, Shown> shown_;
};

}  // namespace freshet::sim
