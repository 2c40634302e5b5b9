#include "bus-redis/subscriber.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "bus-redis/limits.h"

namespace freshet::redis {

Subscriber::Subscriber(const Options& options, Host host, Contact& contact)
    : prefix_(options.prefix()),
      shown_(options.address.shown()),
      woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      contact_(contact),
      heard_(host.counter("freshet_bus_heard_total", "Messages that were heard.")),
      wire_(options) {}

Subscriber::~Subscriber() { ::close(woken_); }

void Subscriber::wake() { ::eventfd_write(woken_, 1); }

bool Subscriber::subscribe(std::string_view topic, LateReply done) {
  {
    const std::lock_guard lock(mutex_);
    wanted_.emplace(topic);
    if (!hearing_) {
      missed_ = true;
      return false;
    }
    orders_.push_back({std::string(topic), done});
  }
  wake();
  return true;
}

void Subscriber::unsubscribe(std::string_view topic) {
  {
    const std::lock_guard lock(mutex_);
    const auto it = wanted_.find(topic);
    if (it == wanted_.end()) return;
    wanted_.erase(it);
    if (!hearing_) return;
    orders_.push_back({std::string(topic), std::nullopt});
  }
  wake();
}

void Subscriber::say_missed_again() {
  {
    const std::lock_guard lock(mutex_);
    if (!hearing_) return;
    missed_ = true;
  }
  wake();
}

void Subscriber::serve(const std::stop_token& stop, Hearer hearer) {
  while (!stop.stop_requested()) {
    if (open(hearer)) {
      while (!stop.stop_requested() && listen(hearer)) {
      }
    }
    if (stop.stop_requested()) return;
    lost();
    contact_.pause(stop, Contact::Way::hears);
  }
}

// About nothing, first: it shows whether this user may subscribe, and lets the connection be asked
// as one that is subscribed.
bool Subscriber::open(Hearer hearer) {
  if (!wire_.open() || !subscribe_all({""}, hearer)) return false;
  Topics on;
  for (bool more = true; more;) {
    auto [missing, unwanted] = differences(on);
    more = !missing.empty() || !unwanted.empty();
    if (!subscribe_all(missing, hearer)) return false;
    for (const std::string& topic : unwanted) {
      wire_.add({"UNSUBSCRIBE", channel(topic)});
      on.erase(topic);
    }
    if (!wire_.write()) return false;
    on.insert(missing.begin(), missing.end());
  }
  is_refused_ = false;
  contact_.up(Contact::Way::hears);
  tell_missed(hearer);
  return true;
}

void Subscriber::tell_missed(Hearer hearer) {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(missed_, false)) return;
  }
  hearer.missed();
}

std::pair<std::vector<std::string>, std::vector<std::string>> Subscriber::differences(
    const Topics& on) {
  std::pair<std::vector<std::string>, std::vector<std::string>> out;
  const std::lock_guard lock(mutex_);
  for (const std::string& topic : wanted_) {
    if (!on.contains(topic)) out.first.push_back(topic);
  }
  for (const std::string& topic : on) {
    if (!wanted_.contains(topic)) out.second.push_back(topic);
  }
  hearing_ = out.first.empty() && out.second.empty();
  return out;
}

bool Subscriber::subscribe_all(const std::vector<std::string>& topics, Hearer hearer) {
  for (size_t begin = 0; begin < topics.size(); begin += kMaxChannelsAtOnce) {
    const size_t end = std::min(begin + kMaxChannelsAtOnce, topics.size());
    std::vector<std::string> channels;
    for (size_t i = begin; i < end; ++i) channels.push_back(channel(topics[i]));
    Wire::Words command = {"SUBSCRIBE"};
    command.insert(command.end(), channels.begin(), channels.end());
    wire_.add(command);
    for (acknowledged_ = 0; acknowledged_ < channels.size();) {
      const Answered reply = wire_.next();
      if (!reply || !take(*reply, hearer)) return false;
    }
  }
  news_ = Clock::now();
  return true;
}

void Subscriber::lost() {
  std::vector<Order> given_up(std::make_move_iterator(unanswered_.begin()),
                              std::make_move_iterator(unanswered_.end()));
  unanswered_.clear();
  {
    const std::lock_guard lock(mutex_);
    missed_ = missed_ || hearing_;
    hearing_ = false;
    std::ranges::move(orders_, std::back_inserter(given_up));
    orders_.clear();
  }
  is_refused_ = wire_.trouble().for_good;
  contact_.down(Contact::Way::hears, wire_.trouble().brief,
                "cannot subscribe by Redis at " + shown_ + ": " + wire_.trouble().words);
  for (const Order& order : given_up) {
    if (order.done) order.done->done(Status::retry);
  }
}

bool Subscriber::listen(Hearer hearer) {
  const auto next = news_ + (asked_ ? kQuiet + std::chrono::milliseconds(kMaxAnswerMs) : kQuiet);
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
  pollfd sockets[] = {{wire_.descriptor(), POLLIN, 0}, {woken_, POLLIN, 0}};
  ::poll(sockets, 2, static_cast<int>(std::max<int64_t>(wait.count(), 0)));
  if (sockets[1].revents != 0) {
    if (!carry_out_orders()) return false;
    tell_missed(hearer);
  }
  if (sockets[0].revents != 0) {
    if (!wire_.read() || !take_all(hearer)) return false;
    news_ = Clock::now();
    asked_ = false;
  }
  if (Clock::now() < next) return true;
  if (asked_) return wire_.fail({"the connection to Redis was lost", "no answer came in time"});
  asked_ = true;
  wire_.add({"PING"});
  return wire_.write();
}

bool Subscriber::carry_out_orders() {
  eventfd_t count = 0;
  ::eventfd_read(woken_, &count);
  std::vector<Order> orders;
  {
    const std::lock_guard lock(mutex_);
    orders.swap(orders_);
  }
  for (Order& order : orders) {
    wire_.add({order.done ? "SUBSCRIBE" : "UNSUBSCRIBE", channel(order.topic)});
    if (order.done) unanswered_.push_back(std::move(order));
  }
  return orders.empty() || wire_.write();
}

bool Subscriber::take_all(Hearer hearer) {
  while (const Answered reply = wire_.next_read()) {
    if (!take(*reply, hearer)) return false;
  }
  return wire_.is_open();
}

// What the server says to whoever is subscribed: [what, channel, ...].
bool Subscriber::take(const redisReply& reply, Hearer hearer) {
  if (reply.type == REDIS_REPLY_ERROR) return wire_.fail(reply);
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3) return true;  // PONG
  const std::string_view what = text_of(*reply.element[0]);
  std::string_view topic = text_of(*reply.element[1]);
  topic.remove_prefix(std::min(prefix_.size(), topic.size()));
  if (what == "subscribe") {
    acknowledged(topic);
  } else if (what == "message" && !topic.empty()) {
    heard_.add();
    hearer.hear(topic, as_bytes(text_of(*reply.element[2])));
  }
  return true;
}

// In the order in which they were written.
void Subscriber::acknowledged(std::string_view topic) {
  ++acknowledged_;
  if (unanswered_.empty() || unanswered_.front().topic != topic) return;
  const Order order = std::move(unanswered_.front());
  unanswered_.pop_front();
  order.done->done(Status::ok);
}

}  // namespace freshet::redis
