// core/rooms/room.h: one document and the sessions that share it.
//
//   loading ──► live ──► closing ──► (gone)
//    ▲ ▲└────► failed ─────────────► (gone)
//    │ └────────┘ asked for again after a while
//    └── asleep ◄── live, when nobody has touched the document for long
//
//   live ◄──► busy, while a worker has the document, or what waited for it is worked off
//
// A room lives on one shard; every function runs there, to completion, so nothing locks. While it
// is loading, sessions wait and what they submit is kept within a bound. Nothing is served from a
// half-loaded room, and an empty document never stands in for one that could not be read.
//
// An update is applied, journaled and fanned out at once; whoever must be told that it is saved is
// told when the journal has it on disk, and so is a joiner whose first state contains it.
//
// A room that is asleep has let go of its document, all of which is saved, while its sessions stay:
// presence and events go on, and whatever needs the document loads it again.
//
// An update that would hold up the shard is applied on a worker. The room waits meanwhile, other
// rooms do not; what is submitted to it waits within a bound and is worked off in order.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/apps/procedure_calls.h"
#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/presence/presence.h"
#include "core/presence/user_presence.h"
#include "core/residence/residence.h"
#include "core/rooms/app_feed.h"
#include "core/rooms/room_command.h"
#include "core/rooms/submission.h"

namespace freshet {

class Room final : public Residence::Owner {
 public:
  enum class State { loading, live, busy, asleep, failed, closing };

  Room(RoomServices& services, std::string name);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  const std::string& name() const override { return name_; }
  State state() const { return state_; }
  const freshet_epoch& epoch() const { return residence_.epoch(); }
  size_t members() const { return members_.size(); }
  const Presence& presence() const { return presence_; }
  freshet_doc_stats document_stats() const { return residence_.stats(); }

  // The document as one update, if it is in memory.
  bool encode(std::vector<uint8_t>& out);
  // Tells apps of the last edits.
  void tell_changes() { apps_.tell_changes(); }

  void join(std::unique_ptr<Member> member);
  void leave(MemberId id);
  void submit(const Submission& submission);
  void drained(MemberId id, size_t credit_bytes);

  // ---- procedures ----
  // Puts in what the procedure wants of this room; false: it cannot be had now.
  bool prepare_call(ProcedureCall& called);
  // Does what came of it. Once for each call.
  void end_call(const ProcedureCall& called, Status status, const ReplyItems& items);

  // By no client of the room.
  void act(RoomCommand act);

  // It is about to leave memory, with nobody in it.
  void say_deleted();

  // Ends every session; no new ones come in.
  void close(uint16_t code, std::string_view reason);

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

  // Residence::Owner
  void on_saved() override;
  void on_refused() override;
  void on_loaded(Status status) override;
  void on_worked(std::unique_ptr<LongUpdate> work) override;

  // Nobody is here, nobody's call is under way, all is saved, nothing is under way: it may be
  // destroyed.
  bool quiet() const {
    return members_.empty() && calls_ == 0 && unsaved_acts_.empty() && residence_.saved() &&
           residence_.at_rest() && !waits();
  }
  // Quiet, and long enough that nobody is expected back.
  bool spent(uint64_t now_ms) const;

 private:
  // A call of a procedure that has ended.
  struct EndedCall {
    ProcedureCall called;
    Status status;
    ReplyItems items;
  };
  struct Waiting {
    std::variant<KeptSubmission, RoomCommand, EndedCall> what;
    size_t bytes;
  };

  // ---- room.cc: who is here, and what they submit ----
  // What is submitted waits; nothing is done with the document.
  bool waits() const { return state_ == State::loading || state_ == State::busy; }
  void admit(Member& member);
  bool needs_document(const Member& from, const Submission::What& what) const;
  void show_again(Member& to, uint64_t known_until);
  void serve(Member& from, const Submission::Update& update);
  void serve(Member& from, const Submission::Presence& shown);
  void serve(Member& from, const Submission::PresenceQuery& query);
  void serve(Member& from, const Submission::DiffQuery& query);
  void serve(Member& from, const Submission::Follow& follow);
  void serve(Member& from, const Submission::Open& open);
  void serve(Member& from, const Submission::Show& show);
  void serve(Member& from, const Submission::Event& event);
  bool answered_at_once(Member& from, const Submission::Update& update);
  bool may_take(Member& from, Bytes update, uint64_t ticket);
  // `from` is null if its session has ended meanwhile, or no client of the room wrote it.
  void take(Member* from, const freshet_source& author, Bytes update, uint64_t ticket,
            const freshet_applied& applied);
  void take_known(Member* from, Bytes update, uint64_t ticket, const freshet_applied& applied);
  void give_up(std::string_view why);
  void give_up_if_broken();
  void touch();
  void begin();
  void fail(Status status);
  bool may_sleep() const;

  // ---- room_waiting.cc: what waits while the document is not at hand
  void wait(Member& from, const Submission& submission);
  size_t waiting_limit_bytes() const;
  bool too_long(Bytes update) const { return update.size() > services_.limits.turn_bytes; }
  void answer_diff(Member& to, Bytes state_vector, uint8_t document);
  void work_elsewhere(Member& from, LongUpdate work, Bytes bytes);
  void take_long(const LongUpdate& done, Member* from);
  void send_long(LongUpdate& done, Member* to);
  void set_busy(bool busy);
  void serve();
  void work_off();
  void end_waiting(Status status);
  void catch_up_drained();

  // ---- room_people.cc: what only some wires ask for ----
  Status seed(Member& from, uint32_t format, Bytes seed);
  void answer_open(Member& from, uint8_t document);
  Status show_person(Member& from, Bytes change, std::vector<PresenceNews>& news);

  // ---- room_calls.cc: procedures ----
  void call(Member& from, const Procedures::One& procedure, Bytes input, uint64_t ticket);
  std::string sessions_json() const;
  Status edit(const freshet_source& by, const std::string& operations);
  void act_on(const ProcedureCall& called, const ReplyItems& items);

  // ---- room_commands.cc: what is done by no client ----
  void do_act(const RoomCommand& act);
  void act_on_members(const RoomCommand& act);
  void act_on_document(const RoomCommand& act);
  void end_acts(Status status);

  RoomServices& services_;
  const std::string name_;
  State state_ = State::loading;
  Residence residence_;
  uint64_t note_answer_not_before_ms_ = 0;
  uint64_t quiet_since_ms_ = 0;
  uint64_t failed_ms_ = 0;

  Presence presence_;
  Members members_;
  Audience audience_;
  Refusals refusals_;
  UserPresence people_;

  AppFeed apps_;

  size_t calls_ = 0;                                                 // under way
  size_t acts_waiting_ = 0;                                          // while loading or busy
  std::deque<std::pair<uint64_t, RoomCommand::Done>> unsaved_acts_;  // by position, ascending
  uint32_t own_client_ = 0;  // whose edits those of procedures and acts are; 0: none yet

  std::deque<Waiting> waiting_;  // while loading or busy
  size_t waiting_bytes_ = 0;
  Share waiting_share_;

  std::vector<uint8_t> scratch_;
};

}  // namespace freshet
