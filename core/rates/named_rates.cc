#include "core/rates/named_rates.h"

namespace freshet {

bool NamedRates::take(std::string_view name, uint64_t now_ms) {
  return per_second_ == 0 || rate_of(name).take(1, now_ms);
}

Rate& NamedRates::rate_of(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    all_.splice(all_.begin(), all_, found->second);
    return all_.front().rate;
  }
  if (all_.size() == most_) {
    by_name_.erase(all_.back().name);
    all_.pop_back();
  }
  all_.push_front({std::pmr::string(name, &memory_), Rate(per_second_)});
  by_name_.emplace(all_.front().name, all_.begin());
  return all_.front().rate;
}

}  // namespace freshet
