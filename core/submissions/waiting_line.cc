#include "core/submissions/waiting_line.h"

#include <utility>

#include "core/submissions/limits.h"

namespace freshet {

Status WaitingLine::push(const Submission& submission, size_t limit_bytes) {
  const size_t bytes = submission.size_bytes();
  if (submitted_bytes_ + bytes > limit_bytes) return Status::limit;
  const Status kept = push_within_budget(bytes, [&] {
    all_.push_back({KeptSubmission(submission), bytes});
    return Status::ok;
  });
  if (kept == Status::ok) submitted_bytes_ += bytes;
  return kept;
}

Status WaitingLine::push(RoomCommand& command) {
  const size_t bytes = command.size_bytes();
  if (command_bytes_ != 0 && command_bytes_ + bytes > kMaxCommandBytes) return Status::limit;
  One one{std::move(command), bytes};
  const Status kept = push_within_budget(bytes, [&] {
    all_.push_back(std::move(one));
    return Status::ok;
  });
  if (kept != Status::ok) {
    command = std::get<RoomCommand>(std::move(one.what));
    return kept;
  }
  ++commands_;
  command_bytes_ += bytes;
  return kept;
}

void WaitingLine::push(EndedCall call) {
  const size_t bytes = call.size_bytes();
  all_.push_back({std::move(call), bytes});
  bytes_ += bytes;
  share_.hold_anyway(bytes_);
}

template <class F>
Status WaitingLine::push_within_budget(size_t bytes, F push) {
  if (!share_.hold(bytes_ + bytes)) return Status::retry;
  const Status kept = if_memory(push);
  if (kept == Status::ok) bytes_ += bytes;
  share_.hold_anyway(bytes_);
  return kept;
}

WaitingLine::One WaitingLine::pop() {
  One first = std::move(all_.front());
  all_.pop_front();
  bytes_ -= first.bytes;
  share_.hold_anyway(bytes_);
  if (std::holds_alternative<KeptSubmission>(first.what)) submitted_bytes_ -= first.bytes;
  if (std::holds_alternative<RoomCommand>(first.what)) {
    --commands_;
    command_bytes_ -= first.bytes;
  }
  return first;
}

std::deque<WaitingLine::One> WaitingLine::clear() {
  bytes_ = submitted_bytes_ = command_bytes_ = 0;
  commands_ = 0;
  share_.hold_anyway(0);
  return std::exchange(all_, {});
}

}  // namespace freshet
