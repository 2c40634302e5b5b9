// plugins/store-postgres/bus/own_note.h: a note that a node sends to itself, to see that what it
// sends is what it hears.
//
// It is not where a pooler keeps the listening connection for others, where the two URLs name two
// databases, and where after a failover one connection is still with the old server. Used by the
// thread that sends and by the one that listens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "store-postgres/bus/limits.h"
#include "store-postgres/database/connection.h"

namespace freshet::postgres {

class OwnNote {
 public:
  // Which listening a note is for; another each time that it begins.
  using Listening = uint64_t;

  // ---- of who listens

  void begin() {
    const std::lock_guard lock(mutex_);
    ++listening_;
    is_listening_ = wanted_ = true;
    sent_ms_ = 0;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    is_listening_ = wanted_ = false;
    sent_ms_ = 0;
  }
  void heard() {
    const std::lock_guard lock(mutex_);
    sent_ms_ = 0;
  }
  // One is under way.
  bool is_awaited() const {
    const std::lock_guard lock(mutex_);
    return sent_ms_ != 0;
  }
  // `news_ms`: when something was heard last. What is behind much else is not late.
  bool is_overdue(int64_t news_ms) const {
    const std::lock_guard lock(mutex_);
    return sent_ms_ != 0 && steady_ms() - std::max(sent_ms_, news_ms) > kUnheardMs;
  }

  // ---- of who sends

  bool is_wanted() const {
    const std::lock_guard lock(mutex_);
    return wanted_;
  }
  // Asked before the note is sent, and told after.
  Listening listening() const {
    const std::lock_guard lock(mutex_);
    return listening_;
  }
  void sent(Listening listening) {
    const std::lock_guard lock(mutex_);
    if (!is_listening_ || listening != listening_) return;
    wanted_ = false;
    sent_ms_ = steady_ms();
  }

 private:
  mutable std::mutex mutex_;
  Listening listening_ = 0;
  bool is_listening_ = false;
  bool wanted_ = false;
  int64_t sent_ms_ = 0;  // 0: none is awaited
};

}  // namespace freshet::postgres
