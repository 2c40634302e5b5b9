// core/shards/allowance.h: what a connection, or one session of many on it, may send and join in a
// second: it alone, and its user with all of that user's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/config/limits.h"
#include "core/rates/rate.h"
#include "core/rates/user_rates.h"
#include "core/report/metrics.h"

namespace freshet {

// A limit that a connection is over.
enum class Over : uint8_t { nothing, messages, bytes, user_messages, user_bytes, user_joins };

constexpr bool is_of_user(Over over) { return over >= Over::user_messages; }
// As the manifest has it.
std::string_view key_of(Over over);
// For who is closed for it.
std::string_view reason_of(Over over);

// Connections that were closed for being over a limit, by limit.
class OverMetrics {
 public:
  explicit OverMetrics(Metrics& metrics);
  void count(Over over) { all_[static_cast<size_t>(over) - 1]->add(); }

 private:
  std::array<freshet_metric*, 5> all_;
};

// Lives on the connection's shard.
class Allowance {
 public:
  // In a second; 0: as much as they like.
  Allowance(size_t messages, size_t bytes, UserRates::Hold user)
      : messages_(messages), bytes_(bytes), user_(std::move(user)) {}

  Over take_message(size_t bytes, uint64_t now_ms) {
    if (!messages_.take(1, now_ms)) return Over::messages;
    if (!bytes_.take(bytes, now_ms)) return Over::bytes;
    if (!user_.take_message(now_ms)) return Over::user_messages;
    return user_.take_bytes(bytes, now_ms) ? Over::nothing : Over::user_bytes;
  }
  Over take_join(uint64_t now_ms) const {
    return user_.take_join(now_ms) ? Over::nothing : Over::user_joins;
  }

 private:
  Rate messages_, bytes_;
  const UserRates::Hold user_;
};

}  // namespace freshet
