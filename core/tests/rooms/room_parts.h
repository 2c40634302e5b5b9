// core/tests/rooms/room_parts.h: the parts of a room in which something is written, without the
// room: its document is loaded, and two members are in.
#pragma once

#include "core/rooms/commands.h"
#include "core/rooms/desk.h"
#include "core/tests/rooms/one_shard.h"

namespace freshet::sim {

struct RoomParts {
  explicit RoomParts(const Limits& limits = {}) : shard(limits) {
    owner.noting = &residence;
    windows.audience = &audience;
    residence.load();
    shard.settle();
    EXPECT_NE(residence.document(), nullptr);
  }

  ~RoomParts() { shard.settle(); }  // what its audience has posted ends before it does
  RoomParts(const RoomParts&) = delete;
  RoomParts& operator=(const RoomParts&) = delete;

  std::vector<uint8_t> typed(const std::string& text) {
    return author.type({"text"}, author.length({"text"}), text);
  }
  std::string text() {
    std::vector<uint8_t> update;
    return residence.diff({}, update) == Status::ok ? text_of(update) : "no diff";
  }

  OneShard shard;
  DocumentOwner owner{"r"};
  Residence residence{shard.services(), owner};
  Presence presence{shard.services().limits};
  Members members;
  Windows windows;
  Audience audience{shard.services(), windows, owner.named, members, residence, presence};
  Refusals refusals{shard.services(), owner.named, audience};
  AppFeed apps{shard.services(), owner.named};
  Desk desk{shard.services(), residence, members, audience, refusals, apps};
  Commands commands{shard.services().journal, residence, audience, apps, desk};
  Author author{7};
  PlainWire wire;
  Heard ann_hears, bob_hears;
  Member& ann = members.add(member(1, wire.get(), ann_hears));
  Member& bob = members.add(member(2, wire.get(), bob_hears));
};

}  // namespace freshet::sim
