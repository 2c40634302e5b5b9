// refused_lines.h: who was refused by the platform itself, in the log: one line for each status in
// a while, with the last of them and how many there were.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "freshet/host.h"

namespace freshet::ws {

// [any]
class RefusedLines {
 public:
  explicit RefusedLines(Host host) : host_(host) {}

  // `status`: of HTTP, or a close code.
  void note(std::string_view peer, uint16_t status, std::string_view why, uint64_t now_ms) {
    std::string line;
    {
      const std::lock_guard lock(mutex_);
      Kind& kind = kinds_[status];
      if (now_ms < kind.not_before_ms) {
        ++kind.unsaid;
        return;
      }
      kind.not_before_ms = now_ms + kAgainMs;
      line = std::string(peer) + " is refused with " + std::to_string(status) + ": " +
             std::string(why);
      if (const uint64_t more = std::exchange(kind.unsaid, 0); more > 0) {
        line += "; " + std::to_string(more) + " more since the last such line";
      }
    }
    host_.warn(line);
  }

 private:
  static constexpr uint64_t kAgainMs = 10'000;
  struct Kind {
    uint64_t not_before_ms = 0, unsaid = 0;
  };

  const Host host_;
  std::mutex mutex_;
  std::map<uint16_t, Kind> kinds_;
};

}  // namespace freshet::ws
