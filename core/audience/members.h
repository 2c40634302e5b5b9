// core/audience/members.h: the sessions in one room, and who is in it at other nodes.
//
// Lives on the room's shard, owned by the room. Who is told to close is no longer found, and stays
// until it is removed.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/audience/member.h"
#include "core/audience/room_watch.h"
#include "core/presence/elsewhere.h"
#include "freshet/abi/close.h"

namespace freshet {

class Members {
 public:
  Members() = default;
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  Member& add(std::unique_ptr<Member> joining) {
    Member& member = *joining;
    all_.push_back(&member);
    by_id_.emplace(member.spec.id, std::move(joining));
    return member;
  }
  // It has ended, and is one of all() no more. Whose it was what it showed is known until remove().
  // Null: it is not here.
  Member* retire(MemberId id) {
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) return nullptr;
    std::erase(all_, it->second.get());
    return it->second.get();
  }
  void remove(MemberId id) { by_id_.erase(id); }

  // Null: it is not here, or told to close.
  Member* find(MemberId id) const {
    const auto it = by_id_.find(id);
    return it == by_id_.end() || it->second->closing ? nullptr : it->second.get();
  }
  // Told to close or not; JSON, empty: nobody's.
  std::string_view user_of(MemberId id) const {
    if (Elsewhere::is(id)) return elsewhere_.user_of(id);
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? std::string_view() : it->second->spec.user;
  }
  // Those at other nodes.
  Elsewhere& elsewhere() { return elsewhere_; }
  const Elsewhere& elsewhere() const { return elsewhere_; }
  std::span<Member* const> all() const { return all_; }
  std::vector<Member*> copy() const { return all_; }  // to walk while the list may change
  size_t size() const { return by_id_.size(); }
  bool empty() const { return by_id_.empty(); }
  bool any_lags() const {
    return std::ranges::any_of(all_, [](const Member* member) { return member->lagging; });
  }

  // Who looks at the room from outside; null: nobody does. Outlives this, or is set to null.
  void set_watch(RoomWatch* watch) { watch_ = watch; }
  RoomWatch* watch() const { return watch_; }

  void close_all(uint16_t code, std::string_view reason) {
    for (Member* member : all_) member->close(code, reason);
  }
  // Sends away the session that deliveries call so; 0: everybody.
  void evict(uint64_t client, uint16_t code, std::string_view reason) {
    for (Member* member : all_) {
      if (client != 0 && member->spec.client != client) continue;
      member->close(code, reason);
    }
  }

 private:
  std::unordered_map<MemberId, std::unique_ptr<Member>> by_id_;
  std::vector<Member*> all_;  // the same, for walking
  Elsewhere elsewhere_;
  RoomWatch* watch_ = nullptr;
};

}  // namespace freshet
