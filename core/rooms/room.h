// core/rooms/room.h: one document and the sessions that share it.
//
//   loading ──► live ──► closing ──► (gone)
//    ▲ ▲└────► failed ─────────────► (gone)
//    │ └────────┘ asked for again after a while
//    └── asleep ◄── live, when nobody has touched the document for long
//
//   live ◄──► busy, while a worker has the document, what waited for it is worked off, or it is not
//             known yet whether what a client began it with was the first
//
// What a room does is done by its parts, each with a header of its own; the room itself is the
// state they are in together: it decides what is served now and what waits, and when the document
// comes and goes.
//
// A room lives on one shard; every function runs there, to completion, so nothing locks. While it
// is loading, sessions wait and what they submit is kept within a bound. Nothing is served from a
// half-loaded room, and an empty document never stands in for one that could not be read.
//
// An update is applied and journaled at once, and fanned out with this turn of the shard or in the
// room's next window; whoever must be told that it is saved is told when the journal has it on
// disk, and so is a joiner whose first state contains it.
//
// A room that is asleep has let go of its document, all of which is saved, while its sessions stay:
// presence and events go on, and whatever needs the document loads it again.
//
// An update that would hold up the shard is applied on a worker. The room waits meanwhile, other
// rooms do not; what is submitted to it waits within a bound and is worked off in order.
#pragma once

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/presence/presence.h"
#include "core/rates/inflow.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/rooms/app_feed.h"
#include "core/rooms/calls.h"
#include "core/rooms/commands.h"
#include "core/rooms/desk.h"
#include "core/rooms/people.h"
#include "core/sharing/sharing.h"
#include "core/submissions/questions.h"
#include "core/submissions/room_command.h"
#include "core/submissions/submission.h"
#include "core/submissions/waiting_line.h"

namespace freshet {

class Room final : public Residence::Owner, public Audience::Owner, public Sharing::Owner {
 public:
  using State = RoomState;

  Room(RoomServices& services, std::string name);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  const std::string& name() const override { return name_; }
  State state() const { return state_; }
  const Residence& residence() const { return residence_; }
  // Who is in it, and what they show.
  struct Inside {
    Members& members;
    const Presence& presence;
  };
  Inside inside() { return {members_, presence_}; }

  void join(std::unique_ptr<Member> member);
  void leave(MemberId id);
  enum class Came { now, before };  // then it has waited
  void submit(const Submission& submission, Came came);
  // Its connection has taken this much more of what it was sent.
  void drained(MemberId id, size_t credit_bytes);

  // ---- procedures ----
  // Puts in what the procedure wants of this room; false: it cannot be had now.
  bool prepare_call(ProcedureCall& call);
  // Does what came of it. Once for each call.
  void end_call(const ProcedureCall& call, Status status, const ReplyItems& items);

  // What apps say of what a session is about to do.
  void end_question(const Intent& about, Verdict verdict, std::string_view reason);

  // By no client of the room.
  void act(RoomCommand command);

  // What apps hear of it.
  AppFeed& apps() { return apps_; }

  // Ends every session, once it has been sent what waits; no new ones come in.
  void close(uint16_t code, std::string_view reason) override;

  // Runs `f`. If memory runs out in it, what the room holds may be half of something: then its
  // sessions are told to come back, and it is loaded anew from the store.
  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (const std::bad_alloc&) {
      give_up("there was no memory");
    }
  }

  void tick(uint64_t now_ms);  // about once a second
  // The same room at other nodes; null: its store is this server's own.
  Sharing* sharing() { return sharing_.get(); }

  // Residence::Owner
  void on_saved(const Stored& stored) override;
  void on_refused(Status why) override;
  void on_loaded(Status status) override;
  void on_worked(std::unique_ptr<LongUpdate> work) override;
  // Sharing::Owner
  void on_tail() override;
  void touch() override;
  // Audience::Owner
  void on_window() override;

  // Nobody is here, nobody's call is under way, all is saved, nothing is under way: it may be
  // destroyed.
  bool quiet() const;
  // Quiet, and long enough that nobody is expected back.
  bool spent(uint64_t now_ms) const;
  // Lets go of the document, if nobody has needed it for so long and it can be loaded again.
  void sleep_if_unused(uint64_t for_ms);

 private:
  void admit(Member& member);
  void serve(Member& from, const Submission::What& what);
  Status run_or_wait(RoomCommand& command);
  void work(Desk::Work work);
  void set_busy(bool busy);
  void end_seed(bool was_first);
  void attend();
  void work_off();
  void end_waiting(Status status);
  void give_up(std::string_view why);
  void give_up_if_broken();

  RoomServices& services_;
  const std::string name_;
  Inflow inflow_;
  State state_ = State::loading;
  uint64_t quiet_since_ms_;
  uint64_t failed_ms_ = 0;

  Residence residence_;
  Presence presence_;
  Members members_;
  Audience audience_;
  Refusals refusals_;
  AppFeed apps_;
  const std::unique_ptr<Sharing> sharing_;
  People people_;
  Desk desk_;
  Calls calls_;
  Commands commands_;
  Questions questions_;
  WaitingLine waiting_;  // while loading or busy
};

}  // namespace freshet
