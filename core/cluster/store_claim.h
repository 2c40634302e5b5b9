// core/cluster/store_claim.h: that no server works on a shared store that others do not hear.
//
// Servers that share a store hear of each other's edits by a bus: they claim it under one name,
// which is their bus's. Those without work on it one at a time: the first claims it, and another
// one does not start. What is claimed is free again soon after its server has stopped renewing it,
// so that another takes over from one that died. Should two work on it after all, for one was cut
// off so long that its claim ended, nothing is lost: the store takes the edits of both, and each
// reads what the other wrote, see core/residence/tail.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/cluster/limits.h"
#include "core/loop/loop.h"
#include "core/report/log.h"
#include "core/store/store_queue.h"

namespace freshet {

inline constexpr std::string_view kStoreClaim = "freshet/server";

// Renews it, on one shard.
class StoreClaim {
 public:
  // `claimant` has it, see core/cli/stored/claim_at_start.h.
  StoreClaim(Loop loop, StoreQueue& store, const freshet_node& claimant, Log& log)
      : loop_(loop), store_(store), claimant_(claimant), log_(log) {}
  StoreClaim(const StoreClaim&) = delete;
  StoreClaim& operator=(const StoreClaim&) = delete;

  void start();  // [main], once

 private:
  void renew_later();
  void renew();
  void hear(Status status);

  const Loop loop_;
  StoreQueue& store_;
  const freshet_node claimant_;
  Log& log_;
  bool lost_ = false;
};

}  // namespace freshet
