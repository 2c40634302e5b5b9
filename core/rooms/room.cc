#include "core/rooms/room.h"

#include <utility>
#include <variant>

#include "core/store/epoch.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

// A room that could not be loaded says so to whoever asks within this time, and is then tried
// again.
constexpr uint64_t kFailedMs = 2'000;

// What is submitted waits; nothing is done with the document.
bool waits(Room::State state) {
  return state == Room::State::loading || state == Room::State::busy;
}

// Whether it takes the document to serve this.
bool needs_document(const Apps& apps, const Member& from, const Submission::What& what) {
  return std::visit(
      Cases{[](const Submission::Update&) { return true; },
            [](const Submission::DiffQuery&) { return true; },
            [](const Submission::Open&) { return true; },
            [&](const Submission::Follow& s) {
              return (s.wants & ~from.wants & FRESHET_WANT_UPDATES) != 0;
            },
            [&](const Submission::Event& s) { return apps.procedure(s.name) != nullptr; },
            [](const auto&) { return false; }},
      what);
}

// What a session has sent. If that is more than the room is to get, it is not read for a while.
void count(RoomServices& services, const std::string& room, Inflow& inflow, Member& from,
           const Submission& submission) {
  const uint64_t now_ms = services.loop.now_ms();
  const Inflow::Pause pause = inflow.take(submission.size_bytes(), now_ms);
  if (pause.ms == 0 || !from.pause_reading(pause.ms, now_ms)) return;
  RoomMetrics& metrics = services.metrics;
  (pause.for_bytes ? metrics.bytes_limited : metrics.messages_limited).add();
  const Limits& limits = services.limits;
  services.crowded.note(
      room,
      pause.for_bytes
          ? "room_bytes_per_second, " + std::to_string(limits.room_bytes_per_second)
          : "room_messages_per_second, " + std::to_string(limits.room_messages_per_second),
      services.now_ms);
}

// Until the document is there, or is so again.
void wait_for_document(WaitingLine& line, bool busy, const Limits& limits, Refusals& refusals,
                       Member& from, const Submission& submission) {
  // Behind a long update another may wait.
  const size_t limit_bytes = limits.loading_bytes + (busy ? limits.update_bytes : 0);
  const Status status = line.push(submission, limit_bytes);
  const char* when = busy ? "while the room was busy" : "before the room was loaded";
  if (status == Status::limit) {
    return from.close(FRESHET_CLOSE_OVERLOADED, std::string("too much was sent ") + when);
  }
  if (status != Status::ok) refusals.reject(from, status);
}

// For the answer of an app, or behind what that is about.
void wait_for_app(Questions& questions, Refusals& refusals, Member& from,
                  const Submission& submission) {
  const Status status = questions.waits(submission.from) ? questions.keep(submission)
                                                         : questions.ask_edit(from, submission);
  if (status == Status::limit) {
    return from.close(FRESHET_CLOSE_OVERLOADED, "too much was sent while an app was asked");
  }
  if (status != Status::ok) refusals.reject(from, status);
}

Counterparts* counterparts_of(Sharing* sharing) {
  return sharing == nullptr ? nullptr : sharing->counterparts();
}

}  // namespace

Room::Room(RoomServices& services, std::string name)
    : services_(services),
      name_(std::move(name)),
      inflow_(services.limits),
      quiet_since_ms_(services.now_ms),
      residence_(services, *this),
      presence_(services.limits),
      audience_(services, *this, name_, members_, residence_, presence_),
      refusals_(services, name_, audience_),
      apps_(services, name_),
      sharing_(services.store.shared() ? std::make_unique<Sharing>(Sharing::Parts{
                                             services, name_, state_, *this, residence_, presence_,
                                             members_, audience_, refusals_})
                                       : nullptr),
      people_(services, presence_, members_, audience_, refusals_, apps_,
              counterparts_of(sharing_.get())),
      desk_(services, residence_, members_, audience_, refusals_, apps_,
            counterparts_of(sharing_.get())),
      calls_(services, name_, members_, audience_, refusals_, apps_, people_, desk_,
             counterparts_of(sharing_.get())),
      commands_(residence_, audience_, apps_, desk_),
      questions_(services, name_, residence_),
      waiting_(&services.budget) {
  services_.metrics.loaded.add();
  if (sharing_ == nullptr) {
    residence_.load();
  } else {
    sharing_->open([this] { residence_.load(); });
  }
}

