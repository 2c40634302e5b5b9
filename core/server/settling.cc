#include "core/server/settling.h"

#include <utility>

namespace freshet {
namespace {

constexpr uint32_t kAskEveryMs = 10;

}  // namespace

Settling::Settling(Loop loop, std::span<const std::unique_ptr<Application>> apps, Log& log)
    : loop_(loop), log_(log) {
  for (const auto& app : apps) unsettled_.push_back(app.get());
}

void Settling::start(uint64_t until_ms, std::function<void()> done) {
  loop_.post([this, until_ms, done = std::move(done)]() mutable {
    until_ms_ = until_ms;
    done_ = std::move(done);
    ask();
  });
}

void Settling::ask() {
  const OnShard here(loop_.shard());
  std::erase_if(unsettled_, [](const Application* app) { return app->settled(); });
  if (!unsettled_.empty() && loop_.now_ms() < until_ms_) {
    return loop_.after(kAskEveryMs, [](void* self) { static_cast<Settling*>(self)->ask(); }, this);
  }
  for (const Application* app : unsettled_) {
    log_.warn("app",
              app->plugin + " has not passed on all that it was told: there is no more time");
  }
  done_();
}

}  // namespace freshet
