#include "writers.h"

#include <limits>

namespace freshet::load {

void Writers::start(int64_t start_ns, int64_t end_ns) {
  end_ns_ = end_ns;
  next_edit_.assign(scenario_.all_clients(), 0);
  for (const auto& room : cast_.rooms()) room->schedule.start(start_ns);
  for (uint32_t room = 0; room < scenario_.rooms; ++room) {
    for (uint32_t writer = 0; writer < scenario_.writers; ++writer) {
      const int64_t at = cast_.rooms()[room]->schedule.due(writer, 0);
      if (at < end_ns_) due_.push({at, room * scenario_.clients + writer});
    }
  }
}

int64_t Writers::next_ns() const {
  if (due_.empty()) return std::numeric_limits<int64_t>::max();
  const int64_t tick = std::max<int64_t>(int64_t{scenario_.tick_us} * 1000, 1);
  return (due_.top().at_ns + tick - 1) / tick * tick;
}

void Writers::send_due(int64_t now) {
  while (!due_.empty() && due_.top().at_ns <= now) {
    const Due first = due_.top();
    due_.pop();
    send_of(first, now);
  }
}

void Writers::send_of(Due first, int64_t now) {
  Client& client = cast_.at(first.place);
  const Schedule& schedule = client.room().schedule;
  const uint32_t writer = first.place % scenario_.clients;
  uint64_t& edit = next_edit_[first.place];
  Tally& tally = world_.tally;
  sent_.clear();
  int64_t due = first.at_ns;
  for (; due <= now && due < end_ns_; due = schedule.due(writer, ++edit)) {
    if (tally.measures(due)) ++tally.offered;
    if (client.write_next(due)) sent_.push_back(due);
  }
  const int64_t sent_at = now_ns();
  client.flush();
  for (const int64_t at : sent_) {
    if (!tally.measures(at)) continue;
    ++tally.sent;
    tally.late.record(sent_at - at);
  }
  tally.sent_all += sent_.size();
  if (due < end_ns_) due_.push({due, first.place});
}

}  // namespace freshet::load
