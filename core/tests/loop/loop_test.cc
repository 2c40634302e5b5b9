// What the core sees of a loop, on a platform of today and on one from before.
#include "core/loop/loop.h"

#include <gtest/gtest.h>

#include <cstddef>

#include "freshet/testing.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// A shard of the world as its core sees it.
template <class F>
auto on_shard(World& world, uint32_t shard, F&& f) {
  testing::FakeHost host;
  const Bound<Platform> table(world.platform(), host.host());
  decltype(f(std::declval<Loop>())) got{};
  world.platform().threads().as_shard(shard, [&] { got = f(Loop(*table.table(), shard)); });
  return got;
}

TEST(ALoop, CountsTimeThatIsShorterThanAMillisecond) {
  World world;
  const auto now_ns = [&] { return on_shard(world, 0, [](Loop loop) { return loop.now_ns(); }); };
  const uint64_t began_ns = now_ns();
  world.scene().timeline.run_until(world.scene().timeline.now_us() + 7);
  EXPECT_EQ(now_ns() - began_ns, 7'000u);
}

TEST(ALoop, KnowsWhatItsConnectionsCostToWriteTo) {
  Weather weather;
  weather.write_ns = 20'000;
  weather.write_frame_ns = 5'000;
  World world({.shards = 1, .weather = weather});
  const auto cost = [&] {
    return on_shard(world, 0, [](Loop loop) { return loop.writing_cost(); });
  };
  SimClient& ann = world.join("ann");
  for (const char* name : {"bob", "cat", "dan"}) world.join(name);
  world.settle();
  const WritingCost before = cost();
  EXPECT_GT(before.writes, 0u);
  ann.type("x");
  world.settle();
  const WritingCost after = cost();
  const uint64_t writes = after.writes - before.writes;
  EXPECT_GE(writes, 3u) << "each of the others was written to";
  EXPECT_GE(after.processor_ns - before.processor_ns, writes * 25'000);
}

TEST(ALoop, HasLessTimeForOthersWhileItWrites) {
  const auto echo_us = [](uint64_t write_ns) {
    Weather weather;
    weather.write_ns = write_ns;
    World world({.shards = 1, .weather = weather});
    SimClient& ann = world.join("ann");
    for (int i = 0; i < 10; ++i) world.join("reader" + std::to_string(i));
    world.settle();
    ann.type("x");
    world.run_ms(2);  // all are being written to
    const uint64_t began_us = world.scene().timeline.now_us();
    ann.type("y");
    SimClient& bob = *world.clients().back();
    EXPECT_TRUE(world.run_until([&] { return bob.text() == "xy"; }));
    return world.scene().timeline.now_us() - began_us;
  };
  EXPECT_GE(echo_us(1'000'000), echo_us(0) + 5 * kMs);
}

TEST(ALoop, MakesDoWithAPlatformThatKnowsNeither) {
  World world;
  testing::FakeHost host;
  const Bound<Platform> bound(world.platform(), host.host());
  freshet_platform older = *bound.table();
  older.size = offsetof(freshet_platform, now_ns);
  const Loop loop(older, 0);
  EXPECT_EQ(loop.now_ns(), loop.now_ms() * 1'000'000);
  EXPECT_EQ(loop.writing_cost().writes, 0u);
  EXPECT_EQ(loop.writing_cost().processor_ns, 0u);
}

}  // namespace
}  // namespace freshet::sim
