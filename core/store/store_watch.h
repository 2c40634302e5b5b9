// core/store/store_watch.h: asks the store every few seconds whether all is well.
//
// A server that nobody edits on says so, too, when what it has stored is gone: before somebody's
// edit finds out. Lives on one shard.
#pragma once

#include <functional>
#include <string>

#include "core/loop/loop.h"
#include "core/store/store_queue.h"

namespace freshet {

class StoreWatch {
 public:
  // Called when what is wrong has changed; empty: nothing is.
  using Tell = std::function<void(const std::string& trouble)>;

  StoreWatch(Loop loop, StoreQueue& store, Tell tell)
      : loop_(loop), store_(store), tell_(std::move(tell)) {}
  StoreWatch(const StoreWatch&) = delete;
  StoreWatch& operator=(const StoreWatch&) = delete;

  void start();  // [main], once

 private:
  void ask();
  void hear(Status status, const ReplyItems& items);

  const Loop loop_;
  StoreQueue& store_;
  const Tell tell_;
  std::string trouble_;
};

}  // namespace freshet
