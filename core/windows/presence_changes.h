// core/windows/presence_changes.h: whose presence has changed since the members of a room were last
// sent any.
//
// What comes and goes meanwhile was never there; what changes often is said once, as it is then.
// But some were told all at once since, and know who came before that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/presence/presence.h"

namespace freshet {

class PresenceChanges {
 public:
  // `user`: whose it is, in JSON; empty: nobody's.
  void add(const PresenceNews& news, std::string_view user);
  bool empty() const { return changes_.empty(); }
  void clear() {
    changes_.clear();
    at_.clear();
    first_version_ = UINT64_MAX;
    anybody_came_ = false;
  }

  uint64_t first_version() const { return first_version_; }  // of the presence
  bool anybody_came() const { return anybody_came_; }

  struct News {
    PresenceNews news;      // points into the presence, until its next change
    std::string user;       // of one who may be known no more
    uint64_t came_version;  // of the presence; 0: it was there before
    bool came_and_went;
  };
  // What there is to say, once.
  std::vector<News> take(const Presence& presence);

 private:
  struct Change {
    uint64_t client;
    uint64_t clock;                   // the last that others are to hear
    uint64_t first_version, version;  // of its first and its last change
    MemberId from;
    bool was_there;
    bool renewed;  // and no more than that
    std::string user;
  };

  std::vector<Change> changes_;  // one for each client
  std::unordered_map<uint64_t, size_t> at_;
  uint64_t first_version_ = UINT64_MAX;
  bool anybody_came_ = false;
};

}  // namespace freshet
