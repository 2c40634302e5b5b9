#include "replica/withheld.h"

#include <cassert>

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
  updates_.clear();
  bytes_ = joined_bytes_ = 0;
}

void Withheld::join() {
  if (updates_.size() < 2) return;
  std::vector<uint8_t> joined;
  const Status status = merge_(std::vector<Bytes>(updates_.begin(), updates_.end()), joined);
  assert(status == Status::ok);
  static_cast<void>(status);
  joined_bytes_ = bytes_ = joined.size();
  updates_.clear();
  updates_.push_back(std::move(joined));
}

}  // namespace freshet::crdt
