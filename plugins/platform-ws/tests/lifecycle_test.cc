// Posts, timers, queues, and how a server ends.
#include <gtest/gtest.h>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

using Task = void (*)(void*);

TEST(Lifecycle, PostsFromOneThreadRunInOrder) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  struct Step {
    std::vector<int>* order;
    int number;
  };
  std::vector<int> order;
  std::vector<Step> steps;
  for (int i = 0; i < 1000; ++i) steps.push_back({&order, i});
  for (Step& step : steps) {
    const Task note = [](void* arg) {
      auto& s = *static_cast<Step*>(arg);
      s.order->push_back(s.number);
    };
    world.platform->post(1, note, &step);
  }
  EXPECT_EQ(world.stop(), Status::ok);
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// A job posts to a shard, which pushes the next job, and so on.
struct Chain {
  WsPlatform& platform;
  uint32_t queue;
  std::atomic<int> left{200};

  static void on_shard(void* arg) {
    auto& chain = *static_cast<Chain*>(arg);
    if (chain.left.fetch_sub(1) <= 1) return;
    EXPECT_EQ(chain.platform.queue_push(chain.queue, on_worker, arg), Status::ok);
  }
  static void on_worker(void* arg) { static_cast<Chain*>(arg)->platform.post(1, on_shard, arg); }
};

TEST(Lifecycle, WhatIsStillPostedAndPushedAfterFinishRunsBeforeTheEnd) {
  World world;
  auto created = make_plugin<WsPlatform>(world.host.host());
  ASSERT_TRUE(created);
  WsPlatform& platform = **created;
  world.core.attach(platform);
  Chain chain{platform, *platform.queue_create("chain", 1, 10)};
  freshet_listen none{};
  none.size = sizeof(none);
  ASSERT_EQ(platform.start(none, world.core.events()), Status::ok);
  platform.post(0, Chain::on_shard, &chain);
  platform.finish();
  EXPECT_EQ(platform.run(), Status::ok);
  EXPECT_EQ(chain.left.load(), 0);
}

TEST(Lifecycle, AQueueOfOneThreadIsFirstInFirstOutAndBounded) {
  World world;
  auto created = make_plugin<WsPlatform>(world.host.host());
  ASSERT_TRUE(created);
  WsPlatform& platform = **created;
  const uint32_t queue = *platform.queue_create("store", 1, 3);
  std::promise<void> gate;
  struct Job {
    std::shared_future<void> wait;
    std::vector<int>* order;
    int number;
  };
  std::vector<int> order;
  const std::shared_future<void> open = gate.get_future().share();
  std::vector<Job> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back({open, &order, i});
  const Task run = [](void* arg) {
    auto& job = *static_cast<Job*>(arg);
    job.wait.wait();
    job.order->push_back(job.number);
  };
  // One runs (once the thread has taken it), three wait, the next is refused.
  std::vector<int> accepted;
  while (accepted.size() < 4) {
    Job& job = jobs[accepted.size()];
    if (platform.queue_push(queue, run, &job) == Status::ok) accepted.push_back(job.number);
    std::this_thread::yield();
  }
  EXPECT_EQ(platform.queue_push(queue, run, &jobs[4]), Status::limit);
  gate.set_value();
  created = Status::internal;  // the destructor runs what was pushed
  EXPECT_EQ(order, accepted);
}

TEST(Lifecycle, TimersFireOnTheirShardAndNotAfterTheEnd) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  struct Timed {
    std::promise<std::thread::id> fired;
  } soon;
  static std::atomic<bool> late_fired{false};
  late_fired = false;
  std::thread::id shard;
  world.on_shard(1, [&] {
    shard = std::this_thread::get_id();
    world.platform->post_after(
        1, 5,
        [](void* arg) { static_cast<Timed*>(arg)->fired.set_value(std::this_thread::get_id()); },
        &soon);
    world.platform->post_after(1, 60'000, [](void*) { late_fired = true; }, nullptr);
  });
  EXPECT_EQ(soon.fired.get_future().get(), shard);
  EXPECT_EQ(world.stop(), Status::ok);
  EXPECT_FALSE(late_fired);
}

