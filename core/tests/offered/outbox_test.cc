// The outbox as plugins call it, where no server runs: before it, after it, and on a store that
// answers when it likes.
#include "core/offered/outbox_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "core/server/server.h"
#include "core/tests/offered/store_on_loop.h"
#include "freshet/outbox.h"
#include "freshet/store.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

struct Answered {
  std::optional<Status> status;
  Outbox::Items items;
  int times = 0;
  Outbox::Done done() {
    return [this](Status s, const Outbox::Items& i) {
      status = s;
      items = i;
      ++times;
    };
  }
};

TEST(OutboxTable, AnswersRetryWhereNoServerRuns) {
  OutboxTable table;
  const Outbox outbox(table.table(), "t");
  Answered add, list, read, remove, bury, topics, courier;
  const freshet_outgoing entry{to_c(std::string_view("k")), 1, {nullptr, 0}};
  const uint64_t id = 1;
  outbox.add({&entry, 1}, add.done());
  outbox.list(0, 10, list.done());
  outbox.read(1, read.done());
  outbox.remove({&id, 1}, remove.done());
  outbox.bury(1, "why", bury.done());
  outbox.topics(topics.done());
  outbox.courier(1000, courier.done());
  for (const Answered* heard : {&add, &list, &read, &remove, &bury, &topics, &courier}) {
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
      auto& late = *static_cast<LateStore*>(self);
      late.given.emplace(Given{topic, {entries, count}});
      late.waiting = reply;
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
  };
  struct Claimed {
    freshet_str name;
    freshet_node node;
    uint32_t ms;
  };

  // Other servers work on it, too.
  void share() {
    table.tail = [](auto...) {};
    table.heads = [](auto...) {};
    table.node_beat = [](auto...) {};
    table.node_end = [](auto...) {};
    table.rooms_open = [](auto...) {};
    table.rooms_close = [](auto...) {};
    table.room_nodes = [](auto...) {};
    table.notices = [](auto...) {};
    table.notice_remove = [](auto...) {};
    table.claim = [](void* self, freshet_str name, freshet_node node, uint32_t ms,
                     freshet_reply reply) {
      auto& late = *static_cast<LateStore*>(self);
      late.claimed.emplace(Claimed{name, node, ms});
      late.waiting = reply;
    };
  }
  void answer(Status status) const {
    waiting.to->done(waiting.to->ctx, waiting.token, freshet_status(status));
  }

  freshet_store table{};
  std::optional<Given> given;
  std::optional<Claimed> claimed;
  freshet_reply waiting{};
};

// The table, on a store of the test's and the simulator's loop.
class OnLateStore : public ::testing::Test {
 protected:
  void open(const freshet_node& node = {}) {
    ASSERT_EQ(store->ready, Status::ok);
    table.open(store->queue, Loop(*store->bound.table(), 0), node);
  }
  void run() { store->run(); }
  void TearDown() override { table.close(); }

  LateStore late;
  OutboxTable table;
  const Outbox outbox{table.table(), "t"};
  std::unique_ptr<StoreOnLoop> store = std::make_unique<StoreOnLoop>(late.table);
  Answered heard;
};

TEST_F(OnLateStore, LendsItWhatItAddsUntilItHasAnswered) {
  open();
  const freshet_outgoing entry{to_c(std::string_view("a room")), 7,
                               to_c(as_bytes(std::string_view("an event")))};
  outbox.add({&entry, 1}, heard.done());
  run();
  ASSERT_TRUE(late.given);
  EXPECT_EQ(view(late.given->topic), "t");
  ASSERT_EQ(late.given->entries.size(), 1u);
  EXPECT_EQ(view(late.given->entries[0].key), "a room");
  EXPECT_EQ(late.given->entries[0].unix_ms, 7u);
  EXPECT_EQ(as_text(view(late.given->entries[0].body)), "an event");
  late.answer(Status::ok);
  run();
  EXPECT_EQ(heard.status, Status::ok);
}

TEST_F(OnLateStore, HasEveryTopicDeliveredByItsOnlyServer) {
  open();
  outbox.courier(1000, heard.done());
  run();
  EXPECT_EQ(heard.status, Status::ok);
  EXPECT_TRUE(heard.items.empty()) << "as if others shared it";
  EXPECT_FALSE(late.claimed);
}

TEST_F(OnLateStore, ClaimsATopicForThisServerWhereOthersShareIt) {
  late.share();
  store = std::make_unique<StoreOnLoop>(late.table);
  const freshet_node self{{7, 1}};
  open(self);
  outbox.courier(1000, heard.done());
  run();
  ASSERT_TRUE(late.claimed);
  EXPECT_EQ(view(late.claimed->name), "outbox t");
  EXPECT_TRUE(same(late.claimed->node, self));
  EXPECT_EQ(late.claimed->ms, 1000u);
  EXPECT_EQ(heard.times, 0) << "before the store has said so";
  late.answer(Status::ok);
  run();
  EXPECT_EQ(heard.status, Status::ok);
  ASSERT_EQ(heard.items.size(), 1u);
  EXPECT_EQ(heard.items[0].kind, uint32_t{FRESHET_STORE_NODE});
  EXPECT_TRUE(std::ranges::equal(heard.items[0].bytes, self.run));

  outbox.courier(1000, heard.done());
  run();
  late.answer(Status::conflict);
  run();
  EXPECT_EQ(heard.status, Status::conflict);
  EXPECT_TRUE(heard.items.empty());
}

TEST(OutboxTable, AnswersWhatWaitsWhenTheServerEnds) {
  World world;
  world.store().hold(true);
  OutboxTable table;
  Answered heard;
  table.open(world.server().store(), world.server().shards().at(0).rooms.loop(), {});
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
