#include "replica/withheld.h"

#include <cassert>

#include "freshet/crdt/updates.h"

namespace freshet::crdt {

// Less is not worth joining.
static constexpr size_t kJoinBytes = size_t{64} << 10;

void Withheld::add(std::vector<uint8_t> update) {
  if (update.empty()) return;
  bytes_ += update.size();
  updates_.push_back(std::move(update));
  if (bytes_ > kJoinBytes && bytes_ > 2 * joined_bytes_) join();
}

void Withheld::take(std::vector<uint8_t>& out) {
  join();
  if (!updates_.empty()) out.insert(out.end(), updates_.front().begin(), updates_.front().end());
  *this = {};
}

void Withheld::join() {
  if (updates_.size() < 2) return;
  std::vector<uint8_t> joined;
  // All came from one document, whose limits hold for what they make together. What was deleted
  // meanwhile may still be wanted by whoever gets this.
  const Status status =
      merge_updates(std::vector<Bytes>(updates_.begin(), updates_.end()), joined, Garbage::keep);
  assert(status == Status::ok);
  static_cast<void>(status);
  joined_bytes_ = bytes_ = joined.size();
  updates_.clear();
  updates_.push_back(std::move(joined));
}

}  // namespace freshet::crdt
