#include "core/rooms/waiting_line.h"

#include <utility>

namespace freshet {

Status WaitingLine::push(const Submission& submission, size_t limit_bytes) {
  const size_t bytes = submission.size_bytes();
  if (bytes_ + bytes > limit_bytes) return Status::limit;
  if (!share_.hold(bytes_ + bytes)) return Status::retry;
  const Status kept = if_memory([&] {
    all_.push_back({KeptSubmission(submission), bytes});
    return Status::ok;
  });
  if (kept == Status::ok) bytes_ += bytes;
  if (kept != Status::ok) share_.hold_anyway(bytes_);
  return kept;
}

void WaitingLine::push(RoomCommand command) {
  const size_t bytes = command.size_bytes();
  all_.push_back({std::move(command), bytes});
  ++commands_;
  bytes_ += bytes;
}

void WaitingLine::push(EndedCall call) { all_.push_back({std::move(call), 0}); }

WaitingLine::One WaitingLine::pop() {
  One first = std::move(all_.front());
  all_.pop_front();
  bytes_ -= first.bytes;
  share_.hold_anyway(bytes_);
  if (std::holds_alternative<RoomCommand>(first.what)) --commands_;
  return first;
}

std::deque<WaitingLine::One> WaitingLine::clear() {
  bytes_ = 0;
  commands_ = 0;
  share_.hold_anyway(0);
  return std::exchange(all_, {});
}

}  // namespace freshet
