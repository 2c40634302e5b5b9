#include "presence_writers.h"

#include <limits>

namespace freshet::load {

void PresenceWriters::start(int64_t start_ns, int64_t end_ns) {
  end_ns_ = end_ns;
  for (uint32_t r = 0; r < scenario_.rooms; ++r) {
    Room& room = *cast_.rooms()[r];
    room.presence.start(start_ns);
    for (uint32_t place = 0; place < scenario_.presence_writers; ++place) {
      const int64_t at = room.presence.due(place, 0);
      if (at < end_ns_) due_.push({at, r, place, 0});
    }
  }
}

int64_t PresenceWriters::next_ns() const {
  return due_.empty() ? std::numeric_limits<int64_t>::max() : due_.top().at_ns;
}

void PresenceWriters::show_due(int64_t now) {
  while (!due_.empty() && due_.top().at_ns <= now) {
    const Due due = due_.top();
    due_.pop();
    show(due);
    const uint64_t states = due.states + 1;
    const int64_t next = cast_.rooms()[due.room]->presence.due(due.place, states);
    if (next < end_ns_) due_.push({next, due.room, due.place, states});
  }
}

void PresenceWriters::show(const Due& due) {
  const uint64_t state = due.states + 1;
  const bool measured = world_.tally.measures(due.at_ns);
  if (measured) ++world_.tally.states_offered;
  const int64_t sent_at = now_ns();
  // Who has gone does not come back, so the states of each have no gaps.
  if (!cast_.at(size_t{due.room} * scenario_.clients + due.place).show(state)) return;
  cast_.rooms()[due.room]->shown[due.place] = state;
  if (!measured) return;
  ++world_.tally.states_sent;
  world_.tally.late.record(sent_at - due.at_ns);
}

}  // namespace freshet::load
