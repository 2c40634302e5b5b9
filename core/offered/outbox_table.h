// core/offered/outbox_table.h: the store's outbox, as plugins call it (freshet.outbox/0).
//
// Outlives the plugins and the server: calls that come before the server is there, or after it,
// are answered Status::retry (store_calls.h).
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop/loop.h"
#include "core/offered/store_calls.h"
#include "core/store/store_queue.h"
#include "freshet/abi/outbox.h"

namespace freshet {

class OutboxTable {
 public:
  OutboxTable();
  OutboxTable(const OutboxTable&) = delete;
  OutboxTable& operator=(const OutboxTable&) = delete;

  // What plugins are offered. [main]
  const freshet_outbox* table() const { return &c_; }
  // A plugin relies on it. [main]
  bool watched() const { return !watchers_.empty(); }

  // From now on calls go to this store, and are answered on this loop; those who watch are told so
  // there. What is claimed in a store that many share is claimed as `node`. [main]
  void open(StoreQueue& store, const Loop& loop, const freshet_node& node);
  // REQUIRES: the platform has ended. What still waits is answered Status::retry. [main]
  void close() { calls_.close(); }

  // Tells those who watch this topic that its entries are others now. [shard]
  void tell(std::string_view topic) const;

 private:
  struct Watcher {
    std::string topic;
    void (*changed)(void* arg);
    void* arg;
  };

  static OutboxTable& of(void* ctx) { return *static_cast<OutboxTable*>(ctx); }
  void claim(std::string topic, uint32_t ms, freshet_reply reply);

  std::vector<Watcher> watchers_;  // complete before the server runs
  StoreCalls calls_{&StoreQueue::outbox};
  std::mutex mutex_;  // guards node_: plugins call from threads of their own
  freshet_node node_{};
  const freshet_outbox c_;
};

}  // namespace freshet
