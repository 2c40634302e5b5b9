// freshet/bus/topics.h: what this node has asked to hear of.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace freshet {

// Any thread.
class Topics {
 public:
  Topics() = default;
  Topics(const Topics&) = delete;
  Topics& operator=(const Topics&) = delete;

  void add(std::string_view topic) {
    const std::lock_guard lock(mutex_);
    all_.emplace(topic);
  }
  void remove(std::string_view topic) {
    const std::lock_guard lock(mutex_);
    if (const auto it = all_.find(topic); it != all_.end()) all_.erase(it);
  }
  bool has(std::string_view topic) const {
    const std::lock_guard lock(mutex_);
    return all_.contains(topic);
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> all_;
};

}  // namespace freshet
