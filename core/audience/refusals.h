// core/audience/refusals.h: what becomes of what a member submits and is not taken: who is told in
// words, who has to go, and what the log says of it.
//
// Lives on the room's shard, owned by the room.
#pragma once

#include <string>
#include <string_view>

#include "core/apps/vetoes.h"
#include "core/audience/audience.h"
#include "core/residence/room_services.h"

namespace freshet {

class Refusals {
 public:
  struct What {
    freshet_refused_what what = FRESHET_REFUSED_UNKNOWN;
    uint64_t ticket = 0;
    std::string_view event = {};  // its name
    std::string_view words = {};  // why; empty: what the status says
  };

  // All outlive it.
  Refusals(RoomServices& services, const std::string& room, Audience& audience)
      : services_(services), room_(room), audience_(audience) {}
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  // The session stays.
  void say(Member& to, Status why, const What& what);
  // An update that is not taken although nothing is wrong with it: the session stays, and reads on.
  void drop_update(Member& from, uint64_t ticket, Status why);
  // An update that the document does not take: drop_update() or reject_update().
  void refuse_update(Member& from, uint64_t ticket, Status why);
  // The session cannot go on, for what came of what it asked. Status::internal: nobody is told
  // here, as the document is broken and the room ends with all its sessions (see
  // Residence::broken).
  void reject(Member& from, Status why);
  void reject_update(Member& from, Status why, uint64_t ticket);
  // What an app was asked about. None of it is left out alone: the session ends.
  void veto(Member& from, const Intent& about, Verdict verdict, std::string_view reason);
  // Its work is not done, for what Residence::lend() says.
  void reject_work(Member& from, Status why);
  void reject_oversized(Member& from, uint64_t ticket, size_t bytes);
  // Of an update and what was here before. `from` null: its session has ended.
  void note_contradiction(Member* from, const freshet_applied& applied);

 private:
  void note_full();

  RoomServices& services_;
  const std::string& room_;
  Audience& audience_;
  uint64_t note_full_not_before_ms_ = 0;
};

}  // namespace freshet
