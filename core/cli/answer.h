// core/cli/answer.h: waits for the answer of a plugin's call, where there is no platform to post
// it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <semaphore>
#include <vector>

#include "core/loop/replies.h"
#include "freshet/abi/base.h"
#include "freshet/result.h"

namespace freshet::cli {

struct Answer {
  Status status;
  ReplyItems items;  // none unless the status is ok

  // The first item of this kind; null if there is none.
  const ReplyItem* find(uint32_t kind) const;
};

// Makes calls one after the other, each with a deadline. It outlives the plugins it calls: one that
// answers too late still writes into it. [main]
class Caller {
 public:
  using Call = std::function<void(freshet_reply)>;

  explicit Caller(std::chrono::seconds deadline) : deadline_(deadline) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // Retry if the answer does not come in time.
  Answer call(const Call& call);

 private:
  // One call's answer, written by the plugin's thread, and read after `done`.
  struct Slot {
    ReplyItems items;
    Status status = Status::retry;
    bool ended = false;
    std::binary_semaphore done{0};
  };

  static freshet_status write(void* ctx, uint64_t token, const freshet_item* item);
  static void done(void* ctx, uint64_t token, freshet_status status);

  const std::chrono::seconds deadline_;
  std::deque<std::unique_ptr<Slot>> slots_;  // the token is the slot's address
  const freshet_replies replies_{sizeof(freshet_replies), this, write, done};
};

}  // namespace freshet::cli
