// What waits for a room's document: while it is loading, and while a worker applies what would hold
// up the shard.
#include <algorithm>

#include "core/residence/long_update.h"
#include "core/rooms/cases.h"
#include "core/rooms/room.h"
#include "freshet/abi/close.h"

namespace freshet {

// Behind a long update another may wait.
size_t Room::waiting_limit_bytes() const {
  const Limits& limits = services_.limits;
  return limits.loading_bytes + (state_ == State::busy ? limits.update_bytes : 0);
}

void Room::wait(Member& from, const Submission& submission) {
  const size_t bytes = submission.size_bytes();
  if (waiting_bytes_ + bytes > waiting_limit_bytes()) {
    const bool busy = state_ == State::busy;
    return from.close(FRESHET_CLOSE_OVERLOADED,
                      busy ? "too much was sent while the room was busy"
                           : "too much was sent before the room was loaded");
  }
  if (!waiting_share_.hold(waiting_bytes_ + bytes)) return refusals_.reject(from, Status::retry);
  const Status kept = if_memory([&] {
    waiting_.push_back({KeptSubmission(submission), bytes});
    return Status::ok;
  });
  if (kept == Status::ok) {
    waiting_bytes_ += bytes;
  } else {
    waiting_share_.hold_anyway(waiting_bytes_);
    refusals_.reject(from, kept);
  }
}

// ---- on a worker

// Of a large document it may take long to write, too: an item is a few bytes at least.
void Room::answer_diff(Member& to, Bytes state_vector, uint8_t document) {
  const bool at_hand = audience_.has_diff(to, FRESHET_DIFF, state_vector, document);
  if (!at_hand && residence_.stats().items > services_.limits.turn_bytes) {
    LongUpdate work{.kind = LongUpdate::Kind::diff, .opened = document};
    return work_elsewhere(to, std::move(work), state_vector);
  }
  const Status status = audience_.send_diff(to, FRESHET_DIFF, state_vector, document);
  if (status != Status::ok) refusals_.reject(to, status);
}

void Room::work_elsewhere(Member& from, LongUpdate work, Bytes bytes) {
  work.copied = Share(&services_.budget);
  const Status copied = if_memory([&] {
    work.bytes.assign(bytes.begin(), bytes.end());
    return work.copied.hold(bytes.size()) ? Status::ok : Status::retry;
  });
  if (copied != Status::ok) return refusals_.reject(from, copied);
  if (work.kind != LongUpdate::Kind::diff) services_.metrics.long_updates.add();
  work.from = from.spec.id;
  work.client = from.spec.client;
  work.user = from.spec.user;
  const Status lent = residence_.lend(std::make_unique<LongUpdate>(std::move(work)));
  lent == Status::ok ? set_busy(true) : refusals_.reject(from, Status::retry);
}

void Room::on_worked(std::unique_ptr<LongUpdate> done) {
  guarded([&] {
    if (state_ != State::busy) return;  // it was closed meanwhile, and this is in no journal
    residence_.take_back(*done);
    set_busy(false);
    Member* from = members_.find(done->from);
    done->kind == LongUpdate::Kind::diff ? send_long(*done, from) : take_long(*done, from);
    give_up_if_broken();
    if (state_ == State::live) serve();
  });
}

void Room::take_long(const LongUpdate& done, Member* from) {
  if (done.status != Status::ok) {
    if (from != nullptr) refusals_.refuse_update(*from, done.ticket, done.status);
    return;
  }
  const bool odd = done.applied.canonical == 0;
  if (odd) services_.metrics.reencoded.add();
  const Bytes bytes = odd ? Bytes(done.rewritten) : Bytes(done.bytes);
  if (done.applied.changed != 0) {
    const freshet_source author{done.client, to_c(std::string_view(done.user)), 0};
    take(from, author, bytes, done.ticket, done.applied);
  } else {
    Member* const writer = done.kind == LongUpdate::Kind::update ? from : nullptr;
    take_known(writer, bytes, done.ticket, done.applied);
  }
  if (from != nullptr && done.kind == LongUpdate::Kind::seed) {
    answer_open(*from, FRESHET_DOCUMENT_SEEDED);
  }
}

void Room::send_long(LongUpdate& done, Member* to) {
  if (to == nullptr) return;
  if (done.status != Status::ok) return refusals_.reject(*to, done.status);
  audience_.send_made_diff(*to, FRESHET_DIFF, done.bytes, done.opened, std::move(done.rewritten));
}

// Between live and busy.
void Room::set_busy(bool busy) {
  state_ = busy ? State::busy : State::live;
  busy ? ++services_.busy_rooms : --services_.busy_rooms;
}

// ---- what waited

// The document is here: for those who came meanwhile, and for all that waits.
void Room::serve() {
  apps_.make_up();
  for (Member* member : std::vector<Member*>(members_.all().begin(), members_.all().end())) {
    if (!member->closing && !member->in) admit(*member);
  }
  work_off();
  if (state_ == State::live) catch_up_drained();
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
          serve();
        });
      });
    }
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    bytes += next.bytes;
    waiting_bytes_ -= next.bytes;
    waiting_share_.hold_anyway(waiting_bytes_);
    std::visit(Cases{[&](const KeptSubmission& s) { submit(s.get()); },
                     [&](const RoomCommand& act) { --acts_waiting_, do_act(act); },
                     [&](const EndedCall& e) { end_call(e.called, e.status, e.items); }},
               next.what);
  }
}

// None of it will be done.
void Room::end_waiting(Status status) {
  waiting_bytes_ = 0;
  waiting_share_.hold_anyway(0);
  acts_waiting_ = 0;
  for (const Waiting& each : std::exchange(waiting_, {})) {
    if (const RoomCommand* act = std::get_if<RoomCommand>(&each.what);
        act != nullptr && act->done) {
      act->done(status, {});
    }
    if (const auto* e = std::get_if<EndedCall>(&each.what)) end_call(e->called, status, {});
  }
}

// Those who had read all that was sent to them while they could not be given more.
void Room::catch_up_drained() {
  for (Member* member : std::vector<Member*>(members_.all().begin(), members_.all().end())) {
    if (state_ == State::live && member->lagging && !member->closing) {
      drained(member->spec.id, 0);
    }
  }
}

}  // namespace freshet
