#include "core/live/looker.h"

namespace freshet {

bool Looker::has_place(uint64_t now_ms) {
  return link_.conn()->queued_bytes <= kLookerQueueBytes / 2 && bytes_.has(now_ms);
}

bool Looker::offer(std::string_view text, uint64_t now_ms) {
  if (link_.conn()->queued_bytes > kLookerQueueBytes) return false;
  if (!bytes_.take(now_ms, text.size())) return false;
  return link_.send(as_bytes(text), true) == Status::ok;
}

}  // namespace freshet
