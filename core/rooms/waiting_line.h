// core/rooms/waiting_line.h: what waits for a room's document, in its order and within a bound.
#pragma once

#include <deque>
#include <variant>

#include "core/apps/procedure_calls.h"
#include "core/rooms/room_command.h"
#include "core/rooms/submission.h"
#include "core/store/budget.h"

namespace freshet {

// A call of a procedure that has ended while the document was away.
struct EndedCall {
  ProcedureCall call;
  Status status;
  ReplyItems items;
};

class WaitingLine {
 public:
  using What = std::variant<KeptSubmission, RoomCommand, EndedCall>;
  struct One {
    What what;
    size_t bytes;
  };

  // What sessions submitted counts in the budget; the rest is bounded where it comes in.
  explicit WaitingLine(Budget* budget) : share_(budget) {}
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  // Status::limit: more than `limit_bytes` would wait. Status::retry: there is no memory for it.
  Status push(const Submission& submission, size_t limit_bytes);
  void push(RoomCommand command);
  void push(EndedCall call);  // bounded where calls begin

  bool empty() const { return all_.empty(); }
  size_t commands() const { return commands_; }
  One pop();                // REQUIRES: not empty()
  std::deque<One> clear();  // all of it, in order

 private:
  std::deque<One> all_;
  size_t bytes_ = 0;
  size_t commands_ = 0;
  Share share_;
};

}  // namespace freshet
