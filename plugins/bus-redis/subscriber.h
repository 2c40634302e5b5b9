// plugins/bus-redis/subscriber.h: the connection that is subscribed.
//
// One channel for each topic. Calls leave an order for the thread, which writes it, and answers
// when the server has.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bus-redis/wire.h"
#include "freshet/bus.h"
#include "freshet/bus/contact.h"
#include "freshet/host.h"

namespace freshet::redis {

class Subscriber {
 public:
  // Borrows the options and the contact.
  Subscriber(const Options& options, Host host, Contact& contact);
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // A thread of its own, until it is stopped and woken.
  void serve(const std::stop_token& stop, Hearer hearer);
  void wake();

  // False: it cannot be heard now, and there is no answer to come. [any]
  bool subscribe(std::string_view topic, LateReply done);
  void unsubscribe(std::string_view topic);
  // Whoever subscribed was told that it cannot be heard. If meanwhile it is, missed() may have been
  // said too early for that: it is said once more. [any]
  void say_missed_again();

  // The server will not have this user, or what it wants. [any]
  bool is_refused() const { return is_refused_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Topics = std::unordered_set<std::string, Hash, std::equal_to<>>;

  struct Order {
    std::string topic;
    std::optional<LateReply> done;  // to subscribe; none: to unsubscribe
  };

  bool open(Hearer hearer);
  void lost();
  void tell_missed(Hearer hearer);
  // What is wanted and not yet on, and the other way round; nothing of either: from now on all is
  // heard.
  std::pair<std::vector<std::string>, std::vector<std::string>> differences(const Topics& on);
  bool subscribe_all(const std::vector<std::string>& topics, Hearer hearer);
  // False: the connection was lost.
  bool listen(Hearer hearer);
  bool carry_out_orders();
  bool take_all(Hearer hearer);
  bool take(const redisReply& reply, Hearer hearer);
  void acknowledged(std::string_view topic);
  std::string channel(std::string_view topic) const { return prefix_ + std::string(topic); }

  const std::string prefix_;
  const std::string shown_;
  const int woken_;  // an eventfd
  Contact& contact_;
  const Metric heard_;
  Wire wire_;
  Clock::time_point news_{};  // when something came last
  bool asked_ = false;        // since then
  std::deque<Order> unanswered_;
  size_t acknowledged_ = 0;
  std::atomic<bool> is_refused_ = false;

  std::mutex mutex_;
  Topics wanted_;
  std::vector<Order> orders_;
  bool hearing_ = false;
  bool missed_ = false;
};

}  // namespace freshet::redis
