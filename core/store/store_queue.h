// core/store/store_queue.h: calls of the store, made on its one worker, answered on the caller's
// shard.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/config/limits.h"
#include "core/loop/replies.h"
#include "core/store/log_end.h"
#include "freshet/abi/store.h"

namespace freshet {

// True if a store has all the functions of an outbox.
bool keeps_outbox(const freshet_store& store);
// The same of values beside rooms.
bool keeps_values(const freshet_store& store);
// The same of what many nodes share.
bool is_shared(const freshet_store& store);

class StoreQueue {
 public:
  using Done = SimpleCall::Done;
  // One call of a part that not every store has, with its arguments in it.
  using PartCall = std::function<void(const freshet_store&, freshet_reply)>;

  // `plugin`: whose the store is.
  StoreQueue(const freshet_platform& platform, const freshet_store& store, Replies& replies,
             const Limits& limits, std::string_view plugin = "store",
             const PluginLimits& plugin_limits = {})
      : platform_(platform),
        store_(store),
        replies_(replies),
        limits_(limits),
        shared_(is_shared(store)),
        of_(replies, plugin, plugin_limits) {}
  StoreQueue(const StoreQueue&) = delete;
  StoreQueue& operator=(const StoreQueue&) = delete;

  Status open();  // makes the worker. [main]

  // Whether other nodes append to the same rooms. [any]
  bool shared() const { return shared_; }

  // For the log: "store-mine.append".
  const std::string& append_name() const { return of_.append.function.name(); }

  // Each is answered once: with what the store says, or Status::retry when it is full, or late.
  // [shard]
  void load(uint32_t shard, std::string room, Done done);
  void replace(uint32_t shard, std::string room, const freshet_epoch& epoch, uint64_t through_seq,
               std::vector<uint8_t> snapshot, Done done);
  // replace(), if the last of that is still what was read: see freshet_store. Where the store does
  // not look, or it is not known who wrote it, just that. REQUIRES: through.epoch.
  void fold(uint32_t shard, std::string room, const LogEnd& through, std::vector<uint8_t> snapshot,
            Done done);
  void put(uint32_t shard, std::string room, const freshet_epoch& epoch,
           std::vector<uint8_t> snapshot, Done done);
  void erase(uint32_t shard, std::string room, Done done);
  void list(uint32_t shard, std::string after, uint32_t limit, Done done);
  void info(uint32_t shard, std::string room, Done done);
  void backup(uint32_t shard, std::string path, Done done);
  void check(uint32_t shard, Done done);  // no item if the store does not say

  // Status::unsupported if the store has no such part. [any]
  void outbox(uint32_t shard, PartCall call, Done done);
  void kept(uint32_t shard, PartCall call, Done done);
  // REQUIRES: shared(). [any]
  void cluster(uint32_t shard, PartCall call, Done done);

  // `batch` and what it points to live until `call` is done; `call` decides what being late means.
  void append(uint32_t shard, const freshet_batch& batch, std::unique_ptr<PendingCall> call);

 private:
  // The parts are one each.
  struct Functions {
    Functions(Replies& replies, std::string_view plugin, const PluginLimits& limits);
    Callee load, append, replace, fold, put, erase, list, info, backup, check;
    Callee outbox, kept, cluster;
  };

  template <class Invoke>
  void push(Callee& of, uint32_t shard, std::string about, Done done, Invoke invoke);
  using Has = bool (*)(const freshet_store&);
  void push_part(Callee& of, Has has, uint32_t shard, PartCall call, Done done);
  template <class Invoke>
  void push_call(Callee& of, uint32_t shard, std::unique_ptr<PendingCall> call, Invoke invoke);

  const freshet_platform& platform_;
  const freshet_store& store_;
  Replies& replies_;
  const Limits& limits_;
  const bool shared_;
  Functions of_;
  uint32_t queue_ = 0;
};

}  // namespace freshet