TEST(Lifecycle, AStopSignalReachesTheCoreOnceAndRunReturnsAfterFinish) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  world.platform->request_stop();
  EXPECT_EQ(client.receive_close(), 1012);
  client.send(8, std::string("\x03\xf4", 2));
  EXPECT_EQ(world.ended(), Status::ok);
  EXPECT_EQ(world.core.stops(), 1u);
  EXPECT_EQ(world.core.closed(), 1u);
}

TEST(Lifecycle, NobodyConnectsWhileTheServerStops) {
  World world;
  std::promise<void> asked;
  world.core.on_stop = [&] { asked.set_value(); };
  ASSERT_EQ(world.start(), Status::ok);
  const uint16_t port = world.port();
  world.platform->request_stop();
  asked.get_future().wait();
  EXPECT_THROW(Client{port}, std::runtime_error);
  world.platform->finish();
  EXPECT_EQ(world.ended(), Status::ok);
}

TEST(Lifecycle, WhatIsQueuedAtTheEndStillLeaves) {
  World world;
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  const std::string large(3 << 20, 'x');
  world.core.on_stop = [&] { world.core.platform().finish(); };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=0").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  world.on_shard(0, [&] { world.core.send(conn, large); });
  world.platform->request_stop();
  EXPECT_EQ(client.receive().payload.size(), large.size());
  EXPECT_EQ(client.receive_close(), 1012);
  client.close();
  EXPECT_EQ(world.ended(), Status::ok);
}

TEST(Lifecycle, AfterTheDeadlineRunReturnsRetryAndEveryConnectionHasEnded) {
  World world;
  world.host.set("drain_ms", int64_t{50});
  world.core.on_stop = [] {};  // never finishes
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  EXPECT_EQ(world.stop(), Status::retry);
  EXPECT_EQ(world.core.closed(), 1u);
}

TEST(Lifecycle, ASecondSignalEndsAtOnce) {
  World world;
  std::promise<void> asked;
  world.core.on_stop = [&] { asked.set_value(); };
  ASSERT_EQ(world.start(), Status::ok);
  world.platform->request_stop();
  asked.get_future().wait();
  EXPECT_EQ(world.stop(), Status::retry);  // long before the drain time of 20 s
  EXPECT_TRUE(world.host.logged("second stop signal"));
}

TEST(Lifecycle, AConnectionThatArrivesAfterTheForcedEndIsOpenedAndClosedAtOnce) {
  World world;
  freshet_exchange* exchange = nullptr;
  world.core.on_request = [&](freshet_exchange* e, const freshet_request&, uint32_t shard) {
    ASSERT_EQ(shard, 0u);
    exchange = e;
  };
  // Keeps shard 0 until shard 1 has killed its peers, then moves a connection there.
  std::promise<void> asked, forced;
  world.core.on_stop = [&] {
    asked.set_value();
    forced.get_future().wait();
    world.on_shard(1, [] {});
    world.core.accept(exchange, 1);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/", Client::kUpgrade));
  ASSERT_TRUE(world.core.wait_requests(1));
  world.platform->request_stop();
  asked.get_future().wait();
  world.platform->request_stop();
  while (!world.host.logged("second stop signal")) std::this_thread::yield();
  forced.set_value();
  EXPECT_EQ(world.ended(), Status::retry);
  EXPECT_EQ(world.core.opened(), 1u);
  EXPECT_EQ(world.core.closed(), 1u);
}

TEST(Lifecycle, FinishWithoutASignalEndsToo) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  world.platform->finish();
  EXPECT_EQ(world.ended(), Status::ok);
  EXPECT_EQ(world.core.stops(), 0u);
}

}  // namespace
}  // namespace freshet::ws::testing
