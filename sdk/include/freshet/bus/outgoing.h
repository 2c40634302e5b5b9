// freshet/bus/outgoing.h: what a bus has yet to send.
//
// Any thread puts messages in, the one that sends takes them out, as many as have come while the
// last were under way. Open while there is somebody to send to. Nothing in it gets old: what has
// waited for too long is dropped and not sent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet {

class Outgoing {
 public:
  using Clock = std::chrono::steady_clock;

  struct Bounds {
    size_t topic_bytes = 0;
    size_t message_bytes = 0;
    size_t queued_bytes = 0;       // of all that waits
    Clock::duration longest_wait;  // of each
  };
  struct Message {
    std::string topic;
    std::vector<uint8_t> bytes;
    Clock::time_point since;
  };

  explicit Outgoing(const Bounds& bounds) : bounds_(bounds) {}
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  // What freshet_bus.publish answers. [any]
  Status push(std::string_view topic, Bytes message) {
    if (topic.empty() || message.empty()) return Status::malformed;
    if (topic.size() > bounds_.topic_bytes || message.size() > bounds_.message_bytes) {
      return Status::too_large;
    }
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    if (!open_ || (!waiting_.empty() && is_old(waiting_.front(), now))) return Status::retry;
    const size_t size = topic.size() + message.size() + sizeof(Message);
    if (queued_bytes_ + size > bounds_.queued_bytes) return Status::limit;
    waiting_.push_back({std::string(topic), {message.begin(), message.end()}, now});
    queued_bytes_ += size;
    changed_.notify_one();
    return Status::ok;
  }

  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
  }
  // Nobody is there to send to: `retry` until it is opened again. How many it drops with that.
  size_t close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    queued_bytes_ = 0;
    return std::exchange(waiting_, {}).size();
  }

  // Of whoever sends: until there is something to take, wake() was called, or it is time.
  void wait_until(const std::stop_token& stop, Clock::time_point until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [&] { return woken_ || !waiting_.empty(); });
    woken_ = false;
  }
  void wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_one();
  }

  struct Taken {
    std::vector<Message> messages;
    size_t dropped = 0;  // that had waited for too long
  };
  // The first that wait, of so many bytes together, but one at least.
  Taken take(size_t most_bytes) {
    Taken out;
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (size_t bytes = 0; !waiting_.empty() && bytes < most_bytes; waiting_.pop_front()) {
      Message& first = waiting_.front();
      const size_t size = first.topic.size() + first.bytes.size() + sizeof(Message);
      if (bytes > 0 && bytes + size > most_bytes) break;
      queued_bytes_ -= size;
      if (is_old(first, now)) {
        ++out.dropped;
        continue;
      }
      bytes += size;
      out.messages.push_back(std::move(first));
    }
    return out;
  }

 private:
  bool is_old(const Message& message, Clock::time_point now) const {
    return now - message.since > bounds_.longest_wait;
  }

  const Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Message> waiting_;
  size_t queued_bytes_ = 0;
  bool open_ = false;
  bool woken_ = false;
};

}  // namespace freshet
