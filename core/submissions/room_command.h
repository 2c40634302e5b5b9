// core/submissions/room_command.h: something done in a room by no client of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "freshet/result.h"

namespace freshet {

struct RoomCommand {
  enum class Kind { broadcast, evict, edit, read, state };
  // Once, on a shard; the state if it was asked for.
  using Done = std::function<void(Status, std::vector<uint8_t> state)>;

  Kind kind = Kind::broadcast;
  std::string event = {};   // broadcast
  uint64_t session = 0;     // evict; 0: everybody
  bool comes_back = false;  // evict: it may, at once
  std::string json = {};    // of an event, or operations
  Done done = nullptr;      // edit, read, state

  // Whether the room must be loaded for it.
  bool needs_document() const { return kind == Kind::edit || kind == Kind::read; }
  size_t size_bytes() const { return sizeof(*this) + event.size() + json.size(); }
};

}  // namespace freshet
