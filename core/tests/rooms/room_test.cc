// A room on its shard, with no server around it.
#include "core/rooms/room.h"

#include <algorithm>
#include <iterator>
#include <new>

#include "core/rooms/limits.h"
#include "core/submissions/limits.h"
#include "core/tests/apps/insert_hello.h"
#include "core/tests/rooms/one_shard.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

Limits short_turns() {
  Limits limits;
  limits.turn_bytes = 500;
  return limits;
}

struct RoomTest : ::testing::Test {
  // Once the room is loaded.
  void join(MemberId id, Heard& heard) {
    auto joining = member(id, wire.get(), heard);
    joining->in = false;
    room.join(std::move(joining));
    shard.settle();
  }
  void type(MemberId from, const std::string& text) {
    const auto update = author.type({"text"}, author.length({"text"}), text);
    room.submit({from, Submission::Update{FRESHET_UPDATE_V1, update, 1}}, Room::Came::now);
  }
  RoomCommand edit(RoomCommand::Done done) {
    return {.kind = RoomCommand::Kind::edit, .json = kInsertHello, .done = std::move(done)};
  }
  bool logged(std::string_view text) { return shard.log().find(text) != std::string::npos; }

  OneShard shard{short_turns()};
  Room room{shard.services(), "r"};
  Author author{7};
  PlainWire wire;
  Heard ann_hears, bob_hears;
};

TEST_F(RoomTest, ThatTheStoreRefusesAnswersAllWhoWaitAndEndsThoughMemoryRunsOut) {
  join(1, ann_hears);
  type(1, "first");
  shard.settle();
  shard.store().hold(true);
  shard.store().rot("r");
  std::vector<Status> said;
  room.act(edit([](Status, const std::vector<uint8_t>&) { throw std::bad_alloc(); }));
  room.act(edit([&](Status status, const std::vector<uint8_t>&) { said.push_back(status); }));
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(said, std::vector{Status::conflict});
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_INTERNAL);
  EXPECT_EQ(room.state(), Room::State::closing);
}

TEST_F(RoomTest, CommandsThatWaitTakeNoPlaceOfWhatClientsSend) {
  constexpr int kLargeThatMayWait = 20;
  shard.store().hold(true);
  auto joining = member(1, wire.get(), ann_hears);
  joining->in = false;
  room.join(std::move(joining));
  std::vector<Status> said;
  for (int i = 0; i < 2 * kLargeThatMayWait; ++i) {
    RoomCommand large = edit([&](Status status, const auto&) { said.push_back(status); });
    large.json += std::string(kMaxCommandBytes / kLargeThatMayWait - 1'000, ' ');
    room.act(std::move(large));
  }
  EXPECT_EQ(said, std::vector(kLargeThatMayWait, Status::limit));
  type(1, "hello");
  EXPECT_EQ(ann_hears.closed, 0);
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(std::ranges::count(said, Status::ok), kLargeThatMayWait);
  EXPECT_EQ(std::ssize(said), 2 * kLargeThatMayWait);
}

TEST_F(RoomTest, ThatNoWorkerCanLoadDoesNotBlameMemory) {
  join(1, ann_hears);
  type(1, "kept");
  shard.settle();
  shard.fill_workers(true);
  Room again(shard.services(), "r");
  shard.settle();
  EXPECT_EQ(again.state(), Room::State::failed);
  EXPECT_TRUE(logged("waits for a worker"));
  EXPECT_FALSE(logged("documents_bytes"));
}

TEST_F(RoomTest, ALongUpdateThatNoWorkerCanTakeEndsItsSessionAndDoesNotBlameMemory) {
  join(1, ann_hears);
  join(2, bob_hears);
  shard.fill_workers(true);
  type(1, std::string(1'000, 'x'));
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_OVERLOADED);
  EXPECT_EQ(bob_hears.closed, 0);
  EXPECT_EQ(room.state(), Room::State::live);
  EXPECT_TRUE(logged("waits for a worker"));
  EXPECT_FALSE(logged("documents_bytes"));
}

}  // namespace
}  // namespace freshet::sim
