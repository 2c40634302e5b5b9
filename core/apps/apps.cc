#include "core/apps/apps.h"

#include <algorithm>

namespace freshet {

Apps::Apps(std::span<const std::unique_ptr<Application>> apps, const Procedures& procedures,
           const Notices::Parts& parts, const Rooms& rooms)
    : procedures_(procedures) {
  for (const auto& app : apps) {
    notices_.push_back(std::make_unique<Notices>(*app, parts, rooms.live_state));
    if (app->wants.initial_storage != 0) first_ = notices_.back().get();
    calls_.push_back(std::make_unique<ProcedureCalls>(*app, parts, rooms.prepare, rooms.ended));
  }
}

bool Apps::hear(uint32_t kind) const {
  return std::ranges::any_of(notices_, [&](const auto& each) { return each->app().hears(kind); });
}

bool Apps::want_state(uint32_t kind) const {
  return std::ranges::any_of(notices_, [&](const auto& each) {
    return each->app().hears(kind) && each->app().wants_state(kind);
  });
}

void Apps::tell(const Notice& notice) {
  for (const auto& each : notices_) {
    if (each->app().hears(notice.kind)) each->tell(notice);
  }
}

void Apps::tell(Notice notice, std::function<void(Status)> done) {
  const auto hears = [&](const auto& each) { return each->app().hears(notice.kind); };
  const auto left = std::ranges::count_if(notices_, hears);
  if (left == 0) return done(Status::ok);
  // Shared by the copies that apps are told, the last of which is done.
  struct Answers {
    std::ptrdiff_t left;
    Status status;
    std::function<void(Status)> done;
  };
  auto answers = std::make_shared<Answers>(Answers{left, Status::ok, std::move(done)});
  notice.answered = [answers](Status status) {
    if (status != Status::ok) answers->status = status;
    if (--answers->left == 0) answers->done(answers->status);
  };
  tell(notice);
}

Status Apps::call(size_t bytes, ProcedureCall called) {
  const Application* app = &called.procedure->app();
  const auto it =
      std::ranges::find_if(calls_, [&](const auto& each) { return &each->app() == app; });
  return it == calls_.end() ? Status::not_found : (*it)->push(bytes, std::move(called));
}

void Apps::tick(uint64_t now_ms) {
  for (const auto& each : notices_) each->tick(now_ms);
  for (const auto& each : calls_) each->tick(now_ms);
}

bool Apps::idle() const {
  const auto is_idle = [](const auto& each) { return each->idle(); };
  return std::ranges::all_of(notices_, is_idle) && std::ranges::all_of(calls_, is_idle);
}

}  // namespace freshet
