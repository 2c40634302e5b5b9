// core/loop/on_shard.h: debug builds check that [shard] functions run on the shard they belong to.
//
// Whoever enters a shard says so with OnShard; what must run there calls assert_on. In release
// builds both are nothing.
#pragma once

#include <cassert>
#include <cstdint>

namespace freshet {

#ifdef NDEBUG

class OnShard {
 public:
  explicit OnShard(uint32_t) {}
};
inline void assert_on(uint32_t) {}

#else

class OnShard {
 public:
  explicit OnShard(uint32_t shard) : outer_(current_) { current_ = shard; }
  ~OnShard() { current_ = outer_; }
  OnShard(const OnShard&) = delete;
  OnShard& operator=(const OnShard&) = delete;

  static bool is(uint32_t shard) { return current_ == shard; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  static inline thread_local uint32_t current_ = kNone;
  const uint32_t outer_;
};

inline void assert_on(uint32_t shard) {
  assert(OnShard::is(shard) && "a [shard] function was called on another thread");
  static_cast<void>(shard);
}

#endif

}  // namespace freshet
