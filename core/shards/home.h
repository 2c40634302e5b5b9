// core/shards/home.h: the event loop that a connection lives on, as the connection sees it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/config/limits.h"
#include "core/identity/identification.h"
#include "core/loop/body.h"
#include "core/loop/loop.h"
#include "core/presence/presence.h"
#include "core/rates/user_rates.h"
#include "core/shards/allowance.h"
#include "core/request/sent_away.h"
#include "core/shards/shards.h"

namespace freshet {

// Everything runs on that loop.
class Home {
 public:
  // What it needs of the server; all outlive it.
  struct Parts {
    Loop loop;
    const Limits& limits;
    const Shards& shards;
    UserRates& users;
    Identification& identification;
  };

  explicit Home(const Parts& parts) : parts_(parts) {}
  virtual ~Home() = default;
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const Loop& loop() const { return parts_.loop; }
  const Limits& limits() const { return parts_.limits; }
  const Shards& shards() const { return parts_.shards; }
  UserRates& users() const { return parts_.users; }
  Identification& identification() const { return parts_.identification; }

  // For the connection of this number, if it is still there.
  virtual void deliver(uint64_t id, MemberId session, const Frames& frames, Bytes prefix,
                       bool text) = 0;
  virtual void close(uint64_t id, uint16_t code, std::string_view reason) = 0;
  // Its session alone, if its wire lets it, and else all of it.
  virtual void end(uint64_t id, MemberId session, uint16_t code, std::string_view reason) = 0;
  // What Link::end() has put off.
  virtual void finish(uint64_t id, MemberId session, uint16_t code, std::string_view reason) = 0;
  // What it has asked for.
  virtual void identified(uint64_t id, uint64_t ticket, const Identification::Answer& answer) = 0;
  virtual void pause_reading(uint64_t id, uint32_t ms) = 0;

  // A function of a protocol threw; in the log.
  virtual void note_thrown(std::string_view function, std::string_view what) = 0;

  // A connection of this user (empty: nobody's) is closed for being over a limit.
  virtual void note_over(Over over, std::string_view user_id) = 0;
  virtual void note_sent_away(const SentAway::One& one) = 0;

  uint64_t next_id() {
    return (uint64_t{loop().shard()} << kIdBits) | ++last_id_;
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
    const auto& platform = loop().platform();
    T out = 0;
    platform.random(platform.self, reinterpret_cast<uint8_t*>(&out), sizeof(out));
    return out;
  }

  const Parts parts_;
  uint64_t last_id_ = 0;
};

}  // namespace freshet
