// plugins/store-postgres/bus/topics.h: what this node wants to hear of, and whether it can.
//
// All of a cluster is one channel, so it is here that what nobody asked for is left out.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace freshet::postgres {

class Topics {
 public:
  // Whether it is heard from now on. [any]
  bool add(std::string_view topic) {
    const std::lock_guard lock(mutex_);
    all_.emplace(topic);
    if (!hearing_) missed_ = true;
    return hearing_;
  }
  void remove(std::string_view topic) {
    const std::lock_guard lock(mutex_);
    if (const auto it = all_.find(topic); it != all_.end()) all_.erase(it);
  }
  bool has(std::string_view topic) const {
    const std::lock_guard lock(mutex_);
    return all_.contains(topic);
  }
  // Whoever added one was told that it is not heard. True: meanwhile it is, and missed() may have
  // been said too early for that; it has to be once more.
  bool owes_missed() {
    const std::lock_guard lock(mutex_);
    return missed_ = missed_ || hearing_;
  }
  bool is_hearing() const {
    const std::lock_guard lock(mutex_);
    return hearing_;
  }

  // Of the thread that listens: from now on all is heard. True: it has to be said that it was not.
  bool begin() {
    const std::lock_guard lock(mutex_);
    hearing_ = true;
    return std::exchange(missed_, false);
  }
  // The same, later.
  bool take_missed() {
    const std::lock_guard lock(mutex_);
    return hearing_ && std::exchange(missed_, false);
  }
  void end() {
    const std::lock_guard lock(mutex_);
    missed_ = missed_ || hearing_;
    hearing_ = false;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  mutable std::mutex mutex_;
  std::unordered_set<std::string, Hash, std::equal_to<>> all_;
  bool hearing_ = false;
  bool missed_ = false;
};

}  // namespace freshet::postgres
