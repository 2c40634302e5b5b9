// The rooms of a loop, of a server that runs: all of them in turns, and one of them closely.
#include "core/live/rooms/watched_rooms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/live/rooms/room_walk.h"
#include "core/loop/on_shard.h"
#include "core/server/server.h"
#include "core/submissions/room_command.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

using Viewer = WatchedRooms::Viewer;

// One loop, and what those who look at its rooms are told.
struct Watching : ::testing::Test {
  Shard& rooms() { return world.server().shards().at(0).rooms; }
  void look_at(const Viewer& viewer) { watched.look_at("r", viewer); }
  // As lookouts do.
  void pass_ms(uint64_t ms) {
    for (; ms > 0; ms -= std::min<uint64_t>(ms, kLookMs)) {
      world.run_ms(kLookMs);
      watched.look();
    }
  }
  size_t told_to(const Viewer& viewer, const char* kind) const {
    return static_cast<size_t>(std::ranges::count_if(told, [&](const auto& each) {
      return each.first == viewer && each.second.contains(kind);
    }));
  }
  nlohmann::json last_room() const {
    nlohmann::json out;
    for (const auto& [viewer, message] : told) out = message.value("room", out);
    return out;
  }
  size_t loads() { return world.store().count().loads; }

  const OnShard on_loop{0};  // the test is what runs there
  const freshet_crdt* crdt = nullptr;
  World world{{.shards = 1, .wrap_crdt = [this](const freshet_crdt* real) { return crdt = real; }}};
  std::vector<std::pair<Viewer, nlohmann::json>> told;
  WatchedRooms watched{rooms(), *crdt, world.server().store(),
                       [this](const Viewer& viewer, const std::string& text) {
                         told.emplace_back(viewer, nlohmann::json::parse(text));
                       }};
  const Viewer here{0, 1}, far{3, 1};  // whose looker bears the same number elsewhere
};

TEST_F(Watching, ARoomThatIsOpenedOnlyLaterIsToldFromThenOn) {
  look_at(here);
  EXPECT_EQ(last_room(), (nlohmann::json{{"room", "r"}, {"state", "closed"}}));
  world.join("ann");
  pass_ms(1'000);
  EXPECT_EQ(last_room()["state"], "live");
  EXPECT_EQ(last_room()["people_total"], 1);
  watched.look_away("r", here);
}

TEST_F(Watching, WhatIsWrittenIsToldToAllWhoLookAndToNobodyWhoHasLookedAway) {
  SimClient& ann = world.join("ann");
  look_at(here);
  look_at(far);
  ann.type("x");
  pass_ms(100);
  EXPECT_EQ(told_to(here, "update"), 1u);
  EXPECT_EQ(told_to(far, "update"), 1u);
  watched.look_away("r", here);
  ann.type("y");
  pass_ms(100);
  EXPECT_EQ(told_to(here, "update"), 1u);
  EXPECT_EQ(told_to(far, "update"), 2u);
  watched.look_away("r", far);
  EXPECT_TRUE(watched.empty());
  ann.type("z");
  pass_ms(1'000);
  EXPECT_EQ(told_to(far, "update"), 2u);
  EXPECT_EQ(world.join("bob").text(), "xyz");
}

TEST_F(Watching, WhatHasNotChangedIsToldOnceAndAgainToWhoHasMissedIt) {
  world.join("ann");
  world.settle();
  look_at(here);
  pass_ms(20'000);  // until what is counted seldom is
  const size_t before = told_to(here, "room");
  pass_ms(5'000);
  EXPECT_EQ(told_to(here, "room"), before);
  watched.tell_again("r");
  watched.tell_again("nobody looks at this one");
  pass_ms(5'000);
  EXPECT_EQ(told_to(here, "room"), before + 1);
  watched.look_away("r", here);
}

TEST_F(Watching, ASmallRoomIsReadOnceForThoseWhoWroteBefore) {
  world.join("ann").type("x");
  world.settle();
  const size_t before = loads();
  look_at(here);
  look_at(far);
  pass_ms(1'000);
  EXPECT_EQ(loads(), before + 1);
  EXPECT_EQ(last_room()["authors_read"], true);
  watched.look_away("r", here);
  watched.look_away("r", far);
}

TEST_F(Watching, ALargeRoomIsNotReadForThem) {
  SimClient& ann = world.join("ann");
  for (size_t bytes = 0; bytes <= kReadForAuthorsBytes; bytes += 100'000) {
    ann.type(std::string(100'000, 'x'));
    world.settle();
  }
  const size_t before = loads();
  look_at(here);
  pass_ms(1'000);
  EXPECT_EQ(loads(), before);
  EXPECT_EQ(last_room()["authors_read"], false);
  watched.look_away("r", here);
}

TEST_F(Watching, AllRoomsAreWalkedThroughInTurnsWhichOthersHaveBetween) {
  constexpr size_t kRooms = kRoomsATurn + kRoomsATurn / 2;
  for (size_t i = 0; i < kRooms; ++i) {
    RoomCommand read{.kind = RoomCommand::Kind::read, .done = [](Status, const auto&) {}};
    ASSERT_EQ(rooms().act("r" + std::to_string(i), std::move(read)), Status::ok);
  }
  world.run_ms(500);
  ASSERT_EQ(world.metric("freshet_rooms_loaded"), static_cast<int64_t>(kRooms));
  std::optional<Ranking> found;
  bool had_a_turn = false;
  RoomWalk::begin(rooms(), {.search = "r1", .limit = 3}, [&](Ranking all) {
    EXPECT_TRUE(had_a_turn);
    found = std::move(all);
  });
  EXPECT_FALSE(found.has_value());
  had_a_turn = true;
  world.run_ms(10);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->open(), kRooms);
  EXPECT_EQ(found->matched(), 1u + 10 + 100) << "r1, r10 to r19, r100 to r199";
  EXPECT_EQ(std::move(*found).in_order().size(), 3u);
}

}  // namespace
}  // namespace freshet::sim
