// core/windows/echoes.h: what sessions wrote that are told by its coming back to them, until it is
// saved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/bytes.h"

namespace freshet {

class Echoes {
 public:
  // Takes a copy. `joins`: it may be joined with others of this session.
  // REQUIRES: `position` is not before that of the last.
  void push(uint64_t position, MemberId to, Bytes update, bool joins) {
    updates_.push_back({position, to, bytes_.size(), update.size(), joins});
    bytes_.insert(bytes_.end(), update.begin(), update.end());
  }

  // All up to `saved` leaves: calls `f` for each session with what is its own, in its order.
  // What cannot be joined comes alone.
  template <class F>
  void take(uint64_t saved, F f) {
    const auto end =
        std::ranges::find_if(updates_, [&](const Update& each) { return each.position > saved; });
    if (end == updates_.begin()) return;
    std::vector<Update> taken(updates_.begin(), end);
    std::vector<uint8_t> bytes;
    const size_t size = taken.back().offset + taken.back().size;
    bytes.assign(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(size));
    drop(taken.size(), size);
    std::ranges::stable_sort(taken, {}, &Update::to);
    std::vector<freshet_bytes> own;
    for (size_t i = 0; i < taken.size(); ++i) {
      own.push_back({bytes.data() + taken[i].offset, taken[i].size});
      const bool goes_on = i + 1 < taken.size() && taken[i + 1].to == taken[i].to &&
                           taken[i].joins && taken[i + 1].joins;
      if (goes_on) continue;
      f(taken[i].to, own);
      own.clear();
    }
  }
  void clear() { drop(updates_.size(), bytes_.size()); }

  bool empty() const { return updates_.empty(); }
  size_t bytes() const { return bytes_.capacity() + updates_.capacity() * sizeof(Update); }

 private:
  struct Update {
    uint64_t position;
    MemberId to;
    size_t offset, size;  // in bytes_
    bool joins;
  };

  void drop(size_t updates, size_t bytes) {
    updates_.erase(updates_.begin(), updates_.begin() + static_cast<ptrdiff_t>(updates));
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(bytes));
    for (Update& each : updates_) each.offset -= bytes;
    if (empty() && bytes_.capacity() + updates_.capacity() > kKeptBytes) {
      release_memory(bytes_);
      release_memory(updates_);
    }
  }

  static constexpr size_t kKeptBytes = size_t{4} << 10;

  std::vector<Update> updates_;  // by position, ascending
  std::vector<uint8_t> bytes_;
};

}  // namespace freshet
