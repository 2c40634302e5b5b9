// tests/sim/platform/sim_threads.h: the threads of one simulated process: shards and workers.
//
// Each runs what is given to it as events of one timeline, by dice: how long a post takes, how the
// work of different threads mixes, when a shard stands still. Order from one thread to one shard is
// kept. Once the process is dead, nothing runs but what work_off() runs.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/platform.h"
#include "sim/platform/sim_clock.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimThreads {
 public:
  using Task = Platform::Task;

  SimThreads(Scene& scene, uint32_t shards);

  uint32_t shards() const { return shards_; }
  bool dead() const { return dead_; }
  void die() { dead_ = true; }
  // What is asked of the core, while it lives.
  void require(bool kept, const char* rule) const;

  // All of it stands still, as a machine that is suspended: what comes meanwhile waits, in its
  // order, and comes at once when it goes on.
  void pause();
  void go_on();
  bool paused() const { return paused_; }
  // From a thread of a plugin, if the process lives: now, or when it goes on.
  void arrive(uint32_t thread, std::function<void()> f);
  // By which timers run.
  SimClock& clock() { return clock_; }

  // Who is running: for stores and other plugins that answer from threads of their own.
  static constexpr uint32_t kOutside = 0;
  static constexpr uint32_t kStoreThread = 999'999;
  static constexpr uint32_t kBusThread = 999'998;
  template <class F>
  void as_thread(uint32_t thread, F&& f) {
    const uint32_t before = std::exchange(thread_, thread);
    f();
    thread_ = before;
  }
  template <class F>
  void as_shard(uint32_t shard, F&& f) {
    as_thread(thread_of_shard(shard), std::forward<F>(f));
  }
  bool on_shard(uint32_t shard) const { return thread_ == thread_of_shard(shard); }

  // When the shard has its turn, if it is not before `when_us`.
  uint64_t turn_at(uint32_t shard, uint64_t when_us) const;
  // Runs `f` as the shard, then may let it stand still for a while.
  void turn(uint32_t shard, const std::function<void()>& f);
  // The shard has been busy for so long with what took no time here.
  void charge(uint32_t shard, uint64_t ns);

  void post(uint32_t shard, Task fn, void* arg);
  void post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg);
  uint32_t queue_create(std::string_view name, uint32_t threads, uint32_t limit);
  Status queue_push(uint32_t queue, Task fn, void* arg);
  size_t pushed(std::string_view queue) const;  // jobs, ever, onto the queue of that name

  // Runs all that was posted and pushed, and what comes of it.
  void work_off();
  bool idle() const;

 private:
  struct Posted {
    Task fn;
    void* arg;
    uint32_t thread;  // it runs on
  };
  struct WorkQueue {
    std::string name;
    uint32_t threads;
    uint32_t limit;
    std::deque<Posted> waiting;
    std::vector<bool> busy;  // by thread
    size_t pushed = 0;       // ever
  };

  static uint32_t thread_of_shard(uint32_t shard) { return 1 + shard; }
  static uint32_t thread_of_queue(uint32_t queue, uint32_t thread) {
    return 1'000 * (queue + 1) + thread;
  }
  void run_task(uint64_t id);
  // When its own clock shows so much.
  void run_at(uint32_t shard, uint64_t own_us, uint64_t late_us, Task fn, void* arg);
  void dispatch(uint32_t queue);
  void work(uint32_t queue, uint32_t thread, uint64_t id);

  Scene& scene_;
  const uint32_t shards_;
  uint32_t thread_ = kOutside;
  bool dead_ = false;
  bool paused_ = false;
  std::deque<std::function<void()>> put_off_;  // until it goes on
  SimClock clock_;
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> last_post_us_;  // by thread and shard
  std::vector<uint64_t> stalled_until_us_;
  std::vector<uint64_t> owed_ns_;     // charged, and too short for the timeline. By shard
  std::map<uint64_t, Posted> tasks_;  // posted, not yet run
  uint64_t last_id_ = 0;
  std::vector<WorkQueue> queues_;
};

}  // namespace freshet::sim
