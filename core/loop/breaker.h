// core/loop/breaker.h: whether one function of a plugin is called now.
//
//   closed ──N failures in a row──► open ──its pause──► half open: one call tries it
//      ▲                              ▲                    │      │
//      │                              └──it fails, or is late     │
//      └───────────────────────────────────────────it answers─────┘
//
// Besides that it may have so many calls unanswered, and is then given no more.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "core/config/plugin_limits.h"
#include "core/report/log.h"
#include "core/report/metrics.h"

namespace freshet {

class Breaker {
 public:
  // Both outlive it. `name`: "auth-mine.identify".
  Breaker(const PluginLimits& limits, std::string_view plugin, std::string_view function,
          Metrics& metrics, Log& log);
  Breaker(const Breaker&) = delete;
  Breaker& operator=(const Breaker&) = delete;

  // ---- [any] ----
  // True: it is called now, once, and what comes of that is told by the following.
  bool admits(uint64_t now_ms);
  // It has not answered in time, and may yet.
  void late(uint64_t now_ms);
  // It has; `was_late`: after late().
  void answered(bool well, bool was_late, uint64_t now_ms);

 private:
  enum class State { closed, open, half_open };

  void failed(uint64_t now_ms);
  void close();

  const PluginLimits limits_;
  const bool limited_;  // else nothing here does anything
  const std::string name_;
  Log& log_;
  freshet_metric *left_alone_ = nullptr, *refused_ = nullptr;
  std::mutex mutex_;  // guards what follows
  State state_ = State::closed;
  uint32_t unanswered_ = 0;
  uint32_t failures_ = 0;  // in a row
  uint64_t try_at_ms_ = 0;
  bool tried_ = false;  // half open: the one call is on its way
  uint64_t full_line_not_before_ms_ = 0;
};

}  // namespace freshet
