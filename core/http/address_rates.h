// core/http/address_rates.h: how often each address may ask for what costs work.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "core/http/limits.h"
#include "core/rates/named_rates.h"

namespace freshet {

// One for all shards, as an address has connections on any of them. Its lock is taken once for a
// request that a worker will answer, and held for one look-up. [any]
class AddressRates {
 public:
  explicit AddressRates(uint64_t per_second) : rates_(per_second, kMaxRatedAddresses) {}

  // False: this address has asked too often. `peer` as freshet_request has it.
  bool take(std::string_view peer, uint64_t now_ms);

  size_t known() const;

 private:
  mutable std::mutex mutex_;
  uint64_t now_ms_ = 0;
  NamedRates rates_;
};

}  // namespace freshet
