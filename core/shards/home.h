// core/shards/home.h: the event loop that a connection lives on, as the connection sees it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/config/limits.h"
#include "core/loop/body.h"
#include "core/loop/loop.h"
#include "core/presence/presence.h"
#include "core/rates/user_rates.h"
#include "core/shards/allowance.h"
#include "core/shards/shards.h"

namespace freshet {

// Everything runs on that loop.
class Home {
 public:
  Home(Loop loop, const Limits& limits, const Shards& shards, UserRates& users)
      : loop_(loop), limits_(limits), shards_(shards), users_(users) {}
  virtual ~Home() = default;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const Loop& loop() const { return loop_; }
  const Limits& limits() const { return limits_; }
  const Shards& shards() const { return shards_; }
  UserRates& users() const { return users_; }

  // For the connection of this number, if it is still there.
  virtual void deliver(uint64_t id, MemberId session, const Frames& frames, Bytes prefix,
                       bool text) = 0;
  virtual void close(uint64_t id, uint16_t code, std::string_view reason) = 0;
  virtual void pause_reading(uint64_t id, uint32_t ms) = 0;

  // A connection of this user (empty: nobody's) is closed for being over a limit.
  virtual void note_over(Over over, std::string_view user_id) = 0;

  uint64_t next_id() {
    return (uint64_t{loop_.shard()} << kIdBits) | ++last_id_;
  }  // of the process
  // Below 2^53, not 0.
  uint64_t random_client() const {
    uint64_t client = 0;
    while (client == 0) client = random<uint64_t>() & kMaxClient;
    return client;
  }
  uint32_t chance() const { return random<uint32_t>(); }

 private:
  static constexpr uint64_t kMaxClient = (uint64_t{1} << 53) - 1;  // JavaScript's largest integer
  static constexpr unsigned kIdBits = 48;                          // the rest says which shard

  template <class T>
  T random() const {
    const auto& platform = loop_.platform();
    T out = 0;
    platform.random(platform.self, reinterpret_cast<uint8_t*>(&out), sizeof(out));
    return out;
  }

  const Loop loop_;
  const Limits& limits_;
  const Shards& shards_;
  UserRates& users_;
  uint64_t last_id_ = 0;
};

}  // namespace freshet
