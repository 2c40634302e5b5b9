// What writing costs, as the core is told of it.
#include "platform-ws/loop/write_meter.h"

#include <gtest/gtest.h>

#include <vector>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

// A clock that only tests move, but for what each reading takes.
uint64_t fake_now_ns = 0, fake_readings = 0;
constexpr uint64_t kReadingNs = 200;
uint64_t fake_clock() {
  ++fake_readings;
  return fake_now_ns += kReadingNs;
}

TEST(AWriteMeter, ChargesEveryWriteWhatThoseThatItTimedTook) {
  WriteMeter meter(fake_clock);
  for (int i = 0; i < 1'000; ++i) {
    meter.measured([] { return fake_now_ns += 3'000; });
  }
  EXPECT_EQ(meter.cost().writes, 1'000u);
  EXPECT_EQ(meter.cost().processor_ns, 3'000'000u) << "what reading the clock takes is not in it";
}

TEST(AWriteMeter, ReadsItsClockForFewWrites) {
  WriteMeter meter(fake_clock);
  fake_readings = 0;
  for (int i = 0; i < 1'600; ++i) meter.measured([] { return 0; });
  EXPECT_LE(fake_readings, 2 * 1'600 / WriteMeter::kMeanStep * 5 / 4);
  EXPECT_GE(fake_readings, 2 * 1'600 / WriteMeter::kMeanStep * 3 / 4);
}

TEST(AWriteMeter, KnowsTheFirstWrite) {
  WriteMeter meter(fake_clock);
  meter.measured([] { return fake_now_ns += 700; });
  EXPECT_EQ(meter.cost().processor_ns, 700u);
}

TEST(AWriteMeter, IsNotMisledByAnyRoundOfMembers) {
  for (uint32_t members = 2; members <= 64; ++members) {
    WriteMeter meter(fake_clock);
    // One is as dear as all the others.
    const uint64_t dear_ns = (members - 1) * 1'000;
    for (uint32_t i = 0; i < 20'000 * members; ++i) {
      meter.measured([&] { return fake_now_ns += i % members == 0 ? dear_ns : 1'000; });
    }
    const uint64_t told_ns = meter.cost().processor_ns, true_ns = 20'000 * 2 * dear_ns;
    EXPECT_GT(told_ns, true_ns - true_ns / 10) << members << " members";
    EXPECT_LT(told_ns, true_ns + true_ns / 10) << members << " members";
  }
}

TEST(Writing, CostsMoreTheMoreIsWritten) {
  World world;
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=1").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  const auto cost = [&](uint32_t shard) {
    WritingCost now;
    world.on_shard(shard, [&] { now = world.platform->writing_cost(shard); });
    return now;
  };
  const WritingCost idle = cost(0);
  std::vector<WritingCost> seen{cost(1)};
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 64; ++i) {
      world.on_shard(1, [&] { world.core.send(conn, "m"); });
      ASSERT_EQ(client.receive().payload, "m");
    }
    seen.push_back(cost(1));
    const WritingCost &before = seen[seen.size() - 2], &after = seen.back();
    EXPECT_GE(after.writes, before.writes + 64);
    EXPECT_GT(after.processor_ns, before.processor_ns + 64 * 100) << "no system call is so quick";
  }
  EXPECT_EQ(cost(0).writes, idle.writes) << "the other shard wrote nothing";
}

TEST(Time, IsToldInNanoseconds) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  const uint64_t before_ms = world.platform->now_ms();
  const uint64_t now_ns = world.platform->now_ns();
  EXPECT_LE(before_ms, now_ns / 1'000'000);
  EXPECT_LE(now_ns / 1'000'000, world.platform->now_ms());
  EXPECT_LE(now_ns, world.platform->now_ns());
}

}  // namespace
}  // namespace freshet::ws::testing
