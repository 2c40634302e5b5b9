// core/memory/excess_share.h: how much of what is idle one shard should let go of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/memory/budget.h"
#include "core/memory/memory_ceiling.h"

namespace freshet {

// What has gone from a document is at once there for others, and gone from their budget; the system
// has it back when the allocator has given it back, so for a while it is not asked for again.
class ExcessShare {
 public:
  ExcessShare(const Budget& documents, const MemoryCeiling& ceiling, size_t shards)
      : documents_(documents), ceiling_(ceiling), shards_(shards) {}

  // Rounded up: some shard has to begin.
  size_t bytes(uint64_t now_ms) {
    if (now_ms >= returned_by_ms_) returning_bytes_ = 0;
    const size_t of_process = part(ceiling_.excess_bytes());
    return std::max(part(documents_.excess_bytes()),
                    of_process - std::min(of_process, returning_bytes_));
  }
  void note_let_go(size_t bytes, uint64_t now_ms) {
    if (returning_bytes_ == 0) returned_by_ms_ = now_ms + kReturnedWithinMs;
    returning_bytes_ += bytes;
  }

 private:
  // Platforms look after freed memory every so often: docs/adr/0017.
  static constexpr uint64_t kReturnedWithinMs = 12'000;

  size_t part(size_t all) const { return (all + shards_ - 1) / shards_; }

  const Budget& documents_;
  const MemoryCeiling& ceiling_;
  const size_t shards_;
  size_t returning_bytes_ = 0;
  uint64_t returned_by_ms_ = 0;
};

}  // namespace freshet
