// What is done in a room by no client of it, without the room.
#include "core/rooms/commands.h"

#include "core/tests/apps/insert_hello.h"
#include "core/tests/rooms/room_parts.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

struct CommandsTest : ::testing::Test, RoomParts {
  RoomCommand command(RoomCommand::Kind kind, const std::string& json = "") {
    RoomCommand command;
    command.kind = kind;
    command.json = json;
    command.done = [this](Status status, std::vector<uint8_t> read) {
      said.push_back(status);
      state = std::move(read);
    };
    return command;
  }

  std::vector<Status> said;
  std::vector<uint8_t> state;
};

TEST_F(CommandsTest, AnEditIsAnsweredWhenItIsSaved) {
  commands.run(command(RoomCommand::Kind::edit, kInsertHello));
  EXPECT_EQ(text(), "hello");
  commands.end_saved();
  EXPECT_TRUE(said.empty());
  EXPECT_TRUE(commands.any_unsaved());
  shard.settle();
  commands.end_saved();
  EXPECT_EQ(said, std::vector{Status::ok});
  EXPECT_FALSE(commands.any_unsaved());
}

TEST_F(CommandsTest, EditsThatWillNeverBeSavedAreAllAnswered) {
  shard.store().hold(true);
  commands.run(command(RoomCommand::Kind::edit, kInsertHello));
  commands.run(command(RoomCommand::Kind::edit, kInsertHello));
  commands.end_all(Status::conflict);
  EXPECT_EQ(said, (std::vector{Status::conflict, Status::conflict}));
  shard.store().hold(false);
  shard.settle();
}

TEST_F(CommandsTest, WhatIsNoEditIsRefusedAtOnce) {
  commands.run(command(RoomCommand::Kind::edit, "nonsense"));
  EXPECT_EQ(said, std::vector{Status::malformed});
}

TEST_F(CommandsTest, AReaderSeesWhatIsThereSavedOrNot) {
  shard.store().hold(true);
  commands.run(command(RoomCommand::Kind::edit, kInsertHello));
  commands.run(command(RoomCommand::Kind::read));
  EXPECT_EQ(said, std::vector{Status::ok});
  EXPECT_EQ(text_of(state), "hello");
  shard.store().hold(false);
  shard.settle();
}

TEST_F(CommandsTest, ThereIsABoundOfThoseThatWait) {
  EXPECT_FALSE(commands.full(999));
  EXPECT_TRUE(commands.full(1'000));
  shard.store().hold(true);
  commands.run(command(RoomCommand::Kind::edit, kInsertHello));
  EXPECT_TRUE(commands.full(999)) << "one waits to be saved";
  shard.store().hold(false);
  shard.settle();
}

TEST_F(CommandsTest, AnEventGoesToEverybodyAndOneCanBeSentAway) {
  RoomCommand event = command(RoomCommand::Kind::broadcast, "1");
  event.event = "news";
  commands.run(event);
  RoomCommand evict = command(RoomCommand::Kind::evict);
  evict.session = ann.spec.client;
  commands.run(evict);
  EXPECT_EQ(ann_hears.messages, std::vector{std::to_string(FRESHET_EVENT) + ":1"});
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_DENIED);
  EXPECT_EQ(bob_hears.closed, 0);
}

}  // namespace
}  // namespace freshet::sim
