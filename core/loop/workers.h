// core/loop/workers.h: long work on documents, away from the shards.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "core/loop/loop.h"
#include "freshet/result.h"
#include "freshet/sink.h"

namespace freshet {

// A pool of the platform's workers, unordered.
class Workers {
 public:
  explicit Workers(const freshet_platform& platform) : platform_(platform) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  Status open(std::string_view name, uint32_t threads, uint32_t limit) {  // [main]
    return Status{platform_.queue_create(platform_.self, to_c(name), threads, limit, &queue_)};
  }

  // Runs `work` on a worker. Status::limit: too much waits already, and it will not run. [any]
  template <class Work>
  Status run(Work work) const {
    auto task = std::make_unique<Work>(std::move(work));
    const auto entry = [](void* arg) {
      const std::unique_ptr<Work> mine(static_cast<Work*>(arg));
      (*mine)();
    };
    const Status status{platform_.queue_push(platform_.self, queue_, entry, task.get())};
    if (status == Status::ok) static_cast<void>(task.release());
    return status;
  }

 private:
  const freshet_platform& platform_;
  uint32_t queue_ = 0;
};

}  // namespace freshet
