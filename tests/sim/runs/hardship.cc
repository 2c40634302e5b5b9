#include "sim/runs/hardship.h"

namespace freshet::sim {
namespace {

// As likely to be twice as much as to be half as much.
uint64_t some_octave(Chance& chance, uint64_t low, uint64_t octaves) {
  const uint64_t least = low << chance.below(octaves);
  return chance.between(least, 2 * least - 1);
}

}  // namespace

Limits small_limits(Chance& chance) {
  Limits limits;
  limits.reader_bytes = chance.between(1, 8) << 10;
  limits.reader_hard_bytes = limits.reader_bytes * chance.between(4, 16);
  limits.loading_bytes = size_t{256} << 10;
  limits.unsaved_bytes = size_t{1} << 20;
  // In half of the runs most updates go through a worker.
  if (chance.percent(50)) limits.turn_bytes = chance.between(1, 100);
  limits.batch_updates = chance.between(1, 40);
  limits.batch_bytes = chance.between(1, 16) << 10;
  limits.compact_updates = chance.between(5, 60);
  limits.linger_ms = static_cast<uint32_t>(chance.between(0, 5'000));
  limits.store_deadline_ms = static_cast<uint32_t>(chance.between(1'000, 30'000));
  if (chance.percent(50)) {
    limits.hibernate_after_ms = static_cast<uint32_t>(chance.between(1, 3'000));
  }
  return limits;
}

void overload(Weather& weather, Chance& chance) {
  const uint64_t late_ms[] = {0, 0, 40, 90, 300};
  const uint64_t late_us = late_ms[chance.below(5)] * kMs;
  weather.timer_late = {late_us / 4 * 3, late_us};
  const uint64_t percent[] = {0, 0, 70, 78, 85};
  weather.memory_percent = percent[chance.below(5)];
}

Weather foul_weather(Chance& chance) {
  Weather weather;
  weather.network = {100, chance.between(1, 300) * kMs};
  weather.post = {0, chance.between(0, 3) * kMs};
  weather.worker = {0, chance.between(1, 30) * kMs};
  weather.stall_percent = chance.below(3);
  // Up to a millisecond: a room of few members has the windows here that elsewhere hundreds have.
  weather.write_ns = some_octave(chance, 2'000, 9);
  weather.write_frame_ns = weather.write_ns / 10;
  if (chance.percent(30)) overload(weather, chance);
  weather.disk = {100, chance.between(1, 200) * kMs};
  weather.disk_slow_percent = chance.percent(30) ? chance.below(10) : 0;
  weather.append_fails_percent = chance.percent(40) ? chance.below(30) : 0;
  weather.append_unknown_percent = chance.percent(40) ? chance.below(30) : 0;
  weather.load_fails_percent = chance.percent(30) ? chance.below(30) : 0;
  weather.replace_fails_percent = chance.percent(30) ? chance.below(50) : 0;
  return weather;
}

}  // namespace freshet::sim
