#include "core/loop/breaker.h"

#include "core/report/limits.h"

namespace freshet {

Breaker::Breaker(const PluginLimits& limits, std::string_view plugin, std::string_view function,
                 Metrics& metrics, Log& log)
    : limits_(limits),
      limited_(limits.calls != 0 || limits.failures != 0),
      name_(std::string(plugin) + "." + std::string(function)),
      log_(log) {
  if (!limited_) return;
  const Metrics::Labels labels = {{"plugin", plugin}, {"function", function}};
  left_alone_ =
      metrics.get(FRESHET_GAUGE, "freshet_plugin_left_alone",
                  "1: this function failed too often in a row, and is not called.", labels);
  refused_ = metrics.get(FRESHET_COUNTER, "freshet_plugin_refused_total",
                         "Calls of this function that were not made, by [plugin.limits].", labels);
}

bool Breaker::admits(uint64_t now_ms) {
  if (!limited_) return true;
  const std::lock_guard lock(mutex_);
  if (state_ == State::open && now_ms >= try_at_ms_) {
    state_ = State::half_open;
    tried_ = false;
    log_.info("plugin", name_ + " is tried again");
  }
  const bool waits = state_ == State::open || (state_ == State::half_open && tried_);
  const bool full = limits_.calls != 0 && unanswered_ >= limits_.calls;
  if (waits || full) {
    if (refused_ != nullptr) refused_->add();
    if (!waits && now_ms >= full_line_not_before_ms_) {
      full_line_not_before_ms_ = now_ms + kPluginLineAgainMs;
      log_.warn("plugin", name_ + " has not answered " + std::to_string(unanswered_) +
                              " calls: no more are made until it does (plugin.limits.calls)");
    }
    return false;
  }
  tried_ = true;
  ++unanswered_;
  return true;
}

void Breaker::late(uint64_t now_ms) {
  if (!limited_) return;
  const std::lock_guard lock(mutex_);
  failed(now_ms);
}

void Breaker::answered(bool well, bool was_late, uint64_t now_ms) {
  if (!limited_) return;
  const std::lock_guard lock(mutex_);
  if (unanswered_ > 0) --unanswered_;
  if (was_late) return;
  well ? close() : failed(now_ms);
}

void Breaker::failed(uint64_t now_ms) {
  if (state_ == State::open || limits_.failures == 0) return;
  const bool again = state_ == State::half_open;
  if (!again && ++failures_ < limits_.failures) return;
  state_ = State::open;
  try_at_ms_ = now_ms + limits_.pause_ms;
  if (left_alone_ != nullptr) left_alone_->set(1);
  const std::string how =
      again ? " has failed again" : " has failed " + std::to_string(failures_) + " times in a row";
  log_.warn("plugin", name_ + how + ": it is left alone for " + std::to_string(limits_.pause_ms) +
                          " ms (plugin.limits)");
}

// Of a call that was made before it was left alone, the answer says nothing of now.
void Breaker::close() {
  if (state_ == State::open) return;
  failures_ = 0;
  if (state_ == State::closed) return;
  state_ = State::closed;
  if (left_alone_ != nullptr) left_alone_->set(0);
  log_.warn("plugin", name_ + " answers again, and is called as before");
}

}  // namespace freshet
