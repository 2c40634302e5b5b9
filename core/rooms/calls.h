// core/rooms/calls.h: events that members send, and the procedures of apps that some of them call.
//
// Lives on the room's shard, owned by the room.
#pragma once

#include <string>
#include <string_view>

#include "core/apps/procedure_calls.h"
#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/residence/room_services.h"
#include "core/rooms/app_feed.h"
#include "core/rooms/desk.h"
#include "core/rooms/people.h"
#include "core/submissions/submission.h"

namespace freshet {

class Calls {
 public:
  // All outlive it. `others`: null for a server on its own.
  Calls(RoomServices& services, const std::string& room, Members& members, Audience& audience,
        Refusals& refusals, AppFeed& apps, People& people, Desk& desk, Counterparts* others)
      : services_(services),
        room_(room),
        members_(members),
        audience_(audience),
        refusals_(refusals),
        apps_(apps),
        people_(people),
        desk_(desk),
        others_(others) {}
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  // To everybody, or to the app whose procedure has that name. REQUIRES, then: the document is in
  // memory.
  void submit(Member& from, const Submission::Event& event);

  bool any() const { return under_way_ != 0; }
  // What a procedure is told of who is here.
  std::string sessions_json() const;
  // Once for each call.
  void end(const ProcedureCall& call);
  // Does what came of it. REQUIRES: it has ended, and the document is in memory, which may be
  // broken then (Residence::broken).
  void answer(const ProcedureCall& call, Status status, const ReplyItems& items);

 private:
  Status begin(Member& from, const Procedures::One& procedure, const Submission::Event& event);
  void broadcast(const freshet_delivery& event);
  Status perform(const ProcedureCall& call, const ReplyItems& items);
  void note_flaw(const ProcedureCall& call, std::string_view flaw);

  RoomServices& services_;
  const std::string& room_;
  Members& members_;
  Audience& audience_;
  Refusals& refusals_;
  AppFeed& apps_;
  People& people_;
  Desk& desk_;
  Counterparts* const others_;
  size_t under_way_ = 0;
  uint64_t note_flaw_not_before_ms_ = 0;
};

}  // namespace freshet
