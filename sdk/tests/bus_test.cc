// A bus in memory: what it passes the contract is tested by, and what may go wrong in one.
#include "freshet/bus.h"

#include <gtest/gtest.h>

#include <map>
#include <new>
#include <set>
#include <stdexcept>

#include "freshet/bus/contact.h"
#include "freshet/bus/outgoing.h"
#include "freshet/plugin.h"
#include "freshet/testing/bus_contract.h"

namespace freshet::testing {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// All the places there are; a message is heard before publish() returns.
class Air {
 public:
  struct Ear {
    explicit Ear(Hearer h) : hearer(h) {}

    std::recursive_mutex mutex;
    Hearer hearer;
    std::set<std::string, std::less<>> topics;
  };

  void listen(const std::string& place, Ear& ear) {
    const std::lock_guard lock(mutex_);
    ears_[place].insert(&ear);
  }
  void leave(const std::string& place, Ear& ear) {
    const std::lock_guard lock(mutex_);
    ears_[place].erase(&ear);
  }
  void publish(const std::string& place, std::string_view topic, Bytes message) {
    const std::lock_guard lock(mutex_);
    for (Ear* ear : ears_[place]) {
      const std::lock_guard one(ear->mutex);
      if (ear->topics.contains(topic)) ear->hearer.hear(topic, message);
    }
  }

 private:
  std::recursive_mutex mutex_;  // whoever hears may publish
  std::map<std::string, std::set<Ear*>> ears_;
};

constexpr auto kBusName = [](const ::testing::TestParamInfo<BusFactory>& info) {
  return info.param.name;
};

Air& air() {
  static Air all;
  return all;
}

class MemoryBus final : public Bus {
 public:
  static constexpr freshet_setting kSettings[] = {setting::text("place", "", "Where it is.")};
  static constexpr About kAbout{.id = "bus-memory", .version = "1.0.0", .settings = kSettings};

  static Result<std::unique_ptr<MemoryBus>> create(Host host) {
    return std::unique_ptr<MemoryBus>(new MemoryBus(host.text("place")));
  }
  ~MemoryBus() {
    if (ear_) air().leave(place_, *ear_);
  }

  BusTraits traits() override { return {place_, 1 << 20, 1 << 16}; }
  Status start(Hearer hearer) override {
    ear_ = std::make_unique<Air::Ear>(hearer);
    air().listen(place_, *ear_);
    return Status::ok;
  }
  void subscribe(std::string_view topic, LateReply done) override {
    if (topic.size() > FRESHET_BUS_TOPIC_BYTES) return done.done(Status::too_large);
    {
      const std::lock_guard lock(ear_->mutex);
      ear_->topics.emplace(topic);
    }
    done.done(Status::ok);
  }
  void unsubscribe(std::string_view topic) override {
    const std::lock_guard lock(ear_->mutex);
    if (const auto it = ear_->topics.find(topic); it != ear_->topics.end()) ear_->topics.erase(it);
  }
  Status publish(std::string_view topic, Bytes message) override {
    if (topic.size() > FRESHET_BUS_TOPIC_BYTES || message.size() > traits().most_bytes) {
      return Status::too_large;
    }
    air().publish(place_, topic, message);
    return Status::ok;
  }

 private:
  explicit MemoryBus(std::string_view place) : place_(place) {}

