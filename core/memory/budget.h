// core/memory/budget.h: memory that is shared by all shards, handed out before it is used.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

#include "core/report/metrics.h"

namespace freshet {

// One counter; no lock, and no order among those who take. [any]
class Budget {
 public:
  Budget(size_t limit_bytes, freshet_metric& used) : limit_bytes_(limit_bytes), shown_(used) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // False, and nothing taken: there is not so much left.
  bool take(size_t bytes) {
    size_t used = used_bytes_.load(std::memory_order_relaxed);
    do {
      if (used > limit_bytes_ || bytes > limit_bytes_ - used) return false;
    } while (!used_bytes_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    shown_.add(static_cast<int64_t>(bytes));
    return true;
  }
  // For what is there already.
  void take_anyway(size_t bytes) {
    used_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    shown_.add(static_cast<int64_t>(bytes));
  }
  void give(size_t bytes) {
    used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    shown_.add(-static_cast<int64_t>(bytes));
  }
  // So little is left that so much of what nobody needs now should go.
  size_t excess_bytes() const {
    const size_t used = used_bytes_.load(std::memory_order_relaxed);
    const size_t enough = limit_bytes_ - limit_bytes_ / 4;
    return used - std::min(used, enough);
  }

 private:
  const size_t limit_bytes_;
  freshet_metric& shown_;
  std::atomic<size_t> used_bytes_{0};
};

// A part of a budget, given back when it goes; of none, as much as is wanted. Used by one thread at
// a time.
class Share {
 public:
  explicit Share(Budget* budget) : budget_(budget) {}
  Share(Share&& other) noexcept : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  Share& operator=(Share&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Share() { hold_anyway(0); }

  // This much from now on. False, and as before: there is not so much.
  bool hold(size_t bytes) {
    if (budget_ == nullptr) return true;
    if (bytes > bytes_ && !budget_->take(bytes - bytes_)) return false;
    if (bytes < bytes_) budget_->give(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }
  void hold_anyway(size_t bytes) {
    if (budget_ == nullptr) return;
    if (bytes > bytes_) budget_->take_anyway(bytes - bytes_);
    if (bytes < bytes_) budget_->give(bytes_ - bytes);
    bytes_ = bytes;
  }

 private:
  Budget* budget_;
  size_t bytes_ = 0;
};

}  // namespace freshet
