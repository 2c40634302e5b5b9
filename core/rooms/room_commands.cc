// What is done in a room by no client of it: events, edits, and sending sessions away.
#include <algorithm>

#include "core/rooms/room.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

constexpr size_t kMaxActs = 1'000;  // that wait for the room to be loaded, or to be saved

}  // namespace

void Room::act(RoomCommand act) {
  if (act.needs_document()) touch();
  const bool can = waits() || state_ == State::live || !act.needs_document();
  const bool counts = act.needs_document() || waits();
  const bool full = counts && acts_waiting_ + unsaved_acts_.size() >= kMaxActs;
  if (!can || full) {
    if (act.done) act.done(full ? Status::limit : Status::retry, {});
    return;
  }
  // In their order, so that what was said after an edit comes after it.
  if (waits()) {
    ++acts_waiting_;
    const size_t bytes = act.size_bytes();
    waiting_bytes_ += bytes;
    return waiting_.push_back({std::move(act), bytes});
  }
  do_act(act);
}

void Room::do_act(const RoomCommand& act) {
  act.needs_document() ? act_on_document(act) : act_on_members(act);
}

void Room::act_on_members(const RoomCommand& act) {
  if (act.kind == RoomCommand::Kind::evict) return members_.evict(act.session);
  if (state_ != State::live && state_ != State::asleep) return;
  freshet_delivery event{};
  event.kind = FRESHET_EVENT;
  event.event = to_c(std::string_view(act.event));
  event.bytes = to_c(as_bytes(act.json));
  audience_.send_event(event);
}

void Room::act_on_document(const RoomCommand& act) {
  std::vector<uint8_t> state;
  if (act.kind == RoomCommand::Kind::read) {
    return encode(state) ? act.done(Status::ok, std::move(state)) : act.done(Status::internal, {});
  }
  const Status status = edit({}, act.json);
  if (status != Status::ok || residence_.saved()) return act.done(status, {});
  unsaved_acts_.emplace_back(residence_.position(), act.done);
}

// Those whose edits are on disk by now; all of them if `status` says that theirs never will be.
void Room::end_acts(Status status) {
  const uint64_t saved = services_.journal.saved();
  while (!unsaved_acts_.empty() && (status != Status::ok || unsaved_acts_.front().first <= saved)) {
    const RoomCommand::Done done = std::move(unsaved_acts_.front().second);
    unsaved_acts_.pop_front();
    done(status, {});
  }
}

}  // namespace freshet
