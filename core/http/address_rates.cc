#include "core/http/address_rates.h"

#include <algorithm>
#include <string>

#include "core/request/network.h"

namespace freshet {

bool AddressRates::take(std::string_view peer, uint64_t now_ms) {
  const std::string name = network_of(peer.substr(0, kMaxAddressBytes));
  const std::lock_guard lock(mutex_);
  // Shards overtake each other between reading the clock and getting here.
  now_ms_ = std::max(now_ms_, now_ms);
  return rates_.take(name, now_ms_);
}

size_t AddressRates::known() const {
  const std::lock_guard lock(mutex_);
  return rates_.known();
}

}  // namespace freshet
