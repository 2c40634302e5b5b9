// core/presence/elsewhere.h: who is in a room at other nodes, as far as they have shown something.
//
// Each gets a member id here that no session of this node has, and the same one whenever it is
// heard of. Lives on the room's shard, owned by its members.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/store.h"

namespace freshet {

class Elsewhere {
 public:
  static bool is(MemberId id) { return (id & kMark) != 0; }
  // `member`: its node's own name for it.
  static MemberId id_of(const freshet_node& node, uint64_t member) {
    uint64_t h = 0xcbf29ce484222325u;
    const auto add = [&h](uint8_t byte) { h = (h ^ byte) * 0x100000001b3u; };
    for (const uint8_t byte : node.run) add(byte);
    for (int i = 0; i < 8; ++i) add(static_cast<uint8_t>(member >> (8 * i)));
    return h | kMark;
  }

  // `user`: JSON; empty: anonymous.
  void note(MemberId id, const freshet_node& node, std::string_view user) {
    const auto [it, is_new] = people_.try_emplace(id, Person{node, std::string(user)});
    if (!is_new && it->second.user != user) it->second.user = user;
  }
  // Of those of whom `shows` says that they show something still.
  template <class Shows>
  void keep_if(Shows shows) {
    std::erase_if(people_, [&](const auto& each) { return !shows(each.first); });
  }
  std::string_view user_of(MemberId id) const {
    const auto it = people_.find(id);
    return it == people_.end() ? std::string_view() : it->second.user;
  }
  std::vector<MemberId> of(const freshet_node& node) const {
    std::vector<MemberId> out;
    for (const auto& [id, person] : people_) {
      if (same(person.node, node)) out.push_back(id);
    }
    return out;
  }
  bool is_of(MemberId id, const freshet_node& node) const {
    const auto it = people_.find(id);
    return it != people_.end() && same(it->second.node, node);
  }

 private:
  struct Person {
    freshet_node node;
    std::string user;
  };
  static constexpr MemberId kMark = MemberId{1} << 63;

  std::unordered_map<MemberId, Person> people_;
};

}  // namespace freshet
