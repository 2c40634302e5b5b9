// worker_queue.h: threads that may block, and what waits for them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "freshet/host.h"
#include "freshet/result.h"

namespace freshet::ws {

// A bounded first-in-first-out queue. Its threads live from start() to destruction; the
// destructor runs everything that was pushed first.
class WorkerQueue {
 public:
  using Task = void (*)(void*);
  // `run` executes one task and may not throw.
  WorkerQueue(size_t limit, std::function<void(Task, void*)> run);
  ~WorkerQueue();
  WorkerQueue(const WorkerQueue&) = delete;
  WorkerQueue& operator=(const WorkerQueue&) = delete;

  // Once. False: so many threads are not to be had, and the log says so.
  bool start(const std::string& name, uint32_t threads, Host host);

  // Status::limit: as many as `limit` wait already. [any]
  Status push(Task task, void* arg);

 private:
  struct Job {
    Task task;
    void* arg;
  };
  void serve();

  const size_t limit_;
  const std::function<void(Task, void*)> run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace freshet::ws
