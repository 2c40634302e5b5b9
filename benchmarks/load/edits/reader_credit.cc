#include "reader_credit.h"

#include <algorithm>

namespace freshet::load {

void ReaderCredit::park(const Contribution& part) {
  if (part.from == part.to) return;
  // What goes on behind the gap is one range, however many frames bring it.
  for (Contribution& known : parked_) {
    if (known.author != part.author || part.from > known.to || part.to < known.from) continue;
    known.from = std::min(known.from, part.from);
    known.to = std::max(known.to, part.to);
    return;
  }
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
