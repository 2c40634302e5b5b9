// core/tests/rooms/room_parts.h: the parts of a room in which something is written, without the
// room: its document is loaded, and two members are in.
#pragma once

#include "core/rooms/commands.h"
#include "core/rooms/desk.h"
#include "core/tests/rooms/one_audience.h"

namespace freshet::sim {

struct RoomParts : OneAudience {
  explicit RoomParts(const Limits& limits = {}) : OneAudience(limits) {}

  std::vector<uint8_t> typed(const std::string& text) {
    return author.type({"text"}, author.length({"text"}), text);
  }
  std::string text() {
    std::vector<uint8_t> update;
    return residence.diff({}, update) == Status::ok ? text_of(update) : "no diff";
  }

  Refusals refusals{shard.services(), owner.named, audience};
  AppFeed apps{shard.services(), owner.named};
  Desk desk{shard.services(), residence, members, audience, refusals, apps, nullptr};
  Commands commands{residence, audience, apps, desk};
};

}  // namespace freshet::sim
