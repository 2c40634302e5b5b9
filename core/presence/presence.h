// core/presence/presence.h: what the sessions of one room show of themselves.
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
#include <unordered_set>
#include <vector>

#include "core/config/limits.h"
#include "freshet/abi/room.h"

namespace freshet {

using MemberId = uint64_t;

// An entry that changed. Points into the table; holds until its next change.
struct PresenceNews : freshet_presence {
  MemberId from = 0;             // whose it is, or was
  bool arrived = false;          // was not there before
  bool renewed = false;          // only its clock moved, or what it shows is known from elsewhere
  uint64_t changed_unix_ms = 0;  // what it shows; 0: not since it came
  uint64_t version = 0;          // of the presence when it changed; UINT64_MAX: renewed by us alone
};

class Presence {
 public:
  explicit Presence(const Limits& limits) : limits_(limits) {}

  // Takes what is news of `entries` and says which. `ttl_ms` 0: entries of this session stay until
  // it leaves.
  std::vector<PresenceNews> submit(MemberId from, std::span<const freshet_presence> entries,
                                   uint32_t ttl_ms, uint64_t now_ms, uint64_t unix_ms = 0);

  // ---- who comes back ----
  // The version up to which this client was here, on a connection other than `from`: what it knows
  // of others is no newer. Nothing: it is not known, or nobody's to come back as.
  std::optional<uint64_t> was_here_until(uint64_t client, MemberId from) const;

  // The first thing that `from` shows is what another session shows, at a clock that session has
  // said or was told: most likely a client whose old connection is not known to be dead yet. If
  // that session ends without a word, what it showed is this one's, as long as it shows nothing
  // else.
  void claim(MemberId from, const freshet_presence& first);

  // What others show, for one who is back and knows it up to `until` but has dropped it: one clock
  // later, as it would pass over what it has heard before. It was sent everybody at version
  // `knows`; two who are back at once may both lack what has been moved for one of them since.
  // `moved`: those whose owners must hear of it, lest they count on from where they were.
  struct Again {
    std::vector<PresenceNews> all;
    std::vector<PresenceNews> moved;  // of `all`
    // Of `all`: as late as we may say, and perhaps not late enough: only their owners can go on.
    std::vector<PresenceNews> at_end;
  };
  Again again_for(MemberId back, uint64_t until, uint64_t knows = UINT64_MAX);

  // ---- who is at another node
  // What `owner` shows there, or that it shows this no more: only its own node knows, and counts
  // the clock. `yields`: where both nodes have the client, at one clock, it is the other's.
  std::optional<PresenceNews> hear(MemberId owner, const PresenceNews& entry, bool yields,
                                   uint64_t now_ms);
  // What hear() has passed over. Of somebody who lives there and is known as gone from a later
  // clock on: which one, so that the owner's node can go past it.
  std::optional<PresenceNews> gone_after(const PresenceNews& entry) const;
  // Somebody of this node is known elsewhere up to this clock, as gone or as another's, so what is
  // said of them at an earlier one is passed over there. Nothing: it is nobody of this node, or
  // said later already.
  std::optional<PresenceNews> to_be_said_after(uint64_t client, uint64_t clock) const;
  // The room itself shows them: one clock later. REQUIRES: to_be_said_after().
  PresenceNews show_after(uint64_t client, uint64_t clock);
  bool is_shown_by_us(uint64_t client) const;
  // What was shown last as `client`, also if it is gone. Nothing: it is not known any more.
  std::optional<PresenceNews> last_of(uint64_t client) const;
  bool shows_any(MemberId owner) const { return shown_.contains(owner); }

  // What the room itself shows for a session, under a client id that is this session's alone: the
  // clock is ours. Nothing if there is no room for it.
  std::optional<PresenceNews> show(MemberId from, uint64_t client, std::string_view json,
                                   uint64_t now_ms, uint64_t changed_unix_ms = 0);

  // Empty: nothing.
  std::string_view shown_as(uint64_t client) const;
  uint64_t changed_unix_ms(uint64_t client) const;

  // Removes what a session showed; says what others must hear.
  std::vector<PresenceNews> leave(MemberId member);

  // Removes what was not renewed in time, forgets the long gone, and renews what the room itself
  // shows, or what an owner has confirmed to us alone: y-websocket clients forget whom they have
  // not heard of for 30 s. Says what others must hear.
  std::vector<PresenceNews> expire(uint64_t now_ms);

  // What is shown as `client` now. Nothing: it is not there.
  std::optional<PresenceNews> of(uint64_t client) const;
  // Everybody who is there.
  std::vector<PresenceNews> all() const;

  // All that changed after `version`, departures included.
  std::vector<PresenceNews> since(uint64_t version) const;
  uint64_t version() const { return version_; }
  size_t size() const { return live_; }

 private:
  struct Entry {
    uint64_t clock = 0;  // others were told; at most one more than `said` while its owner is here
    uint64_t said = 0;   // by its owner
    std::string json;
    bool gone = true;
    bool shown_by_us = false;  // and so by its owner alone, for good
    bool elsewhere = false;    // its owner is at another node
    bool moved = false;        // its last change is one of its clock that only some were told of
    MemberId owner = 0;        // the last one, if it is gone
    uint64_t version = 0;
    uint64_t arrived_version = 0;
    uint64_t renewed_ms = 0;  // by its owner
    uint64_t told_ms = 0;     // to everybody
    uint64_t changed_unix_ms = 0;
    MemberId heir = 0;  // see claim()
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
  bool is_newer_there(const Entry& known, MemberId owner, const PresenceNews& entry,
                      bool yields) const;
  bool fits(const Entry* known, MemberId from, const freshet_presence& news);
  void note_confirmed(Entry& entry, MemberId from, const freshet_presence& news);
  static uint64_t clock_told(const Entry& entry, uint64_t clock);
  PresenceNews put(uint64_t client, Entry& entry, MemberId from, const freshet_presence& news);
  void take_from_owner(uint64_t client, const Entry& entry);
  void hide(uint64_t client, Entry& entry);
  bool hand_over(uint64_t client, Entry& entry);
  void forget_claim(MemberId member);
  static bool must_be_told_again(const Entry& entry, uint64_t now_ms);
  void forget_gone();
  static PresenceNews news_of(uint64_t client, const Entry& entry);

  const Limits& limits_;
  Entries entries_;
  std::unordered_map<MemberId, Shown> shown_;
  std::unordered_map<MemberId, uint64_t> claims_;  // the client whose heir it is
  std::unordered_set<MemberId> heard_of_;          // who has shown anything, itself first of all
  MemberId announces_itself_ = 0;                  // in what is submitted now; 0: nobody
  size_t live_ = 0;
  size_t bytes_ = 0;  // of all JSON
  uint64_t version_ = 0;
  uint64_t last_now_ms_ = 0;
  uint64_t last_unix_ms_ = 0;
};

}  // namespace freshet
