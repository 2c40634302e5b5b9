// core/http/address_rates.h: how often each address may ask for what costs work.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/shards/rate.h"

namespace freshet {

// One for all shards, as an address has connections on any of them. Its lock is taken once for a
// request that a worker will answer, and held for one look-up. [any]
class AddressRates {
 public:
  explicit AddressRates(uint64_t per_second) : per_second_(per_second) {}

  // False: this address has asked too often. `peer` as freshet_request has it.
  bool take(std::string_view peer, uint64_t now_ms);

  size_t known() const;

 private:
  struct Known {
    std::string name;
    Rate rate;
  };
  using All = std::list<Known>;  // who asked last is the first

  Rate& rate_of(std::string name);

  const uint64_t per_second_;
  mutable std::mutex mutex_;
  uint64_t now_ms_ = 0;
  All all_;
  std::unordered_map<std::string_view, All::iterator> by_name_;  // views into all_
};

}  // namespace freshet
