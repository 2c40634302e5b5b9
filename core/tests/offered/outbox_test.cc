// The outbox as plugins call it, where no server runs: before it, after it, and on a store that
// answers when it likes.
#include "core/offered/outbox_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <span>

#include "core/server/server.h"
#include "freshet/outbox.h"
#include "freshet/testing.h"
#include "sim/platform/sim_platform.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

struct Answered {
  std::optional<Status> status;
  int times = 0;
  Outbox::Done done() {
    return [this](Status s, const Outbox::Items&) {
      status = s;
      ++times;
    };
  }
};

TEST(OutboxTable, AnswersRetryWhereNoServerRuns) {
  OutboxTable table;
  const Outbox outbox(table.table(), "t");
  Answered add, list, read, remove, bury, topics;
  const freshet_outgoing entry{to_c(std::string_view("k")), 1, {nullptr, 0}};
  const uint64_t id = 1;
  outbox.add({&entry, 1}, add.done());
  outbox.list(0, 10, list.done());
  outbox.read(1, read.done());
  outbox.remove({&id, 1}, remove.done());
  outbox.bury(1, "why", bury.done());
  outbox.topics(topics.done());
  for (const Answered* heard : {&add, &list, &read, &remove, &bury, &topics}) {
    EXPECT_EQ(heard->status, Status::retry);
    EXPECT_EQ(heard->times, 1);
  }
}

TEST(OutboxTable, TellsOnlyThoseWhoWatchTheTopic) {
  OutboxTable table;
  int mine = 0, others = 0;
  const auto count = [](void* arg) { ++*static_cast<int*>(arg); };
  Outbox(table.table(), "mine").watch(count, &mine);
  Outbox(table.table(), "others").watch(count, &others);
  EXPECT_TRUE(table.watched());
  table.tell("mine");
  table.tell("nobody's");
  EXPECT_EQ(mine, 1);
  EXPECT_EQ(others, 0);
}

// The simulated store keeps none.
TEST(OutboxTable, SaysThatTheStoreKeepsNone) {
  World world;
  StoreQueue& store = world.server().store();
  Answered heard;
  store.outbox(
      0, [](const freshet_store&, freshet_reply) { FAIL() << "called all the same"; },
      [&](Status status, const ReplyItems&) { heard.done()(status, {}); });
  world.settle();
  EXPECT_EQ(heard.status, Status::unsupported);
  const HttpAnswer answer = world.get({.role = FRESHET_ADMIN, .target = "/outbox"});
  EXPECT_EQ(answer.status, 501);
}

// A store that has an outbox, and looks at what it was given only when it answers.
struct LateStore {
  LateStore() {
    table.size = sizeof(table);
    table.self = this;
    table.outbox_add = [](void* self, freshet_str topic, const freshet_outgoing* entries,
                          size_t count, freshet_reply reply) {
      static_cast<LateStore*>(self)->given.emplace(Given{topic, {entries, count}, reply});
    };
    table.outbox_list = [](auto...) {};
    table.outbox_read = [](auto...) {};
    table.outbox_remove = [](auto...) {};
    table.outbox_bury = [](auto...) {};
    table.outbox_revive = [](auto...) {};
    table.outbox_drop = [](auto...) {};
    table.outbox_topics = [](auto...) {};
  }

  struct Given {
    freshet_str topic;
    std::span<const freshet_outgoing> entries;
    freshet_reply reply;
  };
  freshet_store table{};
  std::optional<Given> given;
};

TEST(OutboxTable, LendsAStoreWhatItAddsUntilItHasAnswered) {
  Scene scene(1, false);
  SimPlatform platform(scene, 1);
  const testing::FakeHost host;
  const Bound<Platform> bound(platform, host.host());
  Metrics metrics;
  Replies replies(*bound.table(), metrics);
  LateStore late;
  const Limits limits;
  StoreQueue store(*bound.table(), late.table, replies, limits);
  ASSERT_EQ(store.open(), Status::ok);
  OutboxTable table;
  table.open(store, Loop(*bound.table(), 0));
  Answered heard;
  const freshet_outgoing entry{to_c(std::string_view("a room")), 7,
                               to_c(as_bytes(std::string_view("an event")))};
  Outbox(table.table(), "t").add({&entry, 1}, heard.done());
  const auto run = [&] { scene.timeline.run_until(scene.timeline.now_us() + 1'000'000); };
  run();
  ASSERT_TRUE(late.given);
  EXPECT_EQ(view(late.given->topic), "t");
  ASSERT_EQ(late.given->entries.size(), 1u);
  EXPECT_EQ(view(late.given->entries[0].key), "a room");
  EXPECT_EQ(late.given->entries[0].unix_ms, 7u);
  EXPECT_EQ(as_text(view(late.given->entries[0].body)), "an event");
  const freshet_reply reply = late.given->reply;
  reply.to->done(reply.to->ctx, reply.token, FRESHET_OK);
  run();
  EXPECT_EQ(heard.status, Status::ok);
  table.close();
  platform.kill();
}

TEST(OutboxTable, AnswersWhatWaitsWhenTheServerEnds) {
  World world;
  world.store().hold(true);
  OutboxTable table;
  Answered heard;
  table.open(world.server().store(), world.server().shards().at(0).rooms.loop());
  Outbox(table.table(), "t").list(0, 10, heard.done());
  EXPECT_EQ(heard.times, 0);
  table.close();
  EXPECT_EQ(heard.status, Status::retry);
  Outbox(table.table(), "t").list(0, 10, heard.done());
  EXPECT_EQ(heard.times, 2);
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(heard.times, 2);  // the store's answer finds nobody
}

TEST(AdminOutbox, RefusesWhatIsNoTopicIdOrMethod) {
  World world;
  const auto ask = [&](const char* method, const std::string& target) {
    return world.get({.role = FRESHET_ADMIN, .method = method, .target = target}).status;
  };
  EXPECT_EQ(ask("GET", "/outbox/t?limit=0"), 400);
  EXPECT_EQ(ask("GET", "/outbox/t?after=x"), 400);
  EXPECT_EQ(ask("GET", "/outbox/%zz"), ask("GET", "/outbox/t"));
  EXPECT_EQ(ask("POST", "/outbox/t/replay?id=-1"), 400);
  EXPECT_EQ(ask("GET", "/outbox/t/replay"), 405);
  EXPECT_EQ(ask("POST", "/outbox/t"), 405);
  EXPECT_EQ(ask("DELETE", "/outbox/t/7"), 405);
}

}  // namespace
}  // namespace freshet::sim
