#include "core/store/store_queue.h"

#include "core/store/limits.h"

namespace freshet {
namespace {

// What the worker runs: the arguments live in the invoked function, and it until the call is done.
template <class Invoke>
struct Job {
  Invoke invoke;
  freshet_reply reply;
};

// Keeps the arguments of a call until the store is done with them.
template <class Invoke>
class CallWithArguments final : public SimpleCall {
 public:
  CallWithArguments(Done done, Invoke invoke)
      : SimpleCall(std::move(done)), invoke_(std::move(invoke)) {}
  const Invoke& invoke() const { return invoke_; }

 private:
  Invoke invoke_;
};

// The call, with all that it lends the store.
class FoldCall {
 public:
  FoldCall(const freshet_store& store, std::string room, const LogEnd& through,
           std::vector<uint8_t> snapshot)
      : store_(store), room_(std::move(room)), snapshot_(std::move(snapshot)) {
    c_.size = sizeof(c_);
    c_.epoch = *through.epoch;
    c_.through_seq = through.last_seq;
    c_.writer = through.writer->by;
    c_.last_number = through.writer->number;
  }

  void operator()(freshet_reply reply) const {
    c_.room = to_c(std::string_view(room_));
    c_.snapshot = to_c(Bytes(snapshot_));
    store_.fold(store_.self, &c_, reply);
  }

 private:
  const freshet_store& store_;
  std::string room_;
  std::vector<uint8_t> snapshot_;
  mutable freshet_fold c_{};  // views of both, once they stay where they are
};

}  // namespace

bool keeps_outbox(const freshet_store& store) {
  return FRESHET_HAS(&store, outbox_add) && FRESHET_HAS(&store, outbox_list) &&
         FRESHET_HAS(&store, outbox_read) && FRESHET_HAS(&store, outbox_remove) &&
         FRESHET_HAS(&store, outbox_bury) && FRESHET_HAS(&store, outbox_revive) &&
         FRESHET_HAS(&store, outbox_drop) && FRESHET_HAS(&store, outbox_topics);
}

bool is_shared(const freshet_store& store) {
  return FRESHET_HAS(&store, tail) && FRESHET_HAS(&store, heads) &&
         FRESHET_HAS(&store, node_beat) && FRESHET_HAS(&store, node_end) &&
         FRESHET_HAS(&store, rooms_open) && FRESHET_HAS(&store, rooms_close) &&
         FRESHET_HAS(&store, room_nodes) && FRESHET_HAS(&store, notices) &&
         FRESHET_HAS(&store, notice_remove) && FRESHET_HAS(&store, claim);
}

Status StoreQueue::open() {
  return Status{platform_.queue_create(platform_.self, to_c(std::string_view("store")), 1,
                                       kMaxWaitingStoreCalls, &queue_)};
}

template <class Invoke>
void StoreQueue::push(uint32_t shard, Done done, Invoke invoke) {
  auto call = std::make_unique<CallWithArguments<Invoke>>(std::move(done), std::move(invoke));
  const Invoke* arguments = &call->invoke();
  push_call(shard, std::move(call), [arguments](freshet_reply reply) { (*arguments)(reply); });
}

template <class Invoke>
void StoreQueue::push_call(uint32_t shard, std::unique_ptr<PendingCall> call, Invoke invoke) {
  const freshet_reply reply =
      replies_.expect(shard, std::move(call), limits_.store_deadline_ms, kHistoryBytes);
  auto job = std::make_unique<Job<Invoke>>(Job<Invoke>{std::move(invoke), reply});
  const auto run = [](void* arg) {
    const std::unique_ptr<Job<Invoke>> mine(static_cast<Job<Invoke>*>(arg));
    mine->invoke(mine->reply);
  };
  if (platform_.queue_push(platform_.self, queue_, run, job.get()) == FRESHET_OK) {
    static_cast<void>(job.release());
  } else {
    replies_.fail(reply, Status::retry);
  }
}

void StoreQueue::load(uint32_t shard, std::string room, Done done) {
  push(shard, std::move(done), [this, room = std::move(room)](freshet_reply reply) {
    store_.load(store_.self, to_c(std::string_view(room)), reply);
  });
}

void StoreQueue::replace(uint32_t shard, std::string room, const freshet_epoch& epoch,
                         uint64_t through_seq, std::vector<uint8_t> snapshot, Done done) {
  push(shard, std::move(done),
       [this, room = std::move(room), epoch, through_seq,
        snapshot = std::move(snapshot)](freshet_reply reply) {
         store_.replace(store_.self, to_c(std::string_view(room)), epoch, through_seq,
                        to_c(Bytes(snapshot)), reply);
       });
}

void StoreQueue::fold(uint32_t shard, std::string room, const LogEnd& through,
                      std::vector<uint8_t> snapshot, Done done) {
  if (FRESHET_HAS(&store_, fold) && through.writer) {
    return push(shard, std::move(done),
                FoldCall(store_, std::move(room), through, std::move(snapshot)));
  }
  replace(shard, std::move(room), *through.epoch, through.last_seq, std::move(snapshot),
          std::move(done));
}

void StoreQueue::put(uint32_t shard, std::string room, const freshet_epoch& epoch,
                     std::vector<uint8_t> snapshot, Done done) {
  push(shard, std::move(done),
       [this, room = std::move(room), epoch, snapshot = std::move(snapshot)](freshet_reply reply) {
         store_.put(store_.self, to_c(std::string_view(room)), epoch, to_c(Bytes(snapshot)), reply);
       });
}

void StoreQueue::erase(uint32_t shard, std::string room, Done done) {
  push(shard, std::move(done), [this, room = std::move(room)](freshet_reply reply) {
    store_.erase(store_.self, to_c(std::string_view(room)), reply);
  });
}

void StoreQueue::list(uint32_t shard, std::string after, uint32_t limit, Done done) {
  push(shard, std::move(done), [this, after = std::move(after), limit](freshet_reply reply) {
    store_.list(store_.self, to_c(std::string_view(after)), limit, reply);
  });
}

void StoreQueue::info(uint32_t shard, std::string room, Done done) {
  push(shard, std::move(done), [this, room = std::move(room)](freshet_reply reply) {
    store_.info(store_.self, to_c(std::string_view(room)), reply);
  });
}

void StoreQueue::backup(uint32_t shard, std::string path, Done done) {
  push(shard, std::move(done), [this, path = std::move(path)](freshet_reply reply) {
    if (FRESHET_HAS(&store_, backup)) {
      store_.backup(store_.self, to_c(std::string_view(path)), reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::check(uint32_t shard, Done done) {
  push(shard, std::move(done), [this](freshet_reply reply) {
    if (FRESHET_HAS(&store_, check)) {
      store_.check(store_.self, reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::outbox(uint32_t shard, PartCall call, Done done) {
  push(shard, std::move(done), [this, call = std::move(call)](freshet_reply reply) {
    if (keeps_outbox(store_)) {
      call(store_, reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::cluster(uint32_t shard, PartCall call, Done done) {
  push(shard, std::move(done),
       [this, call = std::move(call)](freshet_reply reply) { call(store_, reply); });
}

void StoreQueue::append(uint32_t shard, const freshet_batch& batch,
                        std::unique_ptr<PendingCall> call) {
  push_call(shard, std::move(call),
            [this, &batch](freshet_reply reply) { store_.append(store_.self, &batch, reply); });
}

}  // namespace freshet