  const std::string place_;
  std::unique_ptr<Air::Ear> ear_;
};

// Throws what it is asked for.
class UnrulyBus final : public Bus {
 public:
  BusTraits traits() override { throw std::logic_error("no traits"); }
  Status start(Hearer) override { return Status::unsupported; }
  void subscribe(std::string_view topic, LateReply done) override {
    if (topic == "memory") throw std::bad_alloc();
    if (topic == "fire") throw std::runtime_error("the wire is on fire");
    done.done(topic == "down" ? Status::retry : Status::ok);
  }
  void unsubscribe(std::string_view) override { throw 42; }
  Status publish(std::string_view topic, Bytes message) override {
    if (topic == "fire") throw std::runtime_error("the wire is on fire");
    return message.size() > 3 ? Status::too_large : Status::limit;
  }
};

class BusBorder : public ::testing::Test {
 protected:
  FakeHost host_;
  UnrulyBus impl_;
  Bound<Bus> bound_{impl_, host_.host()};
  BusCaller bus_{bound_.table()};
};

std::string text_of(const Outgoing::Taken& taken) {
  std::string out;
  for (const auto& message : taken.messages) {
    out += message.topic + ":" + std::string(as_text(message.bytes)) + " ";
  }
  return out + std::to_string(taken.dropped);
}

Outgoing::Bounds bounds(milliseconds longest_wait = seconds(100)) {
  return {.topic_bytes = 4,
          .message_bytes = 8,
          .queued_bytes = 3 * (sizeof(Outgoing::Message) + 8),
          .longest_wait = longest_wait};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, BusContract,
                         ::testing::Values(BusFactory{
                             .name = "memory",
                             .open = [](const std::string& place) -> std::unique_ptr<OpenBus> {
                               return std::make_unique<OpenPluginBus<MemoryBus>>(
                                   [&](FakeHost& host) { host.set("place", place); });
                             },
                             .open_down = nullptr}),
                         kBusName);

// ---- the border

TEST_F(BusBorder, WhatASubscribeThrowsIsItsAnswerAndGivenOnce) {
  const std::pair<const char*, Status> cases[] = {{"memory", Status::retry},
                                                  {"fire", Status::internal},
                                                  {"down", Status::retry},
                                                  {"r", Status::ok}};
  for (const auto& [topic, status] : cases) {
    Answer answer;
    bus_.subscribe(topic, answer);
    EXPECT_EQ(answer.wait(), status) << topic;
    EXPECT_EQ(answer.times_done(), 1) << topic;
  }
  EXPECT_TRUE(host_.logged("the wire is on fire"));
}

TEST_F(BusBorder, StatusesPassAndExceptionsBecomeOne) {
  EXPECT_EQ(bus_.start(), Status::unsupported);
  EXPECT_EQ(bus_.publish("r", "long"), Status::too_large);
  EXPECT_EQ(bus_.publish("r", "x"), Status::limit);
  EXPECT_EQ(bus_.publish("fire", "x"), Status::internal);
  bus_.unsubscribe("r");
  EXPECT_TRUE(host_.logged("threw something that is no std::exception"));
  EXPECT_EQ(bus_.traits().most_bytes, 0u);
  EXPECT_TRUE(host_.logged("no traits"));
}

TEST_F(BusBorder, ABusIsOfferedAsOne) {
  const freshet_plugin& plugin = *detail::describe<MemoryBus>();
  EXPECT_STREQ(plugin.offers[0], FRESHET_BUS_ID);
  EXPECT_EQ(plugin.offers[1], nullptr);
}

// ---- what waits to be sent

TEST(Outgoing, GivesWhatCameInItsOrderAndInParts) {
  Outgoing out(bounds());
  out.open();
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::ok);
  EXPECT_EQ(out.push("b", as_bytes("2")), Status::ok);
  EXPECT_EQ(out.push("a", as_bytes("3")), Status::ok);
  EXPECT_EQ(text_of(out.take(2 * (sizeof(Outgoing::Message) + 2))), "a:1 b:2 0");
  EXPECT_EQ(text_of(out.take(1)), "a:3 0") << "one at least";
  EXPECT_EQ(text_of(out.take(1)), "0");
}

