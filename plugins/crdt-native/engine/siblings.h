// Shortcuts through crowds: places where many clients inserted without having seen each other.
//
// YATA sorts items with the same origin and right origin by client id, each followed by what was
// inserted behind it. A scan finds the place of one more in as many steps as there are items, which
// makes a crowd quadratic and is an attack. A group remembers the siblings of one origin in order,
// so that the next one goes right before the first with a larger id, or is scanned for from the
// last one on only.
//
// A group is a shortcut to what the scan would find and nothing else: whoever changes what it rests
// on drops it. Made when a scan was long, never for the common case.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "ids.h"

namespace freshet::crdt {

class Siblings {
 public:
  struct Member {
    uint64_t client_id;
    uint32_t item;
  };
  struct Group {
    Id origin;
    Id right_origin;
    // By client id; empty: siblings of this origin are not alike, so there is no shortcut.
    std::vector<Member> members;

    std::vector<Member>::iterator at(uint64_t client_id) {
      return std::lower_bound(
          members.begin(), members.end(), client_id,
          [](const Member& member, uint64_t id) { return member.client_id < id; });
    }
  };

  bool empty() const { return groups_.empty(); }

  Group* find(Id origin, uint32_t list) {
    const auto it = groups_.find(key(origin, list));
    return it == groups_.end() ? nullptr : &it->second;
  }

  // Keeps a bounded number: beyond it the others go.
  Group& add(Id origin, uint32_t list) {
    static constexpr size_t kMaxGroups = 64;
    if (groups_.size() >= kMaxGroups) groups_.clear();
    Group& group = groups_[key(origin, list)];
    group.origin = origin;
    return group;
  }

  // An item was linked into the list.
  void linked(Id origin, uint32_t list, Id right_origin, Member member) {
    Group* group = find(origin, list);
    if (group == nullptr || group->members.empty()) return;
    if (group->right_origin != right_origin) return group->members.clear();
    group->members.insert(group->at(member.client_id), member);
  }

  // Something about the items right behind `origin` changed.
  void drop(Id origin) {
    if (!groups_.empty()) groups_.erase(key(origin, kNoList));
  }
  void drop_all() { groups_.clear(); }

 private:
  // An origin lies in one list; without one, the list itself tells.
  static uint64_t key(Id origin, uint32_t list) {
    return uint64_t{origin.client} << 32 | (origin ? origin.clock : list);
  }

  std::unordered_map<uint64_t, Group> groups_;
};

}  // namespace freshet::crdt
