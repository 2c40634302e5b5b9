// core/rooms/submission.h: what a session submits to its room, kept until the room can take it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/presence/presence.h"
#include "freshet/abi/room.h"

namespace freshet {

// Something submitted while the room is loading or busy, or from another shard.
struct Submission {
  enum class Kind { update, presence, query_presence, diff, follow, open, show, event };
  Kind kind = Kind::update;
  MemberId from = 0;
  uint32_t format = 0;
  uint64_t ticket = 0;
  uint32_t wants = 0;
  uint8_t document = 0;        // of the answer to a diff
  std::vector<uint8_t> bytes;  // update, state vector, seed, change or an event's data
  std::string name = {};       // of an event
  struct OwnedPresence {
    uint64_t client, clock;
    std::optional<std::string> json;
  };
  std::vector<OwnedPresence> presence;

  static Submission of_presence(MemberId from, std::span<const freshet_presence> entries);
  size_t size_bytes() const;
};

}  // namespace freshet
