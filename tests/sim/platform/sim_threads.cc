#include "sim/platform/sim_threads.h"

#include <algorithm>

namespace freshet::sim {
SimThreads::SimThreads(Scene& scene, uint32_t shards)
    : scene_(scene), shards_(shards), stalled_until_us_(shards, 0), owed_ns_(shards, 0) {}

void SimThreads::require(bool kept, const char* rule) const {
  if (!kept && !dead_) scene_.verdict.broke(Broken::platform_contract, rule);
}

// ---- shards

uint64_t SimThreads::turn_at(uint32_t shard, uint64_t when_us) const {
  return std::max(when_us, stalled_until_us_[shard]);
}

void SimThreads::turn(uint32_t shard, const std::function<void()>& f) {
  if (dead_) return;
  if (paused_) return put_off_.push_back([this, shard, f] { turn(shard, f); });
  as_shard(shard, f);
  if (scene_.chance.percent(scene_.weather.stall_percent)) {
    // Only what comes from now on waits, so that order is kept.
    const uint64_t until_us = scene_.timeline.now_us() + scene_.within(scene_.weather.stall);
    stalled_until_us_[shard] = turn_at(shard, until_us);
  }
}

void SimThreads::charge(uint32_t shard, uint64_t ns) {
  owed_ns_[shard] += ns;
  stalled_until_us_[shard] = turn_at(shard, scene_.timeline.now_us()) + owed_ns_[shard] / kNsOfUs;
  owed_ns_[shard] %= kNsOfUs;
}

void SimThreads::post(uint32_t shard, Task fn, void* arg) {
  const uint64_t id = ++last_id_;
  tasks_.emplace(id, Posted{fn, arg, thread_of_shard(shard)});
  if (dead_) return;
  uint64_t& last_us = last_post_us_[{thread_, shard}];
  const uint64_t sent_us = scene_.timeline.now_us() + scene_.within(scene_.weather.post);
  last_us = std::max(last_us, turn_at(shard, sent_us));
  scene_.timeline.at(last_us, [this, id, shard] { turn(shard, [this, id] { run_task(id); }); });
}

void SimThreads::run_task(uint64_t id) {
  const auto it = tasks_.find(id);
  const Posted task = it->second;
  tasks_.erase(it);
  task.fn(task.arg);
}

void SimThreads::post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) {
  if (dead_) return;
  require(on_shard(shard), "post_after is called on its own shard");
  const Range late = scene_.weather.timer_late;
  const uint64_t late_us = late.high_us == 0 ? 0 : scene_.within(late);
  const uint64_t own_us = clock_.own_us(scene_.timeline.now_us());
  run_at(shard, own_us + delay_ms * kMs, late_us, fn, arg);
}

void SimThreads::run_at(uint32_t shard, uint64_t own_us, uint64_t late_us, Task fn, void* arg) {
  const uint64_t now_us = scene_.timeline.now_us();
  const uint64_t due_us = now_us + clock_.true_us_of(own_us - clock_.own_us(now_us)) + late_us;
  scene_.timeline.at(turn_at(shard, due_us), [this, shard, own_us, fn, arg] {
    turn(shard, [this, shard, own_us, fn, arg] {
      // Its clock may have stood still meanwhile.
      if (clock_.own_us(scene_.timeline.now_us()) < own_us) {
        return run_at(shard, own_us, 0, fn, arg);
      }
      fn(arg);
    });
  });
}

// ---- workers

uint32_t SimThreads::queue_create(std::string_view name, uint32_t threads, uint32_t limit) {
  queues_.push_back({std::string(name), threads, limit, {}, std::vector<bool>(threads, false)});
  return static_cast<uint32_t>(queues_.size() - 1);
}

Status SimThreads::queue_push(uint32_t queue, Task fn, void* arg) {
  WorkQueue& q = queues_[queue];
  if (q.waiting.size() >= q.limit) return Status::limit;
  q.waiting.push_back({fn, arg, 0});
  ++q.pushed;
  if (!dead_) dispatch(queue);
  return Status::ok;
}

size_t SimThreads::pushed(std::string_view queue) const {
  const auto it =
      std::ranges::find_if(queues_, [&](const WorkQueue& each) { return each.name == queue; });
  return it == queues_.end() ? 0 : it->pushed;
}

void SimThreads::dispatch(uint32_t queue) {
  WorkQueue& q = queues_[queue];
  for (uint32_t thread = 0; thread < q.threads && !q.waiting.empty(); ++thread) {
    if (q.busy[thread]) continue;
    q.busy[thread] = true;
    Posted job = q.waiting.front();
    q.waiting.pop_front();
    const uint64_t id = ++last_id_;
    job.thread = thread_of_queue(queue, thread);
    tasks_.emplace(id, job);
    scene_.timeline.after(scene_.within(scene_.weather.worker),
                          [this, queue, thread, id] { work(queue, thread, id); });
  }
}

void SimThreads::work(uint32_t queue, uint32_t thread, uint64_t id) {
  arrive(thread_of_queue(queue, thread), [this, queue, thread, id] {
    run_task(id);
    queues_[queue].busy[thread] = false;
    dispatch(queue);
  });
}

// ---- standing still

void SimThreads::pause() { paused_ = true; }

void SimThreads::go_on() {
  paused_ = false;
  for (const auto& each : std::exchange(put_off_, {})) each();
}

void SimThreads::arrive(uint32_t thread, std::function<void()> f) {
  if (dead_) return;
  if (paused_) return put_off_.push_back([this, thread, f = std::move(f)] { arrive(thread, f); });
  as_thread(thread, f);
}

// ---- the end

void SimThreads::work_off() {
  while (!idle()) {
    while (!tasks_.empty()) {
      const auto [task_id, task] = *tasks_.begin();
      as_thread(task.thread, [this, id = task_id] { run_task(id); });
    }
    for (uint32_t i = 0; i < queues_.size(); ++i) {
      while (!queues_[i].waiting.empty()) {
        const Posted job = queues_[i].waiting.front();
        queues_[i].waiting.pop_front();
        as_thread(thread_of_queue(i, 0), [&] { job.fn(job.arg); });
      }
    }
  }
}

bool SimThreads::idle() const {
  return tasks_.empty() &&
         std::ranges::all_of(queues_, [](const WorkQueue& q) { return q.waiting.empty(); });
}

}  // namespace freshet::sim
