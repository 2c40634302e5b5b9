// core/rates/named_rates.h: a rate for each name, of which those are remembered that asked last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/rates/rate.h"

namespace freshet {

class NamedRates {
 public:
  // Past `most` names the one that asked longest ago is forgotten: it is the most likely to have
  // got back all it may have.
  NamedRates(uint64_t per_second, size_t most) : per_second_(per_second), most_(most) {}
  NamedRates(const NamedRates&) = delete;
  NamedRates& operator=(const NamedRates&) = delete;

  // False: this name has asked too often.
  bool take(std::string_view name, uint64_t now_ms);
  // The same without taking one.
  bool has_any(std::string_view name, uint64_t now_ms) const {
    const auto found = by_name_.find(name);
    return per_second_ == 0 || found == by_name_.end() || found->second->rate.has_any(now_ms);
  }

  size_t known() const { return all_.size(); }

 private:
  struct Known {
    std::pmr::string name;
    Rate rate;
  };
  using All = std::pmr::list<Known>;  // who asked last is the first

  Rate& rate_of(std::string_view name);

  const uint64_t per_second_;  // 0: as often as they like
  const size_t most_;
  // Names outlive what they name. Among what was freed with that each would hold a page.
  std::pmr::unsynchronized_pool_resource memory_;
  All all_{&memory_};
  std::pmr::unordered_map<std::string_view, All::iterator> by_name_{&memory_};  // views into all_
};

}  // namespace freshet
