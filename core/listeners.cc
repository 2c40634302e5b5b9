#include "core/listeners.h"

#include <algorithm>

namespace freshet {

Listeners::Listeners(std::span<const std::unique_ptr<Application>> apps,
                     const Notices::Parts& parts) {
  for (const auto& app : apps) {
    notices_.push_back(std::make_unique<Notices>(*app, parts));
    if (app->wants.initial_storage != 0) first_ = notices_.back().get();
  }
}

bool Listeners::hear(uint32_t kind) const {
  return std::ranges::any_of(notices_, [&](const auto& each) { return each->app().hears(kind); });
}

void Listeners::tell(const Notice& notice) {
  for (const auto& each : notices_) {
    if (each->app().hears(notice.kind)) each->tell(notice);
  }
}

void Listeners::tick(uint64_t now_ms) {
  for (const auto& each : notices_) each->tick(now_ms);
}

bool Listeners::idle() const {
  return std::ranges::all_of(notices_, [](const auto& each) { return each->idle(); });
}

}  // namespace freshet
