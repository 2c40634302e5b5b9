// core/live/lookouts.h: what those who look at the server have in common, on whatever loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/limits.h"
#include "core/host/plugin_account.h"
#include "core/host/services.h"
#include "core/identity/admin_key.h"
#include "core/live/limits.h"
#include "core/live/server/hour.h"
#include "core/live/server/log_tail.h"
#include "core/report/metrics.h"
#include "core/shards/shard.h"
#include "core/shards/shards.h"
#include "core/store/store_queue.h"

namespace freshet {

class Lookout;

class Lookouts {
 public:
  // Of the server; all outlive it.
  struct Parts {
    const Services& services;
    const Limits& limits;
    const Shards& shards;
    StoreQueue& store;
    const Metrics& metrics;
    AdminKey& key;
    const LogTail* log;  // null: nobody keeps it
    const std::vector<PluginAccount>& plugins;
    std::string node;
  };
  // REQUIRES: the shards are there.
  explicit Lookouts(Parts parts)
      : parts_(std::move(parts)),
        hour_(parts_.shards.at(0).rooms.loop(), parts_.metrics, parts_.shards),
        busy_(std::make_unique<std::atomic<uint32_t>[]>(parts_.shards.count())) {}
  Lookouts(const Lookouts&) = delete;
  Lookouts& operator=(const Lookouts&) = delete;

  void add(Lookout& one) { all_.push_back(&one); }  // of each loop, in order. [main]
  void start() {                                    // [main], once
    started_unix_ms_ = hour_.loop().unix_ms();
    hour_.start();
  }

  // ---- [any] ----
  const Parts& parts() const { return parts_; }
  size_t count() const { return all_.size(); }
  Lookout& at(size_t shard) const { return *all_[shard]; }
  Lookout& of(std::string_view room) const { return at(parts_.shards.number_of(room)); }
  uint64_t started_unix_ms() const { return started_unix_ms_; }
  const Hour& hour() const { return hour_; }

  // Somebody comes to look, or has come and says no key yet; false: too many do already.
  bool enter(bool trusted) {
    std::atomic<uint32_t>& here = trusted ? lookers_ : keyless_;
    if (here.fetch_add(1) < (trusted ? kMaxLookers : kMaxKeyless)) return true;
    --here;
    return false;
  }
  void leave(bool trusted) { --(trusted ? lookers_ : keyless_); }
  bool any_looks() const {
    return lookers_.load(std::memory_order_relaxed) + keyless_.load(std::memory_order_relaxed) > 0;
  }

  // How busy each loop was, of a thousand, in the last second that somebody looked.
  void set_busy(size_t shard, uint32_t permille) { busy_[shard] = permille; }
  uint32_t busy_permille(size_t shard) const { return busy_[shard]; }

 private:
  const Parts parts_;
  Hour hour_;
  std::vector<Lookout*> all_;
  std::unique_ptr<std::atomic<uint32_t>[]> busy_;
  std::atomic<uint32_t> lookers_{0}, keyless_{0};
  uint64_t started_unix_ms_ = 0;
};

}  // namespace freshet