Room::~Room() { services_.metrics.loaded.add(-1); }

// ---- coming and going

void Room::join(std::unique_ptr<Member> joining) {
  Member& member = members_.add(std::move(joining));
  services_.metrics.sessions.add();
  if (members_.size() > services_.limits.sessions_per_room) {
    return member.close(FRESHET_CLOSE_OVERLOADED, "the room is full");
  }
  switch (state_) {
    case State::loading:
    case State::busy: return;
    case State::live: admit(member); return give_up_if_broken();
    case State::asleep: return touch();
    case State::failed:
      if (services_.now_ms - failed_ms_ < kFailedMs) {
        return member.close(FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
      }
      // Tried again here, not by a new room: with many clients coming back, nobody being here is a
      // moment that may never come.
      state_ = State::loading;
      return residence_.load();
    case State::closing: return member.close(FRESHET_CLOSE_OVERLOADED, "the room is closing");
  }
}

void Room::admit(Member& member) {
  const MemberSpec& spec = member.spec;
  if (questions_.waits(spec.id)) return;
  if (!spec.epoch.empty() && spec.epoch != hex(residence_.history().epoch)) {
    return member.close(FRESHET_CLOSE_REPLACED, "the room's history was replaced");
  }
  if (!residence_.saved().all() && services_.journal.failing()) {
    return member.close(FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
  }
  if (questions_.has_to_ask(member)) return questions_.ask_join(member);
  const Result<StateVector> here = residence_.state_vector();
  if (!here) return refusals_.reject(member, here.status());
  member.in = true;
  touch();
  freshet_delivery joined{};
  joined.kind = FRESHET_JOINED;
  joined.bytes = to_c(here->bytes());
  joined.from = source_of(spec);
  joined.document = here->has_content() ? FRESHET_DOCUMENT_KEPT : FRESHET_DOCUMENT_EMPTY;
  const std::string_view shown = people_.shown(spec);
  if (!shown.empty()) joined.shown = to_c(shown);
  const uint64_t changed_ms = people_.changed_unix_ms(spec);
  joined.changed_ms = &changed_ms;
  audience_.send(member, joined);
  if ((member.wants & FRESHET_WANT_PRESENCE) != 0) people_.send_all(member);
  apps_.tell_joined(member);
}

void Room::leave(MemberId id) {
  questions_.forget(id);
  const Member* leaving = members_.retire(id);
  if (leaving == nullptr) return;
  if (leaving->in) apps_.tell_left(*leaving);
  if (leaving->lagging) services_.metrics.lag_now.add(-1);
  people_.leave(leaving->spec);
  members_.remove(id);
  services_.metrics.sessions.add(-1);
  if (!members_.empty()) return;
  quiet_since_ms_ = services_.now_ms;
  residence_.touch();
}

void Room::close(uint16_t code, std::string_view reason) {
  audience_.send_all_windows();
  if (code == FRESHET_CLOSE_REPLACED) {
    // What is unsaved of a history that is no more never will be saved, and nobody is told that.
    audience_.forget_held();
    residence_.saved().forget_lost();
  }
  if (state_ == State::busy) set_busy(false);
  static_cast<void>(desk_.drop_seed());
  if (state_ != State::loading) {
    state_ = State::closing;
    end_waiting(Status::retry);
  }
  members_.close_all(code, reason);
}

// Not to be gone on with: what is in memory is not what the store will have.
void Room::give_up(std::string_view why) {
  audience_.forget_windows();
  close(FRESHET_CLOSE_INTERNAL, "internal error");
  services_.log.error(
      "room",
      "room \"" + name_ + "\" is closed, to be read again from the store: " + std::string(why));
}

void Room::give_up_if_broken() {
  if (!residence_.broken() || state_ == State::closing) return;
  give_up("the engine failed in the middle of a change");
}

bool Room::quiet() const {
  return members_.empty() && !calls_.any() && !commands_.any_unsaved() &&
         residence_.saved().all() && residence_.at_rest() && audience_.at_rest() &&
         !waits(state_) && (sharing_ == nullptr || sharing_->at_rest());
}

bool Room::spent(uint64_t now_ms) const {
  if (!quiet()) return false;
  const uint64_t linger = state_ == State::failed ? kFailedMs
                          : state_ == State::live ? services_.limits.linger_ms
                                                  : 0;
  return now_ms - quiet_since_ms_ >= linger;
}

// ---- the document comes and goes

void Room::on_loaded(Status status) {
  guarded([&] {
    quiet_since_ms_ = services_.now_ms;
    if (status == Status::ok) {
      state_ = State::live;
      if (sharing_ != nullptr) sharing_->tail().begin();
      return attend();
    }
    state_ = State::failed;
    failed_ms_ = services_.now_ms;
    if (status == Status::conflict && services_.store.shared()) {
      return close(FRESHET_CLOSE_REPLACED, "the room's history was replaced");
    }
    services_.metrics.loads_failed.add();
    services_.log.error("room", "room \"" + name_ +
                                    "\" cannot be loaded: " + std::string(name_of(status)) +
                                    "; its clients are told to retry");
    end_waiting(Status::retry);
    members_.close_all(FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
  });
}

// Somebody needs the document: if the room is asleep it is loading after this, with its members in.
void Room::touch() {
  residence_.touch();
  if (state_ != State::asleep) return;
  state_ = State::loading;
  residence_.load();
}

// A slow reader is caught up from the document, so one that lags keeps the room awake.
void Room::sleep_if_unused(uint64_t for_ms) {
  const bool unused = state_ == State::live && residence_.may_let_go(for_ms) &&
                      !audience_.holds_any() && audience_.at_rest() && !calls_.any() &&
                      !members_.any_lags();
  if (!unused) return;
  static const RowMarks kNone;
  const RowMarks& rows = sharing_ == nullptr ? kNone : sharing_->tail().marks();
  const uint64_t through = sharing_ == nullptr ? 0 : sharing_->tail().through();
  if (residence_.let_go(rows, through) != Status::ok) return;
  audience_.forget_diff();
  if (sharing_ != nullptr) sharing_->tail().sleep();
  state_ = State::asleep;
}

// Between live and busy.
void Room::set_busy(bool busy) {
  state_ = busy ? State::busy : State::live;
  if (busy) {
    ++services_.busy_rooms;
  } else {
    --services_.busy_rooms;
  }
}

// ---- what a client begins it with

// Somebody at another node may have begun it at the same moment: then that is what is here, and who
// came second is told so when it is.
void Room::end_seed(bool was_first) {
  if (state_ != State::busy) return static_cast<void>(desk_.drop_seed());  // closed meanwhile
  set_busy(false);
  if (was_first) {
    work(desk_.end_seed());
    if (state_ == State::live) attend();
    return;
  }
  Member* from = members_.find(desk_.drop_seed());
  if (sharing_ != nullptr) sharing_->tail().start_over();
  state_ = State::loading;
  residence_.reload();
  if (from != nullptr) submit({from->spec.id, Submission::Open{}}, Came::before);
}

// On a worker, which has the document meanwhile; null: there is nothing to do, or it waits for the
// store.
void Room::work(Desk::Work work) {
  if (work == nullptr) {
    if (desk_.seeds()) set_busy(true);
    return;
  }
  const MemberId from = work->from;
  const Status lent = residence_.lend(std::move(work));
  if (lent == Status::ok) return set_busy(true);
  if (Member* member = members_.find(from)) refusals_.reject_work(*member, lent);
}

void Room::on_worked(std::unique_ptr<LongUpdate> done) {
  guarded([&] {
    if (state_ != State::busy) return;  // it was closed meanwhile, and this is in no journal
    residence_.take_back(*done);
    set_busy(false);
    if (done->kind == LongUpdate::Kind::others) {
      sharing_->tail().finish(*done);
    } else {
      work(desk_.finish(*done));
    }
    give_up_if_broken();
    if (state_ == State::live) attend();
  });
}

// ---- what other nodes append

void Room::on_tail() {
  guarded([this] {
    if (sharing_ != nullptr) {
      Tail& tail = sharing_->tail();
      state_ == State::live ? work(tail.go_on()) : tail.store_early();
    }
    audience_.send_saved();
    commands_.end_saved();
    give_up_if_broken();
  });
}

// ---- what is submitted

void Room::submit(const Submission& submission, Came came) {
  Member* from = members_.find(submission.from);
  if (from == nullptr) return;
  if (came == Came::now && inflow_.bounded()) count(services_, name_, inflow_, *from, submission);
  if (questions_.waits(submission.from))
    return wait_for_app(questions_, refusals_, *from, submission);
  if (const auto* update = std::get_if<Submission::Update>(&submission.what)) {
    if (state_ == State::live && desk_.acknowledge_if_given(*from, *update)) {
      return people_.note_edit(*from);
    }
    if (!desk_.may_take(*from, update->bytes, update->ticket)) return;
  }
  if (needs_document(services_.apps, *from, submission.what)) touch();
  if (waits(state_)) {
    return wait_for_document(waiting_, state_ == State::busy, services_.limits, refusals_, *from,
                             submission);
  }
  if (state_ != State::live && state_ != State::asleep) return;
  if (questions_.has_to_ask(*from, submission)) {
    return wait_for_app(questions_, refusals_, *from, submission);
  }
  serve(*from, submission.what);
  give_up_if_broken();
}

void Room::serve(Member& from, const Submission::What& what) {
  std::visit(Cases{[&](const Submission::Update& s) {
                     people_.note_edit(from);
                     work(desk_.update(from, s));
                   },
                   [&](const Submission::DiffQuery& s) { work(desk_.diff(from, s)); },
                   [&](const Submission::Open& s) { work(desk_.open(from, s)); },
                   [&](const Submission::Follow& s) { desk_.follow(from, s); },
                   [&](const Submission::Presence& s) { people_.submit(from, s.entries); },
                   [&](const Submission::PresenceQuery&) { people_.send_all(from); },
                   [&](const Submission::Show& s) { people_.show(from, s.change); },
                   [&](const Submission::Event& s) { calls_.submit(from, s); },
                   [&](const Submission::Renewal& s) { desk_.renew(from, s); }},
             what);
}

void Room::end_question(const Intent& about, Verdict verdict, std::string_view reason) {
  const auto waiting = questions_.take(about);
  Member* from = members_.find(about.from);
  if (!waiting || from == nullptr) return;
  if (verdict != Verdict::allowed) return refusals_.veto(*from, about, verdict, reason);
  if (about.what == FRESHET_VETO_JOIN) {
    from->let_in = true;
    if (state_ == State::live) admit(*from);
  }
  // Another question may come up among them, and then the rest waits behind that.
  for (const KeptSubmission& each : *waiting) submit(each.get(), Came::before);
  give_up_if_broken();
}

void Room::act(RoomCommand command) {
  if (command.needs_document()) touch();
  const Status status = run_or_wait(command);
  if (status != Status::ok && command.done) command.done(status, {});
}

// In their order, so that what was said after an edit comes after it.
Status Room::run_or_wait(RoomCommand& command) {
  const bool counts = command.needs_document() || waits(state_);
  if (counts && commands_.full(waiting_.commands())) return Status::limit;
  if (waits(state_)) return waiting_.push(command);
  if (state_ != State::live && command.needs_document()) return Status::retry;
  commands_.run(command);
  give_up_if_broken();
  return Status::ok;
}

bool Room::prepare_call(ProcedureCall& call) {
  if (state_ != State::live && state_ != State::busy) return false;
  if (call.procedure->wants_sessions()) call.sessions = calls_.sessions_json();
  return !call.procedure->wants_document() || apps_.encode(residence_, call.state);
}

void Room::end_call(const ProcedureCall& call, Status status, const ReplyItems& items) {
  if (state_ == State::busy) {
    ProcedureCall kept = call;
    release_memory(kept.sessions);  // what it was given
    release_memory(kept.state);
    return waiting_.push(EndedCall{std::move(kept), status, items});
  }
  calls_.end(call);
  if (state_ != State::live) return;  // its members are being sent away
  calls_.answer(call, status, items);
  give_up_if_broken();
}

// ---- what waited

// The document is here: for those who came meanwhile, for all that waits, and for those who had
// read all that was sent to them while they could not be given more.
void Room::attend() {
  apps_.make_up();
  for (Member* member : members_.copy()) {
    if (!member->closing && !member->in) admit(*member);
  }
  if (sharing_ != nullptr) on_tail();
  work_off();
  if (state_ != State::live) return;
  for (const Member* member : members_.copy()) {
    if (state_ == State::live && member->lagging) drained(member->spec.id, 0);
  }
}

// As much as one turn of the shard may do; the rest follows behind what others have.
void Room::work_off() {
  size_t bytes = 0;
  while (state_ == State::live && !waiting_.empty()) {
    if (bytes >= services_.limits.turn_bytes) {
      set_busy(true);
      return services_.loop.post([this] {
        guarded([&] {
          if (state_ != State::busy) return;
          set_busy(false);
          attend();
        });
      });
    }
    const WaitingLine::One next = waiting_.pop();
    bytes += next.bytes;
    std::visit(Cases{[&](const KeptSubmission& s) { submit(s.get(), Came::before); },
                     [&](const RoomCommand& s) {
                       commands_.run(s);
                       give_up_if_broken();
                     },
                     [&](const EndedCall& s) { end_call(s.call, s.status, s.items); }},
               next.what);
  }
}

// None of it will be done.
void Room::end_waiting(Status status) {
  for (const WaitingLine::One& each : waiting_.clear()) {
    const auto* command = std::get_if<RoomCommand>(&each.what);
    if (command != nullptr && command->done) command->done(status, {});
    if (const auto* call = std::get_if<EndedCall>(&each.what)) end_call(call->call, status, {});
  }
}

// ---- slow readers

void Room::drained(MemberId id, size_t credit_bytes) {
  Member* member = members_.find(id);
  if (member == nullptr) return;
  member->outlet->credit(credit_bytes);
  // Without its document (asleep, or loading again) a room has no news but presence; while it is
  // busy, who has drained waits like everybody.
  const bool serves =
      state_ == State::live || state_ == State::asleep || (state_ == State::loading && member->in);
  if (!serves || !audience_.may_catch_up(*member)) return;
  const Status status = audience_.catch_up(*member);
  if (status != Status::ok) refusals_.reject(*member, status);
  give_up_if_broken();
}

// ---- windows

void Room::on_window() {
  guarded([this] { audience_.send_window(); });
}

// ---- the journal, and time

void Room::on_saved(const Stored& stored) {
  Status status = Status::ok;
  guarded([&] {
    status = residence_.note_stored(stored);
    if (sharing_ != nullptr) sharing_->note_appended(stored);
    audience_.send_saved();
    commands_.end_saved();
    if (desk_.seeds() && !residence_.first_row().on_its_way)
      end_seed(!residence_.first_row().refused);
    if (sharing_ != nullptr) on_tail();
  });
  if (status == Status::ok) return;
  services_.log.error("room", "the store holds updates of room \"" + name_ +
                                  "\" that another process wrote; its sessions are closed, and "
                                  "it is read anew");
  close(FRESHET_CLOSE_INTERNAL, "what the store has of the room was changed");
}

void Room::on_refused(Status why) {
  const bool here =
      (state_ == State::live || state_ == State::busy) && !residence_.first_row().on_its_way;
  if (why == Status::conflict && sharing_ != nullptr && here) {
    sharing_->tail().note_refused();
    while (commands_.any_unsaved()) guarded([this] { commands_.end_all(Status::conflict); });
    return on_tail();
  }
  residence_.forget_unsaved();
  if (sharing_ != nullptr) sharing_->tail().forget_unsaved();
  audience_.forget_held();
  // One that finds no memory for its answer takes none from the others, nor from the journal.
  while (commands_.any_unsaved()) guarded([this] { commands_.end_all(Status::conflict); });
  const bool replaced = why == Status::conflict && services_.store.shared();
  guarded([&] {
    replaced
        ? close(FRESHET_CLOSE_REPLACED, "the room's history was replaced")
        : close(FRESHET_CLOSE_INTERNAL, "what the store has of the room was changed or damaged");
  });
}

void Room::tick(uint64_t now_ms) {
  if (state_ == State::loading) {
    // It is not known for how long.
    if (residence_.first_row().on_its_way && services_.journal.failing())
      members_.close_all(FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
    return;
  }
  if (desk_.seeds() && services_.journal.failing()) {
    members_.close_all(FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
  }
  apps_.tick(now_ms);
  people_.tick(now_ms);
  residence_.tick();
  audience_.tick(now_ms);
  if (state_ == State::live) residence_.compact_if_due();
  if (sharing_ != nullptr) sharing_->tick(now_ms);
  const uint64_t hibernate_ms = services_.limits.hibernate_after_ms;
  if (hibernate_ms != 0) sleep_if_unused(hibernate_ms);
  give_up_if_broken();
}

}  // namespace freshet
