// core/rates/user_rates.h: what each user may send and join in a second, over all its connections.
//
// One for the server. Its lock is taken when a connection comes or goes; what those in between take
// from is shared without one. Anonymous users are not counted: nobody knows which of them are one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/config/limits.h"
#include "core/rates/shared_rate.h"

namespace freshet {

class UserRates {
 private:
  struct Known {
    Known(std::string_view user_id, const Limits& limits);
    bool full(uint64_t now_ms) const;

    const std::string id;
    SharedRate messages, bytes, joins;
    size_t holds = 0;
  };
  using All = std::list<Known>;

 public:
  // The rates of a user, kept for as long as one of its connections has them. Nobody's lets
  // everything pass.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept : of_(std::exchange(other.of_, nullptr)), user_(other.user_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (of_ != nullptr) of_->let_go(user_);
    }

    // As SharedRate::take(). [any]
    bool take_message(uint64_t now_ms) const {
      return of_ == nullptr || user_->messages.take(1, now_ms);
    }
    bool take_bytes(size_t bytes, uint64_t now_ms) const {
      return of_ == nullptr || user_->bytes.take(bytes, now_ms);
    }
    bool take_join(uint64_t now_ms) const { return of_ == nullptr || user_->joins.take(1, now_ms); }

   private:
    friend class UserRates;
    Hold(UserRates& of, All::iterator user) : of_(&of), user_(user) {}

    UserRates* of_ = nullptr;
    All::iterator user_{};
  };

  // Outlives all holds.
  explicit UserRates(const Limits& limits) : limits_(limits) {}
  UserRates(const UserRates&) = delete;
  UserRates& operator=(const UserRates&) = delete;

  // A connection of this user comes; empty: of nobody's. [any]
  Hold hold(std::string_view user_id, uint64_t now_ms);

  size_t known() const;

 private:
  void let_go(All::iterator user);
  void forget_first();

  const Limits& limits_;
  mutable std::mutex mutex_;
  All here_, gone_;                                              // who went first is the first
  std::unordered_map<std::string_view, All::iterator> by_name_;  // of both, and views into them
};

}  // namespace freshet
