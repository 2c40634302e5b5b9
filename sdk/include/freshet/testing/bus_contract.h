// freshet/testing/bus_contract.h: what every bus promises, as GoogleTest cases.
//
// Include it in one source file of a test program (it defines tests) and name the buses to try:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, freshet::testing::BusContract,
//       ::testing::Values(freshet::testing::BusFactory{"mine", open_mine, open_where_nobody_is}));
//
// Each test has two places of its own, with two nodes on one and a third on the other. Nothing may
// break meanwhile: what a bus does then is for tests of its own.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "freshet/plugin.h"
#include "freshet/testing/bus_caller.h"

namespace freshet::testing {

// A bus that was created; ending it is destroying this.
class OpenBus {
 public:
  virtual ~OpenBus() = default;
  virtual const freshet_bus* table() const = 0;
};

// How to make the bus under test. Null when it cannot be created.
struct BusFactory {
  std::string name;
  // Those that are given the same word hear each other. What it says is the bus's to make
  // something of: a name of a cluster, a folder, a port.
  std::function<std::unique_ptr<OpenBus>(const std::string& place)> open;
  // One whose settings are good, where nobody answers; null for a bus that knows no such thing.
  std::function<std::unique_ptr<OpenBus>()> open_down;
};

inline std::ostream& operator<<(std::ostream& out, const BusFactory& f) { return out << f.name; }

// A plugin class, created with a host and called through its C table, as the server would.
template <PluginClass P>
class OpenPluginBus final : public OpenBus {
 public:
  explicit OpenPluginBus(const std::function<void(FakeHost&)>& set_up) : host_(P::kAbout.settings) {
    set_up(host_);
    auto made = make_plugin<P>(host_.host());
    if (!made) return;
    plugin_ = *std::move(made);
    bound_.emplace(static_cast<Bus&>(*plugin_), host_.host());
  }
  bool ok() const { return plugin_ != nullptr; }
  const freshet_bus* table() const override { return bound_->table(); }
  const FakeHost& host() const { return host_; }

 private:
  FakeHost host_;
  std::unique_ptr<P> plugin_;
  std::optional<Bound<Bus>> bound_;
};

// A plugin's file, loaded as the server does that. It stays loaded.
class OpenLibraryBus final : public OpenBus {
 public:
  OpenLibraryBus(const std::string& file, const std::function<void(FakeHost&)>& set_up) {
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    void* entry = ::dlsym(library, "freshet_plugin_entry");
    plugin_ = reinterpret_cast<const freshet_plugin* (*)()>(entry)();
    host_.emplace(std::span(plugin_->settings, plugin_->setting_count));
    set_up(*host_);
    if (plugin_->create(host_->table(), &self_) != FRESHET_OK) self_ = nullptr;
  }
  ~OpenLibraryBus() override {
    if (ok()) plugin_->destroy(self_);
  }
  OpenLibraryBus(const OpenLibraryBus&) = delete;
  OpenLibraryBus& operator=(const OpenLibraryBus&) = delete;

  bool ok() const { return self_ != nullptr; }
  const freshet_bus* table() const override {
    return static_cast<const freshet_bus*>(plugin_->service(self_, FRESHET_BUS_ID));
  }

 private:
  const freshet_plugin* plugin_ = nullptr;
  std::optional<FakeHost> host_;
  void* self_ = nullptr;
};

// A node on a bus, until it is destroyed.
class BusNode {
 public:
  explicit BusNode(std::unique_ptr<OpenBus> open)
      : caller_(open->table()), open_(std::move(open)) {}
  BusCaller* operator->() { return &caller_; }
  BusCaller& operator*() { return caller_; }

 private:
  BusCaller caller_;
  std::unique_ptr<OpenBus> open_;  // the last: destroyed before who hears of it
};

class BusContract : public ::testing::TestWithParam<BusFactory> {
 protected:
  using Messages = BusCaller::Messages;

  void SetUp() override {
    static std::atomic<int> count = 0;
    const std::string own = std::to_string(++count);
    here_ = "here" + own;
    for (auto* node : {&ann_, &bob_}) ASSERT_TRUE(open(here_, *node));
    ASSERT_TRUE(open("elsewhere" + own, eve_));
  }
  void TearDown() override {
    for (auto* node : {&ann_, &bob_, &eve_}) node->reset();
  }

  // Two nodes of one place, and one of another.
  BusCaller& ann() { return **ann_; }
  BusCaller& bob() { return **bob_; }
  BusCaller& eve() { return **eve_; }
  const std::string& here() const { return here_; }

