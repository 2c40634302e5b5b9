// freshet/testing/bus_caller.h: a node on a bus, called through its C table: what it hears is kept.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "freshet/bus.h"
#include "freshet/plugin.h"
#include "freshet/testing.h"

namespace freshet::testing {

class BusCaller {
 public:
  using Messages = std::vector<std::string>;

  // How long a test waits for what is to come.
  static constexpr std::chrono::seconds kPatience{30};

  explicit BusCaller(const freshet_bus* bus) : bus_(bus) {}
  BusCaller(const BusCaller&) = delete;
  BusCaller& operator=(const BusCaller&) = delete;

  BusTraits traits() const {
    freshet_bus_traits out{};
    bus_->traits(bus_->self, &out);
    return {view(out.place), out.most_bytes, out.cheap_bytes};
  }
  Status start() { return Status{bus_->start(bus_->self, &hearer_)}; }

  // Waits for the answer.
  Status subscribe(std::string_view topic) {
    Answer answer;
    subscribe(topic, answer);
    return answer.wait();
  }
  void subscribe(std::string_view topic, Answer& answer) {
    bus_->subscribe(bus_->self, to_c(topic), answer.reply());
  }
  void unsubscribe(std::string_view topic) { bus_->unsubscribe(bus_->self, to_c(topic)); }

  Status publish(std::string_view topic, std::string_view message) {
    return Status{bus_->publish(bus_->self, to_c(topic), to_c(as_bytes(message)))};
  }
  // Waits while too much waits to be sent.
  Status send(std::string_view topic, std::string_view message) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    Status status = publish(topic, message);
    while (status == Status::limit && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      status = publish(topic, message);
    }
    return status;
  }

  // All that it has heard of a topic, in order.
  Messages heard(const std::string& topic) const {
    const std::lock_guard lock(mutex_);
    const auto it = heard_.find(topic);
    return it == heard_.end() ? Messages() : it->second;
  }
  // The same, once there are so many, or there is no more hope of it.
  Messages wait_heard(const std::string& topic, size_t count) {
    wait([&] { return heard_[topic].size() >= count; });
    return heard(topic);
  }
  size_t times_missed() const {
    const std::lock_guard lock(mutex_);
    return missed_;
  }
  // False: it was not said so often.
  bool wait_missed(size_t times) {
    return wait([&] { return missed_ >= times; });
  }
  // Called for whatever is heard, in the thread that brings it. Before start().
  void on_hear(std::function<void(const std::string& topic, const std::string& message)> call) {
    on_hear_ = std::move(call);
  }

 private:
  template <class Holds>
  bool wait(Holds&& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, std::forward<Holds>(holds));
  }
  void hear(std::string topic, std::string message) {
    if (on_hear_) on_hear_(topic, message);
    const std::lock_guard lock(mutex_);
    heard_[std::move(topic)].push_back(std::move(message));
    changed_.notify_all();
  }
  void missed() {
    const std::lock_guard lock(mutex_);
    ++missed_;
    changed_.notify_all();
  }

  const freshet_bus* bus_;
  std::function<void(const std::string&, const std::string&)> on_hear_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Messages> heard_;
  size_t missed_ = 0;
  const freshet_hearer hearer_ = {
      .size = sizeof(freshet_hearer),
      .ctx = this,
      .hear =
          [](void* ctx, freshet_str topic, freshet_bytes message) {
            static_cast<BusCaller*>(ctx)->hear(std::string(view(topic)),
                                               std::string(as_text(view(message))));
          },
      .missed = [](void* ctx) { static_cast<BusCaller*>(ctx)->missed(); },
  };
};

// A bus of a plugin class, with settings of the test's, and its caller.
template <PluginClass P>
class CalledBus {
 public:
  // `set_up` gives the host what is set.
  explicit CalledBus(const std::function<void(FakeHost&)>& set_up) : host_(P::kAbout.settings) {
    set_up(host_);
    auto made = make_plugin<P>(host_.host());
    if (!made) return;
    plugin_ = *std::move(made);
    bound_.emplace(static_cast<Bus&>(*plugin_), host_.host());
    caller_.emplace(bound_->table());
  }
  CalledBus(const CalledBus&) = delete;
  CalledBus& operator=(const CalledBus&) = delete;

  BusCaller* operator->() { return &*caller_; }
  BusCaller& operator*() { return *caller_; }
  const FakeHost& host() const { return host_; }
  int64_t metric(const std::string& name) const { return host_.metric("freshet_bus_" + name); }
  // As the end of a server.
  void end() { plugin_.reset(); }

 private:
  FakeHost host_;
  std::optional<BusCaller> caller_;
  std::optional<Bound<Bus>> bound_;
  std::unique_ptr<P> plugin_;  // the last: destroyed before who hears of it
};

// Waits for a fact, within the patience of a test.
template <class Fact>
bool comes_true(Fact&& fact) {
  const auto deadline = std::chrono::steady_clock::now() + BusCaller::kPatience;
  while (!fact()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Publishes until it is heard: what went before a connection was back is lost.
inline bool flows(BusCaller& from, BusCaller& to, const std::string& topic) {
  static int count = 0;
  const std::string mark = "mark " + std::to_string(++count);
  return comes_true([&] {
    static_cast<void>(from.publish(topic, mark));
    const BusCaller::Messages heard = to.heard(topic);
    return std::ranges::find(heard, mark) != heard.end();
  });
}

}  // namespace freshet::testing
