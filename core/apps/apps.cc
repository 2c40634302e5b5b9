#include "core/apps/apps.h"

#include <algorithm>

namespace freshet {

Apps::Apps(std::span<const std::unique_ptr<Application>> apps, const Procedures& procedures,
           const Notices::Parts& parts, const Rooms& rooms)
    : procedures_(procedures), judged_(rooms.judged) {
  for (const auto& app : apps) {
    notices_.push_back(std::make_unique<Notices>(*app, parts, rooms.live_state));
    if (app->wants.initial_storage != 0) first_ = notices_.back().get();
    calls_.push_back(std::make_unique<ProcedureCalls>(*app, parts, rooms.prepare, rooms.ended));
    vetoes_.push_back(std::make_unique<Vetoes>(*app, parts));
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

bool Apps::may_veto(uint32_t what) const {
  return std::ranges::any_of(vetoes_, [&](const auto& each) { return each->app().may_veto(what); });
}

void Apps::ask_from(size_t app, Intent about) {
  while (app < vetoes_.size() && !vetoes_[app]->app().may_veto(about.what)) ++app;
  if (app == vetoes_.size()) return judged_(about, Verdict::allowed, {});
  vetoes_[app]->ask(std::move(about),
                    [this, app](const Intent& asked, Verdict verdict, std::string_view reason) {
                      if (verdict != Verdict::allowed) return judged_(asked, verdict, reason);
                      ask_from(app + 1, asked);
                    });
}

void Apps::tick(uint64_t now_ms) {
  for (const auto& each : notices_) each->tick(now_ms);
  for (const auto& each : calls_) each->tick(now_ms);
}

bool Apps::idle() const {
  const auto is_idle = [](const auto& each) { return each->idle(); };
  return std::ranges::all_of(notices_, is_idle) && std::ranges::all_of(calls_, is_idle) &&
         std::ranges::all_of(vetoes_, is_idle);
}

}  // namespace freshet
