#include "core/guard/hang_watch.h"

#include <algorithm>

namespace freshet {
namespace {

std::string place_of(const std::string& in) {
  return in.empty()
             ? "it is in no plugin, so in the server itself, or the machine has no time for it"
             : "it is in " + in;
}

}  // namespace

HangWatch::HangWatch(const Steps& steps, Log& log, Metrics& metrics)
    : steps_(steps),
      log_(log),
      hanging_(metrics.gauge("freshet_shards_hanging",
                             "Event loops that have not come to their next turn for a second.")),
      hangs_(metrics.counter("freshet_shard_hangs_total",
                             "Times that an event loop did not come to its next turn for a "
                             "second.")) {}

void HangWatch::watch(const std::vector<const Pulse*>& pulses, Health& health) {
  for (const Pulse* pulse : pulses) {
    shards_.push_back({pulse, "shard " + std::to_string(shards_.size()), {}, {}, {}});
  }
  health_ = &health;
}

void HangWatch::forget() {
  shards_.clear();
  health_ = nullptr;
  hanging_.set(0);
}

void HangWatch::look(uint64_t since_look_ms) {
  look_at_steps(since_look_ms);
  if (shards_.empty()) return;
  for (Watched& shard : shards_) look_at(shard, since_look_ms);
  // Before the log: who has read there that a shard goes on finds it so.
  tell_health();
  for (const Watched& shard : shards_) tell(shard);
}

bool HangWatch::all_go_on() const {
  return !shards_.empty() &&
         std::ranges::none_of(shards_, [](const Watched& one) { return one.standstill.stands(); });
}

void HangWatch::look_at_steps(uint64_t since_look_ms) {
  const char* now = steps_.now();
  switch (step_.look(steps_.count(), now != nullptr, since_look_ms)) {
    case Standstill::Say::nothing: return;
    case Standstill::Say::stands:
      step_name_ = now;
      return log_.warn("server", "waiting for " + step_name_ + ", which has not returned for " +
                                     std::to_string(step_.stood_ms()) + " ms");
    case Standstill::Say::goes_on:
      return log_.warn(
          "server", step_name_ + " has returned, after " + std::to_string(step_.last_ms()) + " ms");
  }
}

void HangWatch::look_at(Watched& shard, uint64_t since_look_ms) {
  const uint64_t beats = shard.pulse->beats();
  const char* asked = shard.pulse->asked();
  const bool stood = shard.standstill.stands();
  shard.news = shard.standstill.look(beats, beats != 0, since_look_ms);
  if (shard.news != Standstill::Say::stands) return;
  shard.in = asked == nullptr ? "" : asked;
  if (!stood) hangs_.add();
}

void HangWatch::tell_health() {
  std::string trouble;
  int64_t hanging = 0;
  for (const Watched& shard : shards_) {
    if (!shard.standstill.stands()) continue;
    ++hanging;
    trouble += (trouble.empty() ? "" : "; ") + shard.name + " has not come to its next turn for " +
               std::to_string(shard.standstill.stood_ms()) + " ms: " + place_of(shard.in);
  }
  hanging_.set(hanging);
  health_->set_trouble(std::move(trouble));
}

void HangWatch::tell(const Watched& shard) const {
  switch (shard.news) {
    case Standstill::Say::nothing: return;
    case Standstill::Say::stands:
      return log_.error("server", shard.name + " has not come to its next turn for " +
                                      std::to_string(shard.standstill.stood_ms()) +
                                      " ms: " + place_of(shard.in) +
                                      "; nobody in its rooms is served meanwhile");
    case Standstill::Say::goes_on:
      return log_.warn("server", shard.name + " goes on, after " +
                                     std::to_string(shard.standstill.last_ms()) + " ms" +
                                     (shard.in.empty() ? "" : "; it was in " + shard.in));
  }
}

}  // namespace freshet
