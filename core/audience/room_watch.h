// core/audience/room_watch.h: who looks at a room from outside, as operators do.
#pragma once

#include "core/audience/member.h"
#include "core/windows/update_run.h"

namespace freshet {

// Called on the room's shard; a room that nobody looks at has none, and does nothing for it.
class RoomWatch {
 public:
  // It has just changed the document, and is on its way to the journal. `from`: null: its session
  // has ended, or no member of the room wrote it.
  virtual void on_update(const Contribution& update, const Member* from) = 0;

 protected:
  ~RoomWatch() = default;
};

}  // namespace freshet
