// plugins/bus-redis/publisher.h: the connection that publishes.
//
// What was published while a write was under way goes together with the next.
#pragma once

#include <atomic>
#include <stop_token>
#include <string>

#include "bus-redis/wire.h"
#include "freshet/bus/contact.h"
#include "freshet/bus/outgoing.h"
#include "freshet/host.h"

namespace freshet::redis {

class Publisher {
 public:
  // Borrows all but the host.
  Publisher(const Options& options, Host host, Outgoing& outgoing, Contact& contact);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // A thread of its own, until it is stopped. What waits then is sent, if that goes on.
  void serve(const std::stop_token& stop);

  // The server will not have this user, or what it wants. [any]
  bool is_refused() const { return is_refused_; }
  void count_dropped(size_t messages) { dropped_.add(static_cast<int64_t>(messages)); }  // [any]

 private:
  bool open();
  void lost();
  // False: nothing waited, or it was lost.
  bool work();
  void publish(const std::vector<Outgoing::Message>& messages);

  const std::string prefix_;
  const std::string shown_;
  Outgoing& outgoing_;
  Contact& contact_;
  const Metric sent_, dropped_;
  Wire wire_;
  Outgoing::Clock::time_point asked_{};
  std::atomic<bool> is_refused_ = false;
};

}  // namespace freshet::redis
