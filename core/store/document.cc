#include "core/store/document.h"

namespace freshet {
namespace {

// Held beyond what an update may take, so that not each of the small ones asks.
constexpr size_t kSpareBytes = size_t{64} << 10;

}  // namespace

// What is known from its size alone is enough for most; where that is too much, the engine looks.
Status Document::make_more_room(uint32_t format, Bytes update, size_t limit_bytes) {
  const size_t memory = stats().memory_bytes;
  const size_t most = memory + most_growth(update.size()) + kSpareBytes;
  if (most <= limit_bytes && share_.hold(most)) {
    spare_bytes_ = kSpareBytes;
    return Status::ok;
  }
  freshet_cost cost{};
  cost.size = sizeof(cost);
  cost.document_bytes = most_growth(update.size());
  if (FRESHET_HAS(crdt_, cost)) {
    const Status status{crdt_->cost(crdt_->self, format, to_c(update), &cost)};
    if (status == Status::retry) return status;
    if (status != Status::ok) cost = {};  // apply says what is wrong with it
  }
  spare_bytes_ = 0;
  const size_t after = memory + cost.document_bytes;
  if (after > limit_bytes) return Status::limit;
  return share_.hold(after + cost.working_bytes) ? Status::ok : Status::retry;
}

}  // namespace freshet
