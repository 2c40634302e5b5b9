#include "core/store/document.h"

#include <algorithm>

namespace freshet {
namespace {

// Held beyond what an update may take, so that not each of the small ones asks: a part of what the
// document takes, as there may be very many small ones.
constexpr size_t kLeastSpareBytes = size_t{8} << 10;
constexpr size_t kMostSpareBytes = size_t{64} << 10;
constexpr size_t spare_for(size_t memory_bytes) {
  return std::clamp(memory_bytes / 4, kLeastSpareBytes, kMostSpareBytes);
}

}  // namespace

void Document::settle() {
  share_.hold_anyway(stats().memory_bytes);
  spare_bytes_ = 0;
  guessed_ = false;
}

// A guess is many times what it comes to. A thousand rooms that are each brought a document within
// a moment would otherwise leave nothing for anybody until they are settled.
void Document::settle_guess() {
  const size_t memory = stats().memory_bytes;
  spare_bytes_ = std::min(spare_bytes_, spare_for(memory));
  share_.hold_anyway(memory + spare_bytes_);
  guessed_ = false;
}

// What is known from its size alone is enough for most; where that is too much, the engine looks.
Status Document::make_more_room(uint32_t format, Bytes update, size_t limit_bytes) {
  const size_t memory = stats().memory_bytes;
  const size_t spare = spare_for(memory);
  const size_t growth = most_growth(update.size());
  guessed_ = growth > spare;
  if (memory + growth + spare <= limit_bytes && share_.hold(memory + growth + spare)) {
    spare_bytes_ = spare;
    return Status::ok;
  }
  freshet_cost cost{};
  cost.size = sizeof(cost);
  cost.document_bytes = growth;
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
