// core/loop/replies.h: the answers the core waits for.
//
// A worker calls a plugin with a reply token (abi/base.h). The token may be answered from any
// thread, once, late, twice or never; whoever waits hears of it once, on its own shard. The table
// of open tokens is one of the few things shared between threads, hence its lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config/plugin_limits.h"
#include "core/loop/breaker.h"
#include "core/loop/loop.h"
#include "core/loop/plugin_function.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "freshet/abi/base.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// One item of an answer, owned.
struct ReplyItem {
  uint32_t kind;
  uint64_t number;
  std::vector<uint8_t> bytes;
};
using ReplyItems = std::vector<ReplyItem>;

// The first item of a kind, or null.
const ReplyItem* find_item(const ReplyItems& items, uint32_t kind);

// A call that waits for its answer. Owns what the call borrows, and so lives until the plugin is
// done with it, even if nobody waits any more.
class PendingCall {
 public:
  virtual ~PendingCall() = default;
  // For the log: "room \"x\"". [any]
  virtual std::string about() const { return {}; }
  virtual void late() = 0;                                 // past its deadline, not done. [shard]
  virtual void done(Status status, ReplyItems items) = 0;  // [shard]
};

class Replies;

// One function of a plugin that answers later. Owned by whoever calls it, and outlives its calls:
// by the table of answers, its own, even one that nobody waits for is known to be its.
struct Callee {
  // What of an answer makes no sense: "a user that is no JSON object"; empty: all does.
  using Nonsense = std::string_view (*)(const ReplyItems&);

  Callee(Replies& into, std::string_view plugin, std::string_view name,
         std::initializer_list<Status> usual, const PluginLimits& of_plugin = {},
         Nonsense nonsense_in = nullptr);
  Callee(const Callee&) = delete;
  Callee& operator=(const Callee&) = delete;

  // Whether it is called now, by [plugin.limits]. True: an expect() follows. [any]
  bool admits();
  uint32_t deadline_ms(uint32_t usual) const {
    return limits.deadline_ms == 0 ? usual : limits.deadline_ms;
  }

  Replies& replies;
  const PluginLimits limits;
  PluginFunction function;
  Breaker breaker;
  const Nonsense nonsense;
  const freshet_replies c;
};

class Replies {
 public:
  // All outlive it.
  Replies(const freshet_platform& platform, Metrics& metrics, Log& log);
  Replies(const Replies&) = delete;
  Replies& operator=(const Replies&) = delete;

  // A token whose answer goes to `call` on `shard`. Items past `limit_bytes` are refused. `of`:
  // what is called; it outlives this.
  freshet_reply expect(Callee& of, uint32_t shard, std::unique_ptr<PendingCall> call,
                       uint32_t deadline_ms, size_t limit_bytes);

  // For a call that could not be made. [any]
  void fail(freshet_reply reply, Status status) {
    reply.to->done(reply.to->ctx, reply.token, freshet_status(status));
  }

  // The same, for one that threw in the place of an answer. [any]
  void threw(Callee& of, freshet_reply reply, std::string_view what);

  // Tells the calls of a shard that are past their deadline. [shard]
  void check_deadlines(uint32_t shard);

 private:
  friend struct Callee;
  struct Waiting {
    Callee* of;
    uint32_t shard;
    std::unique_ptr<PendingCall> call;
    uint64_t since_ms, deadline_ms;
    bool late;
    size_t room_bytes;  // that further items may take
    ReplyItems items;
    std::string thrown;  // in the place of an answer
  };

  static freshet_status write(void* ctx, uint64_t token, const freshet_item* item);
  Status take(uint64_t token, const freshet_item& item);
  static void done(void* ctx, uint64_t token, freshet_status status);
  void end(Callee& of, uint64_t token, freshet_status status);
  static Status judged(Callee& of, const Waiting& waiting, freshet_status status, uint64_t now_ms);

  const freshet_platform& platform_;
  Metrics& metrics_;
  Log& log_;
  freshet_metric& stray_;  // answers to tokens that are not open
  freshet_metric& late_;
  std::mutex mutex_;  // guards what follows
  uint64_t last_token_ = 0;
  std::unordered_map<uint64_t, Waiting> waiting_;
};

// A call as a pair of functions: `done` hears the outcome once; Status::retry at the deadline.
class SimpleCall : public PendingCall {
 public:
  using Done = std::function<void(Status, ReplyItems)>;
  // `about`: see PendingCall.
  explicit SimpleCall(Done done, std::string about = {})
      : done_(std::move(done)), about_(std::move(about)) {}

  std::string about() const override { return about_; }
  void late() override { answer(Status::retry, {}); }
  void done(Status status, ReplyItems items) override { answer(status, std::move(items)); }

 private:
  void answer(Status status, ReplyItems items) {
    if (Done f = std::exchange(done_, nullptr)) f(status, std::move(items));
  }

  Done done_;
  const std::string about_;
};

}  // namespace freshet
