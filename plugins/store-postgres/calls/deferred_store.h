// plugins/store-postgres/calls/deferred_store.h: the store's C table: each call returns at once,
// and is answered by a worker of the dispatcher.
//
// What a call borrows lives until it has answered (abi/base.h), so nothing is copied.
#pragma once

#include <atomic>
#include <cstdint>

#include "freshet/store.h"
#include "store-postgres/calls/dispatcher.h"

namespace freshet::postgres {

class DeferredStore {
 public:
  DeferredStore(Dispatcher& dispatcher, Host host);  // the dispatcher is borrowed
  DeferredStore(const DeferredStore&) = delete;
  DeferredStore& operator=(const DeferredStore&) = delete;

  const freshet_store* table() const { return &table_; }

 private:
  void fill_rooms();
  void fill_outbox();
  void fill_kept();
  void fill_cluster();
  void fill_nodes();

  // The border: nothing thrown gets past here. `keys`: makes the keys of the call; `work`: calls
  // the table that it is given, with `reply`.
  template <class MakeKeys, class Work>
  static void defer(void* self, Dispatcher::Call::Kind kind, freshet_reply reply, MakeKeys keys,
                    Work work, Dispatcher::Call::Place place = Dispatcher::Call::Place::in_line);
  void sweep_if_due();

  Dispatcher& dispatcher_;
  const Host host_;
  std::atomic<int64_t> next_sweep_ms_ = 0;
  freshet_store table_{};
};

}  // namespace freshet::postgres
