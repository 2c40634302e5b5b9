// byte_budget.h: memory that many connections may have together.
#pragma once

#include <atomic>
#include <cstddef>

namespace freshet::ws {

// Used by all loops at once.
class ByteBudget {
 public:
  explicit ByteBudget(size_t limit) : limit_(limit) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // False, and nothing taken: not so much is left.
  bool take(size_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= limit_) return true;
    taken_.fetch_sub(bytes);
    return false;
  }
  void give(size_t bytes) { taken_.fetch_sub(bytes); }
  size_t taken() const { return taken_.load(); }

 private:
  const size_t limit_;
  alignas(64) std::atomic<size_t> taken_{0};
};

}  // namespace freshet::ws
