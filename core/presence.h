// core/presence.h: what the sessions of one room show of themselves.
//
// Entries are JSON by awareness client id, each with a clock; the newest clock wins. The rules are
// those of y-protocols' awareness, but for what a server must know better (docs/adr/0004).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/limits.h"
#include "freshet/abi/room.h"

namespace freshet {

using MemberId = uint64_t;

class Presence {
 public:
  explicit Presence(const Limits& limits) : limits_(limits) {}

  // Takes what is news of `entries` and says which: the views point into this table and hold until
  // its next change. `ttl_ms` 0: entries of this session stay until it leaves.
  std::vector<freshet_presence> submit(MemberId from, std::span<const freshet_presence> entries,
                                       uint32_t ttl_ms, uint64_t now_ms);

  // Removes what a session showed; says what others must hear.
  std::vector<freshet_presence> leave(MemberId member);

  // Removes what was not renewed in time, and forgets the long gone; says what others must hear.
  std::vector<freshet_presence> expire(uint64_t now_ms);

  // Everybody who is there.
  std::vector<freshet_presence> all() const;

  // All that changed after `version`, departures included.
  std::vector<freshet_presence> since(uint64_t version) const;
  uint64_t version() const { return version_; }
  size_t size() const { return live_; }

 private:
  struct Entry {
    uint64_t clock = 0;
    std::string json;
    bool gone = true;
    MemberId owner = 0;
    uint64_t version = 0;
    uint64_t renewed_ms = 0;
    uint32_t ttl_ms = 0;
  };
  using Entries = std::unordered_map<uint64_t, Entry>;
  // What one session shows.
  struct Shown {
    std::vector<uint64_t> clients;
    size_t bytes = 0;
  };

  bool is_news(const Entry* known, MemberId from, const freshet_presence& news) const;
  bool is_return(const Entry& entry, MemberId from, const freshet_presence& news) const;
  bool fits(const Entry* known, MemberId from, const freshet_presence& news);
  void show(uint64_t client, Entry& entry, MemberId from, const freshet_presence& news);
  void hide(uint64_t client, Entry& entry);
  void forget_gone();
  static freshet_presence to_c(uint64_t client, const Entry& entry);

  const Limits& limits_;
  Entries entries_;
  std::unordered_map<MemberId, Shown> shown_;
  size_t live_ = 0;
  size_t bytes_ = 0;  // of all JSON
  uint64_t version_ = 0;
  uint64_t last_now_ms_ = 0;
};

}  // namespace freshet