  bool open(const std::string& place, std::unique_ptr<BusNode>& node) {
    node = make(GetParam().open(place));
    return node != nullptr && (*node)->start() == Status::ok;
  }
  static std::unique_ptr<BusNode> make(std::unique_ptr<OpenBus> bus) {
    return bus == nullptr ? nullptr : std::make_unique<BusNode>(std::move(bus));
  }

  // Whatever was published before has arrived once this was heard: of one thread, on one topic.
  static void settle(BusCaller& from, BusCaller& to, const std::string& topic) {
    ASSERT_EQ(from.send(topic, "the end"), Status::ok);
    const auto deadline = std::chrono::steady_clock::now() + BusCaller::kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      const Messages heard = to.heard(topic);
      if (!heard.empty() && heard.back() == "the end") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ADD_FAILURE() << "what was published about \"" << topic << "\" was not heard";
  }

  // Bytes of all kinds, another for each seed.
  static std::string bytes_of(size_t size, unsigned seed) {
    std::string out(size, '\0');
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 131 + i / 251 + seed);
    return out;
  }

 private:
  std::string here_;
  std::unique_ptr<BusNode> ann_, bob_, eve_;
};

// ---- who hears

TEST_P(BusContract, ThoseWhoSubscribedHearAndOthersDoNot) {
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  ASSERT_EQ(ann().subscribe("end"), Status::ok);
  ASSERT_EQ(eve().subscribe("r"), Status::ok);
  ASSERT_EQ(bob().send("s", "of another topic"), Status::ok);
  ASSERT_EQ(bob().send("r", "hello"), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", 1), Messages{"hello"});
  settle(bob(), ann(), "end");
  EXPECT_EQ(ann().heard("r"), Messages{"hello"});
  EXPECT_EQ(ann().heard("s"), Messages{});
}

TEST_P(BusContract, EachOfManyNodesHears) {
  std::vector<std::unique_ptr<BusNode>> nodes(3);
  for (auto& node : nodes) {
    ASSERT_TRUE(open(here(), node));
    ASSERT_EQ((*node)->subscribe("r"), Status::ok);
  }
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  ASSERT_EQ(bob().send("r", "hello"), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", 1), Messages{"hello"});
  for (auto& node : nodes) EXPECT_EQ((*node)->wait_heard("r", 1), Messages{"hello"});
}

TEST_P(BusContract, AnotherPlaceHearsNothing) {
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  ASSERT_EQ(eve().subscribe("r"), Status::ok);
  ASSERT_EQ(bob().send("r", "here"), Status::ok);
  ASSERT_EQ(eve().send("r", "elsewhere"), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", 1), Messages{"here"});
  settle(bob(), ann(), "r");
  EXPECT_EQ(ann().heard("r"), (Messages{"here", "the end"}));
  for (const std::string& each : eve().heard("r")) EXPECT_EQ(each, "elsewhere");
}

TEST_P(BusContract, WhoeverAnswersAMessageIsHeardInTurn) {
  std::unique_ptr<BusNode> echo = make(GetParam().open(here()));
  ASSERT_NE(echo, nullptr);
  BusCaller& caller = **echo;
  caller.on_hear([&](const std::string&, const std::string& message) {
    static_cast<void>(caller.publish("answers", message + "!"));
  });
  ASSERT_EQ(caller.start(), Status::ok);
  ASSERT_EQ(caller.subscribe("questions"), Status::ok);
  ASSERT_EQ(ann().subscribe("answers"), Status::ok);
  ASSERT_EQ(bob().send("questions", "one"), Status::ok);
  ASSERT_EQ(bob().send("questions", "two"), Status::ok);
  EXPECT_EQ(ann().wait_heard("answers", 2), (Messages{"one!", "two!"}));
}

// ---- what is heard

TEST_P(BusContract, WhatOneThreadPublishesIsHeardInItsOrder) {
  constexpr int kMessages = 3000;
  const size_t large = bob().traits().cheap_bytes + 1;
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  Messages expected;
  for (int i = 0; i < kMessages; ++i) {
    std::string message = std::to_string(i);
    if (i % 500 == 250) message.resize(large, '.');  // it may go another way
    ASSERT_EQ(bob().send("r", message), Status::ok);
    expected.push_back(std::move(message));
  }
  EXPECT_TRUE(ann().wait_heard("r", kMessages) == expected);
}

TEST_P(BusContract, EqualMessagesAreHeardEach) {
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(bob().send("r", "again"), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", 100), Messages(100, "again"));
  settle(bob(), ann(), "r");
  EXPECT_EQ(ann().heard("r").size(), 101u);
}

TEST_P(BusContract, ATopicIsAnyBytes) {
  const std::vector<std::string> topics = {
      "a",
      std::string(1, '\0'),
      std::string("a\0b", 3),
      std::string("a\0c", 3),
      "a'b\"c\\d;--",
      "$1 %s @x {y} *?[z]",
      "line\r\nline\n",
      "\xf0\x9f\x8c\x8a caf\xc3\xa9",
      "\xff\xfe\x80",
      " ",
      std::string(255, 'x'),
      std::string(255, 'x') + "y",
      bytes_of(FRESHET_BUS_TOPIC_BYTES, 7),
  };
  for (const std::string& topic : topics) ASSERT_EQ(ann().subscribe(topic), Status::ok) << topic;
  for (const std::string& topic : topics) {
    ASSERT_EQ(bob().send(topic, "of " + topic), Status::ok) << topic;
  }
  for (const std::string& topic : topics) {
    EXPECT_EQ(ann().wait_heard(topic, 1), Messages{"of " + topic});
  }
}

TEST_P(BusContract, AMessageIsAnyBytes) {
  const std::vector<std::string> messages = {
      std::string(1, '\0'),   "'\"\\\r\n;--", std::string("\0\0a\0", 4), "\xff",
      std::string(3, '\xff'), "\xf0\x9f\x8c", bytes_of(256, 0),          bytes_of(4000, 1)};
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  for (const std::string& message : messages) ASSERT_EQ(bob().send("r", message), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", messages.size()), messages);
}

TEST_P(BusContract, AMessageOfAnySizeUpToTheMostIsHeardWhole) {
  const BusTraits traits = bob().traits();
  const std::string longest(FRESHET_BUS_TOPIC_BYTES, 't');
  for (const std::string& topic : {std::string("r"), longest}) {
    ASSERT_EQ(ann().subscribe(topic), Status::ok);
    Messages expected;
    for (const uint64_t size :
         {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{127}, uint64_t{128}, uint64_t{1000},
          traits.cheap_bytes - 1, traits.cheap_bytes, traits.cheap_bytes + 1,
          traits.cheap_bytes + 500, uint64_t{64} << 10, traits.most_bytes - 1, traits.most_bytes}) {
      if (size == 0 || size > traits.most_bytes) continue;
      expected.push_back(bytes_of(size, static_cast<unsigned>(size)));
      ASSERT_EQ(bob().send(topic, expected.back()), Status::ok) << size;
    }
    EXPECT_TRUE(ann().wait_heard(topic, expected.size()) == expected);
  }
}

TEST_P(BusContract, MoreThanTheMostIsTooLarge) {
  const std::string too_large(bob().traits().most_bytes + 1, 'x');
  const std::string too_long(FRESHET_BUS_TOPIC_BYTES + 1, 't');
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  EXPECT_EQ(bob().publish("r", too_large), Status::too_large);
  EXPECT_EQ(bob().publish(too_long, "x"), Status::too_large);
  EXPECT_EQ(bob().subscribe(too_long), Status::too_large);
  settle(bob(), ann(), "r");
  EXPECT_EQ(ann().heard("r"), Messages{"the end"});
}

// ---- from when and until when

TEST_P(BusContract, FromTheAnswerOnNothingIsMissed) {
  for (int i = 0; i < 200; ++i) {
    const std::string topic = "r" + std::to_string(i);
    ASSERT_EQ(ann().subscribe(topic), Status::ok);
    ASSERT_EQ(bob().send(topic, "first"), Status::ok);
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(ann().wait_heard("r" + std::to_string(i), 1), Messages{"first"});
  }
  EXPECT_EQ(ann().times_missed(), 0u);
}

TEST_P(BusContract, ManySubscribeAtOnce) {
  constexpr size_t kTopics = 1000;
  std::vector<std::unique_ptr<Answer>> answers;
  for (size_t i = 0; i < kTopics; ++i) {
    answers.push_back(std::make_unique<Answer>());
    ann().subscribe("r" + std::to_string(i), *answers.back());
  }
  for (auto& answer : answers) EXPECT_EQ(answer->wait(), Status::ok);
  for (size_t i = 0; i < kTopics; ++i) {
    ASSERT_EQ(bob().send("r" + std::to_string(i), std::to_string(i)), Status::ok);
  }
  for (size_t i = 0; i < kTopics; ++i) {
    EXPECT_EQ(ann().wait_heard("r" + std::to_string(i), 1), Messages{std::to_string(i)});
  }
}

TEST_P(BusContract, WhoeverUnsubscribedHearsNoMoreAndMaySubscribeAgain) {
  ASSERT_EQ(ann().subscribe("end"), Status::ok);
  for (size_t round = 0; round < 5; ++round) {
    ASSERT_EQ(ann().subscribe("r"), Status::ok);
    ASSERT_EQ(bob().send("r", "heard"), Status::ok);
    ASSERT_EQ(ann().wait_heard("r", round + 1).size(), round + 1);
    ann().unsubscribe("r");
    // What is under way may still come, so the first is let pass.
    ASSERT_EQ(bob().send("end", std::to_string(round)), Status::ok);
    ASSERT_EQ(ann().wait_heard("end", round + 1).size(), round + 1);
  }
  Answer again;
  ann().unsubscribe("never");
  ann().subscribe("r", again);
  ann().unsubscribe("r");
  EXPECT_EQ(again.wait(), Status::ok);
  ASSERT_EQ(ann().subscribe("after"), Status::ok);
  ASSERT_EQ(bob().send("r", "not heard"), Status::ok);
  settle(bob(), ann(), "end");
  EXPECT_EQ(ann().heard("r"), Messages(5, "heard"));
}

// ---- many threads

TEST_P(BusContract, ManyThreadsPublishAtOnce) {
  constexpr int kThreads = 8, kMessages = 500;
  ASSERT_EQ(ann().subscribe("all"), Status::ok);
  for (int t = 0; t < kThreads; ++t) {
    ASSERT_EQ(ann().subscribe("of " + std::to_string(t)), Status::ok);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kMessages; ++i) {
        EXPECT_EQ(bob().send("of " + std::to_string(t), std::to_string(i)), Status::ok);
        EXPECT_EQ(bob().send("all", std::to_string(t)), Status::ok);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Messages expected;
  for (int i = 0; i < kMessages; ++i) expected.push_back(std::to_string(i));
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(ann().wait_heard("of " + std::to_string(t), kMessages), expected);
  }
  const Messages all = ann().wait_heard("all", kThreads * kMessages);
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(std::ranges::count(all, std::to_string(t)), kMessages);
  }
}

TEST_P(BusContract, SubscribesWhileOthersPublish) {
  std::atomic<bool> over = false;
  std::thread noise([&] {
    for (int i = 0; !over; ++i) {
      static_cast<void>(bob().send("noise " + std::to_string(i % 50), "x"));
    }
  });
  for (int i = 0; i < 50; ++i) {
    const std::string topic = "noise " + std::to_string(i);
    EXPECT_EQ(ann().subscribe(topic), Status::ok);
    EXPECT_FALSE(ann().wait_heard(topic, 1).empty());
    ann().unsubscribe(topic);
  }
  over = true;
  noise.join();
}

// ---- the end, and the beginning

TEST_P(BusContract, EndsWithMuchUnderWay) {
  std::unique_ptr<BusNode> node;
  ASSERT_TRUE(open(here(), node));
  std::vector<std::unique_ptr<Answer>> answers;  // outlive the bus: it may still answer
  for (int i = 0; i < 200; ++i) {
    answers.push_back(std::make_unique<Answer>());
    (*node)->subscribe("r" + std::to_string(i), *answers.back());
    static_cast<void>((*node)->publish("r" + std::to_string(i), "x"));
    static_cast<void>(bob().publish("r" + std::to_string(i), "y"));
  }
  node.reset();
  for (const auto& answer : answers) EXPECT_LE(answer->times_done(), 1);
  ASSERT_EQ(ann().subscribe("r"), Status::ok);
  ASSERT_EQ(bob().send("r", "the others go on"), Status::ok);
  EXPECT_EQ(ann().wait_heard("r", 1), Messages{"the others go on"});
}

TEST_P(BusContract, ANodeThatWasNeverStartedEndsToo) {
  EXPECT_NE(make(GetParam().open(here())), nullptr);
}

// Nobody answers now, and may later: no reason not to start.
TEST_P(BusContract, StartsWhereNobodyAnswersAndSaysSo) {
  if (GetParam().open_down == nullptr) GTEST_SKIP() << "a bus that is always there";
  const std::unique_ptr<BusNode> node = make(GetParam().open_down());
  ASSERT_NE(node, nullptr);
  ASSERT_EQ((*node)->start(), Status::ok);
  EXPECT_EQ((*node)->publish("r", "x"), Status::retry);
  EXPECT_EQ((*node)->subscribe("r"), Status::retry);
  (*node)->unsubscribe("r");
  EXPECT_EQ((*node)->times_missed(), 0u);
}

// ---- traits

TEST_P(BusContract, TraitsHoldTheirBounds) {
  for (BusCaller* node : {&ann(), &bob(), &eve()}) {
    const BusTraits traits = node->traits();
    EXPECT_GE(traits.most_bytes, uint64_t{64} << 10);
    EXPECT_GE(traits.cheap_bytes, 1u);
    EXPECT_LE(traits.cheap_bytes, traits.most_bytes);
    EXPECT_FALSE(traits.place.empty());
  }
  EXPECT_EQ(ann().traits().place, bob().traits().place);
  EXPECT_NE(ann().traits().place, eve().traits().place);
}

}  // namespace freshet::testing
