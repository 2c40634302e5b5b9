#include "core/http/address_rates.h"

#include <algorithm>

#include "core/http/limits.h"
#include "core/request/network.h"

namespace freshet {

bool AddressRates::take(std::string_view peer, uint64_t now_ms) {
  std::string name = network_of(peer.substr(0, kMaxAddressBytes));
  const std::lock_guard lock(mutex_);
  // Shards overtake each other between reading the clock and getting here.
  now_ms_ = std::max(now_ms_, now_ms);
  return rate_of(std::move(name)).take(now_ms_);
}

Rate& AddressRates::rate_of(std::string name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    all_.splice(all_.begin(), all_, found->second);
    return all_.front().rate;
  }
  if (all_.size() == kMaxRatedAddresses) {
    by_name_.erase(all_.back().name);
    all_.pop_back();
  }
  all_.push_front({std::move(name), Rate(per_second_, now_ms_)});
  by_name_.emplace(all_.front().name, all_.begin());
  return all_.front().rate;
}

size_t AddressRates::known() const {
  const std::lock_guard lock(mutex_);
  return all_.size();
}

}  // namespace freshet
