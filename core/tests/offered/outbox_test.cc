// The outbox as plugins call it, where no server runs: before it, after it, and on a store that
// answers when it likes.
#include "core/offered/outbox_table.h"

#include <gtest/gtest.h>

#include <optional>

#include "core/server/server.h"
#include "freshet/outbox.h"
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
