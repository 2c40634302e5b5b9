#include "core/memory/memory_ceiling.h"

#include <array>
#include <string>

namespace freshet {
namespace {

// Of what the system lets the process have: the rest is for what the system itself keeps for it
// (sockets, pages of files), and for what comes between two looks.
constexpr uint64_t kOfAvailablePercent = 80;

// Of the ceiling.
constexpr uint64_t kLetsGoPercent = 85, kRefusesLoadsPercent = 95, kRefusesJoinsPercent = 100;
// Below it by so much what was begun ends, so that it is not begun again at once.
constexpr uint64_t kBackPercent = 5;

// A crowd that comes brings a hundred megabytes in a second. To look takes some microseconds.
constexpr uint32_t kLookMs = 100;

constexpr uint64_t kLogAgainMs = 60'000;

std::string mib(uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

uint64_t percent_of(uint64_t bytes, uint64_t percent) { return bytes / 100 * percent; }

}  // namespace

MemoryCeiling::MemoryCeiling(uint64_t bytes, Log& log, Metrics& metrics)
    : setting_bytes_(bytes),
      log_(log),
      used_(
          metrics.gauge("freshet_memory_bytes", "Memory of the process, as the system counts it.")),
      ceiling_(metrics.gauge("freshet_memory_ceiling_bytes",
                             "What it is kept below; 0: the system does not say what there is.")) {}

void MemoryCeiling::start(const Loop& loop) {
  loop_.emplace(loop);
  loop_->post([](void* self) { static_cast<MemoryCeiling*>(self)->look(); }, this);
}

void MemoryCeiling::look() {
  loop_->after(kLookMs, [](void* self) { static_cast<MemoryCeiling*>(self)->look(); }, this);
  const MemoryUse memory = loop_->memory();
  const uint64_t ceiling = setting_bytes_ != 0
                               ? setting_bytes_
                               : percent_of(memory.available_bytes, kOfAvailablePercent);
  used_.set(static_cast<int64_t>(memory.used_bytes));
  ceiling_.set(static_cast<int64_t>(ceiling));
  if (ceiling == 0) return;
  const Level now = next(level(), memory.used_bytes, ceiling);
  const uint64_t goal = percent_of(ceiling, kLetsGoPercent - kBackPercent);
  const bool over = now >= Level::lets_go && memory.used_bytes > goal;
  excess_bytes_.store(over ? memory.used_bytes - goal : 0, std::memory_order_relaxed);
  level_.store(now, std::memory_order_relaxed);
  if (now >= Level::refuses_loads) log(now, memory.used_bytes, ceiling, loop_->now_ms());
}

MemoryCeiling::Level MemoryCeiling::next(Level now, uint64_t used, uint64_t ceiling) {
  constexpr auto kAt =
      std::to_array<std::pair<Level, uint64_t>>({{Level::refuses_joins, kRefusesJoinsPercent},
                                                 {Level::refuses_loads, kRefusesLoadsPercent},
                                                 {Level::lets_go, kLetsGoPercent}});
  for (const auto& [level, percent] : kAt) {
    const uint64_t back = now >= level ? kBackPercent : 0;
    if (used > percent_of(ceiling, percent - back)) return level;
  }
  return Level::enough;
}

void MemoryCeiling::log(Level level, uint64_t used, uint64_t ceiling, uint64_t now_ms) {
  if (now_ms < log_not_before_ms_) return;
  log_not_before_ms_ = now_ms + kLogAgainMs;
  log_.warn(
      "memory",
      "the server takes " + mib(used) + " of the " + mib(ceiling) + " it may have: " +
          (level == Level::refuses_joins ? "nobody is let in for now"
                                         : "rooms that are not in memory are refused for now") +
          "; limits.memory_bytes moves the ceiling, limits.documents_bytes, "
          "limits.reader_bytes and limits.linger_ms what it is used for");
}

}  // namespace freshet
