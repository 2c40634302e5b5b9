#include "storm.h"

#include <algorithm>
#include <limits>

namespace freshet::load {

namespace {

// So many connect between two looks at the sockets of the others.
constexpr size_t kConnectsATurn = 64;
// When somebody got in is told exactly; only that it is seen is as late as this.
constexpr int64_t kLookEveryNs = 5'000'000;
constexpr int64_t kReturnAfterNs = 1'000'000'000;

}  // namespace

void Storm::begin(int64_t now) {
  begun_ns_ = now;
  cast_.seat_everybody();
  has_failed_.assign(cast_.places(), false);
  for (size_t place = cast_.places(); place-- > 0;) connecting_.push_back(place);
}

void Storm::tend(int64_t now) {
  for (; !returning_.empty() && returning_.front().at_ns <= now; returning_.pop_front()) {
    cast_.seat_another(returning_.front().place);
    connecting_.push_back(returning_.front().place);
  }
  for (size_t n = 0; n < kConnectsATurn && !connecting_.empty(); ++n) {
    cast_.at(connecting_.back()).connect();
    outside_.push_back(connecting_.back());
    connecting_.pop_back();
  }
  if (now >= next_look_ns_) look(now);
}

void Storm::look(int64_t now) {
  next_look_ns_ = now + kLookEveryNs;
  std::erase_if(outside_, [&](size_t place) {
    const Client& client = cast_.at(place);
    if (client.whole_ns() != 0) {
      joined_.record(client.whole_ns() - begun_ns_);
      returned_ += has_failed_[place] ? 1 : 0;
      return true;
    }
    if (!client.over()) return false;
    ++failed_;
    has_failed_[place] = true;
    if (comes_again_after(client.close_code())) returning_.push_back({now + kReturnAfterNs, place});
    return true;
  });
}

int64_t Storm::next_ns() const {
  if (!connecting_.empty()) return 0;
  int64_t next = std::numeric_limits<int64_t>::max();
  if (!outside_.empty()) next = next_look_ns_;
  if (!returning_.empty()) next = std::min(next, returning_.front().at_ns);
  return next;
}

}  // namespace freshet::load
