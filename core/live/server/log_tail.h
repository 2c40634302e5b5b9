// core/live/server/log_tail.h: the last lines of a log, for who looks at it while it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/live/limits.h"
#include "core/report/log.h"

namespace freshet {

// Passes on what it is told, and keeps the last of it. [any]
class LogTail final : public Log {
 public:
  struct Line {
    uint64_t number;  // of all there were, from 1
    uint64_t unix_ms;
    freshet_level level;
    std::string who, message;
  };

  // `to` outlives it. `least`: what is below is nobody's to see, as in `to`.
  LogTail(Log& to, freshet_level least, std::function<uint64_t()> unix_ms)
      : to_(to), least_(least), unix_ms_(std::move(unix_ms)) {}

  void write(freshet_level level, std::string_view who, std::string_view message) override {
    to_.write(level, who, message);
    if (level < least_) return;
    Line line{0, unix_ms_(), level, std::string(who),
              std::string(message.substr(0, kKeptLineBytes))};
    const std::lock_guard lock(mutex_);
    line.number = ++last_;
    lines_.push_back(std::move(line));
    if (lines_.size() > kKeptLines) lines_.pop_front();
  }

  // Those behind `number` that are kept still. A few are a copy of a few.
  std::vector<Line> since(uint64_t number) const {
    const std::lock_guard lock(mutex_);
    if (number >= last_) return {};
    auto first = lines_.begin();
    while (first != lines_.end() && first->number <= number) ++first;
    return {first, lines_.end()};
  }

 private:
  Log& to_;
  const freshet_level least_;
  const std::function<uint64_t()> unix_ms_;
  mutable std::mutex mutex_;  // guards what follows
  uint64_t last_ = 0;
  std::deque<Line> lines_;
};

}  // namespace freshet
