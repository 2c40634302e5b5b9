// core/offered/store_calls.h: calls of a part of the store, as plugins make them.
//
// Before the server runs, and after it has ended, they are answered Status::retry. Its lock is
// there because plugins call from threads of their own.
#pragma once

#include <cstdint>
#include <mutex>

#include "core/offered/pending_answers.h"
#include "core/store/store_queue.h"

namespace freshet {

class StoreCalls {
 public:
  using Part = void (StoreQueue::*)(uint32_t shard, StoreQueue::PartCall, StoreQueue::Done);

  explicit StoreCalls(Part part) : part_(part) {}
  StoreCalls(const StoreCalls&) = delete;
  StoreCalls& operator=(const StoreCalls&) = delete;

  // From now on calls go to this store, and are answered on this shard. [main]
  void open(StoreQueue& store, uint32_t shard);
  // REQUIRES: the platform has ended. What still waits is answered Status::retry. [main]
  void close();

  // What the store said besides its status is passed on with these. [any]
  void call(StoreQueue::PartCall invoke, freshet_reply reply,
            std::initializer_list<Status> with_items = {Status::ok});

  static void answer(freshet_reply reply, Status status) {
    reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
  }

 private:
  void answered(uint64_t token, Status status, const ReplyItems* items);

  const Part part_;
  std::mutex mutex_;             // guards what follows
  StoreQueue* store_ = nullptr;  // null: not running
  uint32_t shard_ = 0;
  PendingAnswers waiting_;
};

}  // namespace freshet
