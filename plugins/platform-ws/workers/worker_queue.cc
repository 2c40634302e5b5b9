#include "platform-ws/workers/worker_queue.h"

#include <utility>

#include "platform-ws/workers/threads.h"

namespace freshet::ws {

WorkerQueue::WorkerQueue(size_t limit, std::function<void(Task, void*)> run)
    : limit_(limit), run_(std::move(run)) {}

bool WorkerQueue::start(const std::string& name, uint32_t threads, Host host) {
  for (uint32_t i = 0; i < threads; ++i) {
    if (!start_thread(threads_, "w:" + name, [this] { serve(); }, host, "`shards`, or plugins")) {
      return false;
    }
  }
  return true;
}

WorkerQueue::~WorkerQueue() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status WorkerQueue::push(Task task, void* arg) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= limit_) return Status::limit;
    jobs_.push_back({task, arg});
  }
  wake_.notify_one();
  return Status::ok;
}

void WorkerQueue::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    run_(job.task, job.arg);
    lock.lock();
  }
}

}  // namespace freshet::ws
