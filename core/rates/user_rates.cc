#include "core/rates/user_rates.h"

#include "core/rates/limits.h"

namespace freshet {

UserRates::Known::Known(std::string_view user_id, const Limits& limits)
    : id(user_id),
      messages(limits.user_messages_per_second),
      bytes(limits.user_bytes_per_second),
      joins(limits.user_joins_per_second) {}

// As one that nobody knows of would be.
bool UserRates::Known::full(uint64_t now_ms) const {
  return messages.full(now_ms) && bytes.full(now_ms) && joins.full(now_ms);
}

UserRates::Hold UserRates::hold(std::string_view user_id, uint64_t now_ms) {
  if (user_id.empty()) return {};
  user_id = user_id.substr(0, kMaxUserIdBytes);
  const std::lock_guard lock(mutex_);
  while (!gone_.empty() && gone_.front().full(now_ms)) forget_first();
  const auto found = by_name_.find(user_id);
  if (found == by_name_.end()) {
    const auto added = here_.emplace(here_.end(), user_id, limits_);
    by_name_.emplace(added->id, added);
    ++added->holds;
    return {*this, added};
  }
  const All::iterator user = found->second;
  if (user->holds++ == 0) here_.splice(here_.end(), gone_, user);
  return {*this, user};
}

void UserRates::let_go(All::iterator user) {
  const std::lock_guard lock(mutex_);
  if (--user->holds != 0) return;
  gone_.splice(gone_.end(), here_, user);
  if (gone_.size() > kMaxGoneUsers) forget_first();
}

void UserRates::forget_first() {
  by_name_.erase(gone_.front().id);
  gone_.pop_front();
}

size_t UserRates::known() const {
  const std::lock_guard lock(mutex_);
  return by_name_.size();
}

}  // namespace freshet
