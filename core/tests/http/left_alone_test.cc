// Auth plugins that fail, and are left alone for a while.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/http/front.h"
#include "core/tests/http/loose_auth.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// Fails until it is mended, and counts who comes.
struct FailingAuth {
  int asked = 0;
  bool mended = false;
  LooseAuth auth{[this](const freshet_auth_request&, freshet_reply reply) {
    ++asked;
    mended ? let_in(reply) : LooseAuth::end(reply, FRESHET_INTERNAL);
  }};
};

constexpr PluginLimits kTwoFailures = {.failures = 2, .pause_ms = 10'000};

TEST(AuthPluginsLeftAlone, OneThatKeepsFailingIsLeftAloneForAWhileAndNobodyIsLetIn) {
  FailingAuth failing;
  World world({.auth_table = failing.auth.table(), .plugin_limits = kTwoFailures});
  EXPECT_EQ(knock(world, {.name = "ann"}).close_code(), 4500);
  EXPECT_EQ(knock(world, {.name = "bob"}).close_code(), 4500);
  EXPECT_TRUE(world.logged("sim-auth.identify has failed 2 times in a row: it is left alone"));
  EXPECT_EQ(knock(world, {.name = "cho"}).close_code(), 4503) << "comes back later";
  EXPECT_EQ(failing.asked, 2);
  failing.mended = true;
  world.run_ms(10'000);
  EXPECT_TRUE(knock(world, {.name = "dan"}).synced());
  EXPECT_TRUE(world.logged("sim-auth.identify answers again"));
  EXPECT_EQ(failing.asked, 3);
}

TEST(AuthPluginsLeftAlone, WhoComesMeanwhileMayReadOrWriteWhereTheManifestSaysSo) {
  using WhileOpen = PluginLimits::WhileOpen;
  for (const WhileOpen open : {WhileOpen::read, WhileOpen::read_write}) {
    FailingAuth failing;
    PluginLimits limits = kTwoFailures;
    limits.while_open = open;
    World world({.shards = 1, .auth_table = failing.auth.table(), .plugin_limits = limits});
    knock(world, {.name = "ann"});
    EXPECT_EQ(knock(world, {.name = "bob"}).close_code(), 4500) << "it was asked, and failed";
    const bool writes = open == WhileOpen::read_write;
    SimClient& cho = knock(world, {.name = "cho", .writes = writes});
    EXPECT_TRUE(cho.synced());
    cho.type("x");
    world.settle();
    EXPECT_EQ(world.store().count().entries, writes ? 1u : 0u);
  }
}

TEST(AuthPluginsLeftAlone, OneThatAnswersSlowlyHasAsManyCallsAsTheManifestSays) {
  std::vector<freshet_reply> kept;
  LooseAuth auth([&](const freshet_auth_request&, freshet_reply reply) { kept.push_back(reply); });
  World world({.auth_table = auth.table(), .plugin_limits = {.calls = 1, .deadline_ms = 2'000}});
  ClientOptions slow{.name = "ann"};
  slow.comes_back = false;
  SimClient& ann = world.client(std::move(slow));
  ann.go_online();
  world.run_ms(100);
  EXPECT_EQ(knock(world, {.name = "bob"}).close_code(), 4503);
  EXPECT_EQ(kept.size(), 1u);
  world.run_ms(3'000);
  EXPECT_EQ(ann.close_code(), 4503) << "by its own deadline";
}

}  // namespace
}  // namespace freshet::sim
