// core/report/health.h: what keeps the process from serving, as its watchdog saw it last.
#pragma once

#include <mutex>
#include <string>
#include <utility>

namespace freshet {

class Health {
 public:
  // A sentence without its end; empty: nothing does. [any]
  std::string trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  void set_trouble(std::string trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = std::move(trouble);
  }

 private:
  mutable std::mutex mutex_;
  std::string trouble_;
};

}  // namespace freshet
