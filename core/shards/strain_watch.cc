#include "core/shards/strain_watch.h"

#include <algorithm>
#include <string>

namespace freshet {
namespace {

constexpr uint64_t kLogAgainMs = 60'000;
constexpr uint64_t kNsPerMs = 1'000'000;

void move(freshet_metric& gauge, Strain at, Strain before, Strain now) {
  gauge.add((now >= at ? 1 : 0) - (before >= at ? 1 : 0));
}

}  // namespace

void StrainWatch::start() {
  loop_.post([](void* self) { static_cast<StrainWatch*>(self)->beat(); }, this);
}

void StrainWatch::beat() {
  const OnShard here(loop_.shard());
  pulse_.beat();
  const uint64_t now_ns = loop_.now_ns();
  if (due_ns_ != 0) {
    const Strain before = meter_.strain();
    tell(before, meter_.note(now_ns - std::min(now_ns, due_ns_)));
    if (refuses_joins()) log_refusing();
  }
  due_ns_ = now_ns + StrainMeter::kBeatMs * kNsPerMs;
  loop_.after(
      StrainMeter::kBeatMs, [](void* self) { static_cast<StrainWatch*>(self)->beat(); }, this);
}

void StrainWatch::tell(Strain before, Strain now) {
  if (now == before) return;
  pace_.note_strain(now);
  move(metrics_.strained, Strain::presence, before, now);
  move(metrics_.gathering, Strain::updates, before, now);
  move(metrics_.refusing, Strain::joins, before, now);
}

void StrainWatch::log_refusing() {
  const uint64_t now_ms = loop_.now_ms();
  if (now_ms < log_not_before_ms_) return;
  log_not_before_ms_ = now_ms + kLogAgainMs;
  log_.warn("shard", "shard " + std::to_string(loop_.shard()) + " is " +
                         std::to_string(meter_.late_ns() / kNsPerMs) +
                         " ms behind with its work: nobody is let into its rooms for now; more "
                         "processors help, or fewer people, or limits.messages_per_second");
}

}  // namespace freshet
