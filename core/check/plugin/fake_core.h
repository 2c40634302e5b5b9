// core/check/plugin/fake_core.h: an outbox, a storage and a server for apps, without rooms behind
// them.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "freshet/abi/outbox.h"
#include "freshet/abi/server.h"
#include "freshet/testing/fake_room_storage.h"

namespace freshet::check {

// Answers at once, in the thread that calls. [any]
class FakeCore {
 public:
  FakeCore() = default;
  FakeCore(const FakeCore&) = delete;
  FakeCore& operator=(const FakeCore&) = delete;

  const freshet_outbox* outbox() const { return &outbox_; }
  const freshet_room_storage* storage() const { return storage_.table(); }
  const freshet_server* server() const { return &server_; }

  // From now on all is answered so, as by a server whose store is away.
  void fail(freshet_status status);

 private:
  struct Entry {
    uint64_t id;
    std::string key, body;
    uint64_t unix_ms;
    bool dead = false;
    std::string reason = {};
  };
  static FakeCore& self(void* ctx) { return *static_cast<FakeCore*>(ctx); }
  static void answer(void* ctx, freshet_reply reply);
  static void add(void* ctx, freshet_str topic, const freshet_outgoing* entries, size_t count,
                  freshet_reply reply);
  static void list(void* ctx, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                   freshet_reply reply);
  static void read(void* ctx, freshet_str topic, uint64_t id, freshet_reply reply);
  static void remove(void* ctx, freshet_str topic, const uint64_t* ids, size_t count,
                     freshet_reply reply);
  static void bury(void* ctx, freshet_str topic, uint64_t id, freshet_str reason,
                   freshet_reply reply);
  static void state(void* ctx, freshet_str room, freshet_reply reply);

  std::mutex mutex_;
  std::map<std::string, std::vector<Entry>> topics_;
  uint64_t last_id_ = 0;
  freshet_status failing_ = FRESHET_OK;

  testing::FakeRoomStorage storage_;
  const freshet_outbox outbox_{
      .size = sizeof(freshet_outbox),
      .ctx = this,
      .watch = [](void*, freshet_str, void (*)(void*), void*) {},
      .add = add,
      .list = list,
      .read = read,
      .remove = remove,
      .bury = bury,
      .topics = answer,
      .courier = [](void* ctx, freshet_str, uint32_t, freshet_reply reply) { answer(ctx, reply); },
  };
  const freshet_server server_{
      .size = sizeof(freshet_server),
      .ctx = this,
      .broadcast = [](void* ctx, freshet_str, freshet_str, freshet_bytes) -> freshet_status {
        return self(ctx).failing_;
      },
      .evict = [](void* ctx, freshet_str, uint64_t) -> freshet_status {
        return self(ctx).failing_;
      },
      .edit = [](void* ctx, freshet_str, freshet_bytes,
                 freshet_reply reply) { answer(ctx, reply); },
      .read = state,
      .state = state,
  };
};

}  // namespace freshet::check
