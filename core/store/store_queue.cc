#include "core/store/store_queue.h"

#include "core/loop/plugin_call.h"
#include "core/store/limits.h"

namespace freshet {
namespace {

// What the worker runs: the arguments live in the invoked function, and it until the call is done.
template <class Invoke>
struct Job {
  Invoke invoke;
  freshet_reply reply;
  Callee* of;
};

// Keeps the arguments of a call until the store is done with them.
template <class Invoke>
class CallWithArguments final : public SimpleCall {
 public:
  CallWithArguments(Done done, std::string about, Invoke invoke)
      : SimpleCall(std::move(done), std::move(about)), invoke_(std::move(invoke)) {}
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

std::string of_room(const std::string& room) { return "room \"" + room + "\""; }

}  // namespace

bool keeps_outbox(const freshet_store& store) {
  return FRESHET_HAS(&store, outbox_add) && FRESHET_HAS(&store, outbox_list) &&
         FRESHET_HAS(&store, outbox_read) && FRESHET_HAS(&store, outbox_remove) &&
         FRESHET_HAS(&store, outbox_bury) && FRESHET_HAS(&store, outbox_revive) &&
         FRESHET_HAS(&store, outbox_drop) && FRESHET_HAS(&store, outbox_topics);
}

bool keeps_values(const freshet_store& store) {
  return FRESHET_HAS(&store, kept_read) && FRESHET_HAS(&store, kept_write) &&
         FRESHET_HAS(&store, kept_list);
}

bool is_shared(const freshet_store& store) {
  return FRESHET_HAS(&store, tail) && FRESHET_HAS(&store, heads) &&
         FRESHET_HAS(&store, node_beat) && FRESHET_HAS(&store, node_end) &&
         FRESHET_HAS(&store, rooms_open) && FRESHET_HAS(&store, rooms_close) &&
         FRESHET_HAS(&store, room_nodes) && FRESHET_HAS(&store, notices) &&
         FRESHET_HAS(&store, notice_remove) && FRESHET_HAS(&store, claim);
}

// What an append failed at, and a check, is told by whoever asked. What is written has pauses of
// its own (journal.h): a room that cannot be read is what people ask for again and again.
StoreQueue::Functions::Functions(Replies& replies, std::string_view plugin,
                                 const PluginLimits& limits)
    : load(replies, plugin, "load", {Status::ok, Status::not_found}, limits),
      append(replies, plugin, "append",
             {Status::ok, Status::retry, Status::conflict, Status::corrupt, Status::too_large}),
      replace(replies, plugin, "replace", {Status::ok, Status::conflict}),
      fold(replies, plugin, "fold", {Status::ok, Status::conflict}),
      put(replies, plugin, "put", {Status::ok}),
      erase(replies, plugin, "erase", {Status::ok, Status::not_found}),
      list(replies, plugin, "list", {Status::ok}),
      info(replies, plugin, "info", {Status::ok, Status::not_found}),
      backup(replies, plugin, "backup",
             {Status::ok, Status::conflict, Status::denied, Status::unsupported}),
      check(replies, plugin, "check", {Status::ok, Status::retry, Status::unsupported}),
      outbox(
          replies, plugin, "outbox",
          {Status::ok, Status::not_found, Status::limit, Status::too_large, Status::unsupported}),
      kept(replies, plugin, "kept",
           {Status::ok, Status::not_found, Status::conflict, Status::limit, Status::too_large,
            Status::unsupported}),
      cluster(replies, plugin, "cluster", {Status::ok, Status::not_found, Status::conflict}) {}

Status StoreQueue::open() {
  return Status{platform_.queue_create(platform_.self, to_c(std::string_view("store")), 1,
                                       kMaxWaitingStoreCalls, &queue_)};
}

template <class Invoke>
void StoreQueue::push(Callee& of, uint32_t shard, std::string about, Done done, Invoke invoke) {
  auto call = std::make_unique<CallWithArguments<Invoke>>(std::move(done), std::move(about),
                                                          std::move(invoke));
  const Invoke* arguments = &call->invoke();
  push_call(of, shard, std::move(call), [arguments](freshet_reply reply) { (*arguments)(reply); });
}

template <class Invoke>
void StoreQueue::push_call(Callee& of, uint32_t shard, std::unique_ptr<PendingCall> call,
                           Invoke invoke) {
  const freshet_reply reply = replies_.expect(
      of, shard, std::move(call), of.deadline_ms(limits_.store_deadline_ms), kHistoryBytes);
  auto job = std::make_unique<Job<Invoke>>(Job<Invoke>{std::move(invoke), reply, &of});
  const auto run = [](void* arg) {
    const std::unique_ptr<Job<Invoke>> mine(static_cast<Job<Invoke>*>(arg));
    call_plugin(*mine->of, mine->reply, [&] { mine->invoke(mine->reply); });
  };
  if (platform_.queue_push(platform_.self, queue_, run, job.get()) == FRESHET_OK) {
    static_cast<void>(job.release());
  } else {
    replies_.fail(reply, Status::retry);
  }
}

void StoreQueue::load(uint32_t shard, std::string room, Done done) {
  if (!of_.load.admits()) {
    return Loop(platform_, shard).post([done = std::move(done)] { done(Status::retry, {}); });
  }
  std::string about = of_room(room);
  push(of_.load, shard, std::move(about), std::move(done),
       [this, room = std::move(room)](freshet_reply reply) {
         store_.load(store_.self, to_c(std::string_view(room)), reply);
       });
}

void StoreQueue::replace(uint32_t shard, std::string room, const freshet_epoch& epoch,
                         uint64_t through_seq, std::vector<uint8_t> snapshot, Done done) {
  std::string about = of_room(room);
  push(of_.replace, shard, std::move(about), std::move(done),
       [this, room = std::move(room), epoch, through_seq,
        snapshot = std::move(snapshot)](freshet_reply reply) {
         store_.replace(store_.self, to_c(std::string_view(room)), epoch, through_seq,
                        to_c(Bytes(snapshot)), reply);
       });
}

void StoreQueue::fold(uint32_t shard, std::string room, const LogEnd& through,
                      std::vector<uint8_t> snapshot, Done done) {
  if (FRESHET_HAS(&store_, fold) && through.writer) {
    std::string about = of_room(room);
    return push(of_.fold, shard, std::move(about), std::move(done),
                FoldCall(store_, std::move(room), through, std::move(snapshot)));
  }
  replace(shard, std::move(room), *through.epoch, through.last_seq, std::move(snapshot),
          std::move(done));
}

void StoreQueue::put(uint32_t shard, std::string room, const freshet_epoch& epoch,
                     std::vector<uint8_t> snapshot, Done done) {
  std::string about = of_room(room);
  push(of_.put, shard, std::move(about), std::move(done),
       [this, room = std::move(room), epoch, snapshot = std::move(snapshot)](freshet_reply reply) {
         store_.put(store_.self, to_c(std::string_view(room)), epoch, to_c(Bytes(snapshot)), reply);
       });
}

void StoreQueue::erase(uint32_t shard, std::string room, Done done) {
  std::string about = of_room(room);
  push(of_.erase, shard, std::move(about), std::move(done),
       [this, room = std::move(room)](freshet_reply reply) {
         store_.erase(store_.self, to_c(std::string_view(room)), reply);
       });
}

void StoreQueue::list(uint32_t shard, std::string after, uint32_t limit, Done done) {
  push(of_.list, shard, {}, std::move(done),
       [this, after = std::move(after), limit](freshet_reply reply) {
         store_.list(store_.self, to_c(std::string_view(after)), limit, reply);
       });
}

void StoreQueue::info(uint32_t shard, std::string room, Done done) {
  std::string about = of_room(room);
  push(of_.info, shard, std::move(about), std::move(done),
       [this, room = std::move(room)](freshet_reply reply) {
         store_.info(store_.self, to_c(std::string_view(room)), reply);
       });
}

void StoreQueue::backup(uint32_t shard, std::string path, Done done) {
  push(of_.backup, shard, {}, std::move(done), [this, path = std::move(path)](freshet_reply reply) {
    if (FRESHET_HAS(&store_, backup)) {
      store_.backup(store_.self, to_c(std::string_view(path)), reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::check(uint32_t shard, Done done) {
  push(of_.check, shard, {}, std::move(done), [this](freshet_reply reply) {
    if (FRESHET_HAS(&store_, check)) {
      store_.check(store_.self, reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::push_part(Callee& of, Has has, uint32_t shard, PartCall call, Done done) {
  push(of, shard, {}, std::move(done), [this, has, call = std::move(call)](freshet_reply reply) {
    if (has(store_)) {
      call(store_, reply);
    } else {
      replies_.fail(reply, Status::unsupported);
    }
  });
}

void StoreQueue::outbox(uint32_t shard, PartCall call, Done done) {
  push_part(of_.outbox, keeps_outbox, shard, std::move(call), std::move(done));
}

void StoreQueue::kept(uint32_t shard, PartCall call, Done done) {
  push_part(of_.kept, keeps_values, shard, std::move(call), std::move(done));
}

void StoreQueue::cluster(uint32_t shard, PartCall call, Done done) {
  push(of_.cluster, shard, {}, std::move(done),
       [this, call = std::move(call)](freshet_reply reply) { call(store_, reply); });
}

void StoreQueue::append(uint32_t shard, const freshet_batch& batch,
                        std::unique_ptr<PendingCall> call) {
  push_call(of_.append, shard, std::move(call),
            [this, &batch](freshet_reply reply) { store_.append(store_.self, &batch, reply); });
}

}  // namespace freshet