TEST(Outgoing, HoldsItsBounds) {
  Outgoing out(bounds());
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::retry) << "it is not open";
  out.open();
  EXPECT_EQ(out.push("", as_bytes("1")), Status::malformed);
  EXPECT_EQ(out.push("a", {}), Status::malformed);
  EXPECT_EQ(out.push("12345", as_bytes("1")), Status::too_large);
  EXPECT_EQ(out.push("a", as_bytes("123456789")), Status::too_large);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(out.push("1234", as_bytes("1234")), Status::ok);
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::limit);
  EXPECT_EQ(out.take(1).messages.size(), 1u);
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::ok);
  EXPECT_EQ(out.close(), 3u);
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::retry);
  out.open();
  EXPECT_EQ(text_of(out.take(1000)), "0");
}

TEST(Outgoing, DropsWhatHasWaitedForTooLong) {
  Outgoing out(bounds(milliseconds(0)));
  out.open();
  EXPECT_EQ(out.push("a", as_bytes("1")), Status::ok);
  while (out.push("a", as_bytes("2")) != Status::retry) {
  }
  const Outgoing::Taken taken = out.take(1000);
  EXPECT_TRUE(taken.messages.empty());
  EXPECT_GE(taken.dropped, 1u);
  EXPECT_EQ(out.push("a", as_bytes("3")), Status::ok);
}

TEST(Outgoing, WakesWhoeverWaits) {
  Outgoing out(bounds());
  out.open();
  const auto later = Outgoing::Clock::now() + seconds(60);
  std::jthread other([&] { static_cast<void>(out.push("a", as_bytes("1"))); });
  out.wait_until({}, later);
  EXPECT_EQ(text_of(out.take(1000)), "a:1 0");
  std::jthread third([&] { out.wake(); });
  out.wait_until({}, later);
  std::stop_source source;
  std::jthread fourth([&] { source.request_stop(); });
  out.wait_until(source.get_token(), later);
  EXPECT_LT(Outgoing::Clock::now(), later);
}

// ---- whether somebody is there

TEST(Contact, TellsOnceThatItIsGoneAndOnceThatItIsBack) {
  FakeHost host;
  Contact contact(host.host(), "the wire");
  using enum Contact::Way;
  contact.up(hears);
  EXPECT_EQ(host.metric("freshet_bus_connected"), 0);
  contact.up(sends);
  EXPECT_EQ(host.metric("freshet_bus_connected"), 1);
  EXPECT_EQ(host.log(), "");
  for (int i = 0; i < 3; ++i) {
    contact.down(hears, "cut", "somebody cut it");
    contact.down(sends, "cut", "somebody cut it there");
  }
  EXPECT_EQ(host.metric("freshet_bus_connected"), 0);
  EXPECT_EQ(host.log().find("somebody cut it"), host.log().rfind("somebody cut it"));
  EXPECT_FALSE(contact.is_up(hears));
  contact.up(hears);
  EXPECT_FALSE(host.logged("answers again"));
  contact.up(sends);
  EXPECT_TRUE(host.logged("bus: the wire answers again"));
  EXPECT_EQ(host.metric("freshet_bus_connected"), 1);
  EXPECT_EQ(host.metric("freshet_bus_reconnects_total"), 2);
}

TEST(Contact, WaitsUntilBothWaysWereTried) {
  using enum Contact::Way;
  FakeHost host;
  Contact good(host.host(), "the wire"), bad(host.host(), "the wire");
  std::jthread others([&] {
    bad.down(hears, "cut", "cut");
    good.up(hears);
    good.up(sends);
  });
  bad.wait_tried(seconds(60));
  EXPECT_FALSE(bad.is_up(hears));
  good.wait_tried(seconds(60));
  EXPECT_TRUE(good.is_up(hears) && good.is_up(sends));
}

TEST(Contact, PausesUntilItIsToStop) {
  FakeHost host;
  Contact contact(host.host(), "the wire");
  std::stop_source source;
  std::jthread other([&] { source.request_stop(); });
  const auto begin = Contact::Clock::now();
  for (int i = 0; i < 8; ++i) contact.pause(source.get_token(), Contact::Way::sends);
  EXPECT_LT(Contact::Clock::now() - begin, Contact::kLongestPause);
}

}  // namespace freshet::testing
