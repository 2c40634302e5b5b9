// core/presence.h: what the sessions of one room show of themselves.
//
// Entries are JSON by awareness client id, each with a clock; the newest clock wins. The rules are
// those of y-protocols' awareness, but for what a server must know better (docs/adr/0004).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/limits.h"
#include "freshet/abi/room.h"

namespace freshet {

using MemberId = uint64_t;

// An entry that changed. Points into the table; holds until its next change.
struct PresenceNews : freshet_presence {
  MemberId from = 0;     // whose it is, or was
  bool arrived = false;  // was not there before
  bool renewed = false;  // only its clock moved, or what it shows is known from elsewhere
};

class Presence {
 public:
  explicit Presence(const Limits& limits) : limits_(limits) {}

  // Takes what is news of `entries` and says which. `ttl_ms` 0: entries of this session stay until
  // it leaves.
  std::vector<PresenceNews> submit(MemberId from, std::span<const freshet_presence> entries,
                                   uint32_t ttl_ms, uint64_t now_ms);

  // What the room itself shows for a session, under a client id that is this session's alone: the
  // clock is ours. Nothing if there is no room for it.
  std::optional<PresenceNews> show(MemberId from, uint64_t client, std::string_view json,
                                   uint64_t now_ms);

  // Empty: nothing.
  std::string_view shown_as(uint64_t client) const;

  // Removes what a session showed; says what others must hear.
  std::vector<PresenceNews> leave(MemberId member);

  // Removes what was not renewed in time, forgets the long gone, and renews what the room itself
  // shows: y-websocket clients forget whom they have not heard of for 30 s. Says what others must
  // hear.
  std::vector<PresenceNews> expire(uint64_t now_ms);

  // Everybody who is there.
  std::vector<PresenceNews> all() const;

  // All that changed after `version`, departures included.
  std::vector<PresenceNews> since(uint64_t version) const;
  uint64_t version() const { return version_; }
  size_t size() const { return live_; }

 private:
  struct Entry {
    uint64_t clock = 0;
    std::string json;
    bool gone = true;
    bool shown_by_us = false;  // and so by its owner alone, for good
    MemberId owner = 0;        // the last one, if it is gone
    uint64_t version = 0;
    uint64_t arrived_version = 0;
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
  PresenceNews put(uint64_t client, Entry& entry, MemberId from, const freshet_presence& news);
  void hide(uint64_t client, Entry& entry);
  void forget_gone();
  static PresenceNews news_of(uint64_t client, const Entry& entry);

  const Limits& limits_;
  Entries entries_;
  std::unordered_map<MemberId, Shown> shown_;
  size_t live_ = 0;
  size_t bytes_ = 0;  // of all JSON
  uint64_t version_ = 0;
  uint64_t last_now_ms_ = 0;
};

}  // namespace freshet
