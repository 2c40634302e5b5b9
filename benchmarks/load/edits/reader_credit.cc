#include "reader_credit.h"

#include <algorithm>

namespace freshet::load {

void ReaderCredit::park(const Contribution& part) {
  if (part.from == part.to) return;
  if (parked_.size() == kMaxParkedRanges) {
    lost_ = true;
    return;
  }
  parked_.push_back(part);
}

void ReaderCredit::unpark(uint32_t author) {
  uint64_t& through = through_[author];
  // One that is taken may reach another that stands before it.
  for (bool again = true; again;) {
    const uint64_t before = through;
    std::erase_if(parked_, [&](const Contribution& part) {
      if (part.author != author || part.from > through) return false;
      through = std::max(through, part.to);
      return true;
    });
    again = through != before;
  }
}

}  // namespace freshet::load
