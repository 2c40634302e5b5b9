#include "presence_credit.h"

namespace freshet::load {

void PresenceCredit::begin(std::span<const uint64_t> shown) {
  before_.assign(shown.begin(), shown.end());
  through_ = before_;
  received_ = 0;
}

uint64_t PresenceCredit::expected(std::span<const uint64_t> shown, size_t own_place) const {
  uint64_t all = 0;
  for (size_t place = 0; place < shown.size(); ++place) {
    if (place == own_place) continue;
    all += shown[place] - (place < before_.size() ? before_[place] : 0);
  }
  return all;
}

}  // namespace freshet::load
