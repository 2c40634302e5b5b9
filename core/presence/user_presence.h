// core/presence/user_presence.h: what the room itself shows for users, each with one or more
// sessions on one wire.
//
// It is kept for a while after a user's last session has gone, so that one who comes back is seen
// as it was.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/presence/presence.h"

namespace freshet {

class UserPresence {
 public:
  struct Person {
    std::string json;                // what it shows; empty: nothing yet
    uint64_t changed_unix_ms = 0;    // that; 0: not since it first came
    std::vector<MemberId> sessions;  // that have shown something
  };

  // What a user shows or showed; empty: nothing, or no such user. Holds until the next change here.
  std::string_view shown(uint32_t wire, std::string_view user_id) const;
  uint64_t changed_unix_ms(uint32_t wire, std::string_view user_id) const;

  // The person behind a session, made if it is new. REQUIRES: user_id is not empty.
  Person& of(uint32_t wire, std::string_view user_id, MemberId session);
  void leave(uint32_t wire, std::string_view user_id, MemberId session, uint64_t now_ms);

  void forget_long_gone(uint64_t now_ms);
  size_t size() const { return people_.size(); }

 private:
  struct Gone {
    std::string key;
    uint64_t left_ms;
  };
  struct Entry : Person {
    std::list<Gone>::iterator gone;  // REQUIRES: no session
  };

  const Person* find(uint32_t wire, std::string_view user_id) const;
  static std::string key_of(uint32_t wire, std::string_view user_id);
  void forget_longest_gone();

  std::unordered_map<std::string, Entry> people_;
  std::list<Gone> gone_;  // everybody without a session, the longest gone first
  size_t kept_bytes_ = 0;
};

}  // namespace freshet
