// plugins/app-webhook/dialect/last_authors.h: who edited each room last, for events that name one
// person and tell of many edits.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "app-webhook/limits.h"

namespace freshet::webhook {

// Of rooms that are open, and of at most kMaxAuthors of them: who edits the others is nobody. [any]
class LastAuthors {
 public:
  void note(std::string_view room, std::string context) {
    const std::lock_guard lock(mutex_);
    const auto at = contexts_.find(room);
    if (at != contexts_.end()) {
      at->second = std::move(context);
    } else if (contexts_.size() < kMaxAuthors) {
      contexts_.emplace(room, std::move(context));
    }
  }
  void forget(std::string_view room) {
    const std::lock_guard lock(mutex_);
    const auto at = contexts_.find(room);
    if (at != contexts_.end()) contexts_.erase(at);
  }
  std::string of(std::string_view room) const {
    const std::lock_guard lock(mutex_);
    const auto at = contexts_.find(room);
    return at == contexts_.end() ? "{}" : at->second;
  }

 private:
  mutable std::mutex mutex_;  // guards the next
  std::map<std::string, std::string, std::less<>> contexts_;
};

}  // namespace freshet::webhook
