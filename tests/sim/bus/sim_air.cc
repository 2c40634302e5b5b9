#include "sim/bus/sim_air.h"

#include <algorithm>

#include "sim/bus/false_words.h"

namespace freshet::sim {
uint32_t SimAir::add(Ear ear) {
  ears_.push_back(std::move(ear));
  return static_cast<uint32_t>(ears_.size() - 1);
}

void SimAir::say(uint32_t from, const std::string& topic, const Blob& message) {
  ++said_;
  if (plant_ == Plant::early_as_saved) return send(from, topic, with_early_word(message));
  send(from, topic, message);
  if (plant_ != Plant::bus_replays) return;
  const Blob again = events_again(message);
  if (!again.empty()) send(from, topic, again);
}

void SimAir::send(uint32_t from, const std::string& topic, const Blob& message) {
  for (uint32_t to = 0; to < ears_.size(); ++to) {
    if (to != from || weather.echoes) carry(from, to, topic, message);
  }
}

void SimAir::carry(uint32_t from, uint32_t to, const std::string& topic, const Blob& message) {
  if (scene_.chance.percent(weather.lost_percent)) return;
  const uint64_t sent_us = scene_.timeline.now_us() + scene_.within(weather.delay);
  if (scene_.chance.percent(weather.late_percent)) {
    arrive(sent_us + scene_.within(weather.late), to, topic, message);
  } else {
    uint64_t& last_us = last_us_[{{from, to}, topic}];
    last_us = std::max(last_us, sent_us);
    arrive(last_us, to, topic, message);
  }
  if (!scene_.chance.percent(weather.doubled_percent)) return;
  arrive(sent_us + scene_.within(weather.late), to, topic, message);
}

void SimAir::arrive(uint64_t at_us, uint32_t to, const std::string& topic, const Blob& message) {
  scene_.timeline.at(at_us, [this, to, topic, message] { ears_[to](topic, message); });
}

}  // namespace freshet::sim
