#include "core/offered/store_calls.h"

#include <algorithm>
#include <vector>

#include "freshet/sink.h"

namespace freshet {

void StoreCalls::open(StoreQueue& store, uint32_t shard) {
  const std::lock_guard lock(mutex_);
  store_ = &store;
  shard_ = shard;
}

void StoreCalls::close() {
  std::vector<freshet_reply> left;
  {
    const std::lock_guard lock(mutex_);
    store_ = nullptr;
    left = waiting_.take_all();
  }
  for (const freshet_reply& reply : left) answer(reply, Status::retry);
}

void StoreCalls::call(StoreQueue::PartCall invoke, freshet_reply reply,
                      std::initializer_list<Status> with_items) {
  {
    // Held while the call is made, so that close() waits for it.
    const std::lock_guard lock(mutex_);
    if (store_ != nullptr) {
      const uint64_t token = waiting_.add(reply);
      (store_->*part_)(
          shard_, std::move(invoke),
          [this, token, told = std::vector(with_items)](Status status, const ReplyItems& items) {
            const bool tells = std::ranges::find(told, status) != told.end();
            answered(token, status, tells ? &items : nullptr);
          });
      return;
    }
  }
  answer(reply, Status::retry);
}

void StoreCalls::answered(uint64_t token, Status status, const ReplyItems* items) {
  freshet_reply reply{};
  {
    const std::lock_guard lock(mutex_);
    reply = waiting_.take(token);
  }
  if (reply.to == nullptr) return;
  if (items != nullptr) {
    for (const ReplyItem& each : *items) {
      const freshet_item item{each.kind, each.number, to_c(Bytes(each.bytes))};
      const Status written{reply.to->write(reply.to->ctx, reply.token, &item)};
      if (written != Status::ok) return answer(reply, written);
    }
  }
  answer(reply, status);
}

}  // namespace freshet
