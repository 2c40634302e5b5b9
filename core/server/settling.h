// core/server/settling.h: at the end of a stop, apps pass on what they were told.
//
// Everybody has gone by then and all is saved; only apps know what they still have in hand. Asked
// on one shard, and waited for within a bound.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/apps/application.h"
#include "core/loop/loop.h"
#include "core/report/log.h"

namespace freshet {

class Settling {
 public:
  // Borrows the apps and the log.
  Settling(Loop loop, std::span<const std::unique_ptr<Application>> apps, Log& log);
  Settling(const Settling&) = delete;
  Settling& operator=(const Settling&) = delete;

  // Calls `done` once: when all apps are settled, or at `until_ms` of the loop, and then the log
  // says who is not. REQUIRES: each notice was answered. Once. [any]
  void start(uint64_t until_ms, std::function<void()> done);

 private:
  void ask();

  const Loop loop_;
  Log& log_;
  std::vector<const Application*> unsettled_;  // as far as we know
  uint64_t until_ms_ = 0;
  std::function<void()> done_;
};

}  // namespace freshet
