// core/submissions/waiting_line.h: what waits for a room's document, in its order and within a
// bound.
#pragma once

#include <deque>
#include <variant>

#include "core/apps/procedure_calls.h"
#include "core/memory/budget.h"
#include "core/submissions/room_command.h"
#include "core/submissions/submission.h"

namespace freshet {

// A call of a procedure that has ended while the document was away.
struct EndedCall {
  ProcedureCall call;
  Status status;
  ReplyItems items;

  size_t size_bytes() const {
    size_t bytes = call.size_bytes() + call.sessions.size() + call.state.size();
    for (const ReplyItem& item : items) bytes += sizeof(item) + item.bytes.size();
    return bytes;
  }
};

class WaitingLine {
 public:
  using What = std::variant<KeptSubmission, RoomCommand, EndedCall>;
  struct One {
    What what;
    size_t bytes;
  };

  // All of it counts in the budget.
  explicit WaitingLine(Budget* budget) : share_(budget) {}
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  // Status::limit: of what sessions submitted more than `limit_bytes` would wait. Status::retry:
  // there is no memory for it.
  Status push(const Submission& submission, size_t limit_bytes);
  // The same for commands, of kMaxCommandBytes. It is moved from only if it is taken.
  Status push(RoomCommand& command);
  void push(EndedCall call);  // bounded where calls begin, and by what an app may answer

  bool empty() const { return all_.empty(); }
  size_t commands() const { return commands_; }
  One pop();                // REQUIRES: not empty()
  std::deque<One> clear();  // all of it, in order

 private:
  template <class F>
  Status push_within_budget(size_t bytes, F push);

  std::deque<One> all_;
  size_t bytes_ = 0;  // of all; and of these:
  size_t submitted_bytes_ = 0;
  size_t command_bytes_ = 0;
  size_t commands_ = 0;
  Share share_;
};

}  // namespace freshet
