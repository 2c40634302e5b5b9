// Rooms, as apps act in them from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/tests/apps/insert_hello.h"
#include "core/tests/rooms/pluv_peer.h"
#include "freshet/server.h"
#include "sim/plugins/sim_app.h"

namespace freshet::sim {
namespace {

using ::testing::IsEmpty;

struct Outside : ::testing::Test {
  std::unique_ptr<PluvPeer> come(const std::string& user) {
    auto peer = std::make_unique<PluvPeer>(world, "?token=" + user);
    peer->begin();
    peer->built();
    return peer;
  }
  // What became of an edit, once it is known.
  std::optional<Status> edit(const std::string& room, std::string_view operations) {
    rooms().edit(room, operations, [this](Status status) { edited = status; });
    return edited;
  }
  ServerRooms rooms() { return ServerRooms(world.outside()); }
  std::string read(const std::string& room) {
    std::string text = "nothing";
    rooms().read(room, put_text_into(text));
    world.settle();
    return text;
  }
  // The same, without loading the room.
  std::string state(const std::string& room) {
    std::string text = "nothing";
    rooms().state(room, put_text_into(text));
    world.settle();
    return text;
  }
  int64_t loaded() { return world.metrics().get(FRESHET_GAUGE, "freshet_rooms_loaded", "")->get(); }
  ServerRooms::Read put_text_into(std::string& text) {
    return [this, &text](Status status, const std::vector<uint8_t>& state) {
      said = status;
      crdt::Doc doc;
      if (status != Status::ok || !doc.apply(state)) return;
      text.clear();
      doc.text("text", text);
    };
  }

  TokenAuth auth;
  World world{{.auth = &auth}};
  std::optional<Status> edited;
  std::optional<Status> said;  // of what was read last
};

TEST_F(Outside, AnEventGoesToEverybodyInNobodysName) {
  auto ann = come("ann"), bob = come("bob");
  EXPECT_EQ(rooms().broadcast("r", "news", R"({"a":1})"), Status::ok);
  EXPECT_EQ(rooms().broadcast("empty", "news", "1"), Status::ok);
  world.settle();
  for (PluvPeer* peer : {ann.get(), bob.get()}) {
    const Json news = peer->only("news");
    EXPECT_EQ(news.at("data"), (Json{{"a", 1}}));
    EXPECT_EQ(news.at("user"), nullptr);
  }
}

TEST_F(Outside, WhatIsNoEventIsRefused) {
  EXPECT_EQ(rooms().broadcast("r", "$registered", "{}"), Status::malformed);
  EXPECT_EQ(rooms().broadcast("r", "news", "{"), Status::malformed);
  EXPECT_EQ(rooms().broadcast("", "news", "{}"), Status::not_found);
}

TEST_F(Outside, OneSessionOrAllAreSentAway) {
  auto ann = come("ann"), bob = come("bob");
  const std::string id = bob->only("$registered").at("connectionId");
  EXPECT_EQ(rooms().evict("r", std::stoull(id.substr(2), nullptr, 16)), Status::ok);
  world.settle();
  EXPECT_EQ(bob->close_code, 3000);
  EXPECT_EQ(ann->close_code, 0);
  EXPECT_EQ(rooms().evict_all("r"), Status::ok);
  world.settle();
  EXPECT_EQ(ann->close_code, 3000);
}

TEST_F(Outside, AnEditReachesEverybodyAndIsAnsweredWhenItIsSaved) {
  auto ann = come("ann");
  world.store().hold(true);
  EXPECT_FALSE(edit("r", kInsertHello));
  world.run_ms(1'000);
  EXPECT_FALSE(edited) << "nothing of it is on disk";
  EXPECT_EQ(ann->text_of(ann->only("$storageUpdated").at("data").at("state")), "hello");
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(edited, Status::ok);
}

TEST_F(Outside, ARoomWhereNobodyIsIsLoadedEditedAndKept) {
  edit("quiet", kInsertHello);
  world.settle();
  EXPECT_EQ(edited, Status::ok);
  world.kill();
  world.start();
  EXPECT_EQ(read("quiet"), "hello");
}

TEST_F(Outside, WhatIsSaidAfterAnEditComesAfterItEvenIfTheRoomSleeps) {
  Limits limits;
  limits.hibernate_after_ms = 1'000;
  World sleepy({.limits = limits, .auth = &auth});
  PluvPeer ann(sleepy, "?token=ann");
  ann.begin();
  ann.built();
  Author author(77);
  ann.type(author, "a");
  sleepy.run_ms(10'000);
  ASSERT_EQ(sleepy.metric("freshet_hibernations_total"), 1);
  ann.heard.clear();
  ServerRooms outside(sleepy.outside());
  outside.edit("r", kInsertHello, [](Status) {});
  EXPECT_EQ(outside.broadcast("r", "refresh", "1"), Status::ok);
  sleepy.settle();
  ASSERT_EQ(ann.heard.size(), 2u);
  EXPECT_EQ(ann.heard[0].at("type"), "$storageUpdated");
  EXPECT_EQ(ann.heard[1].at("type"), "refresh");
}

TEST_F(Outside, AnEventDoesNotWaitForEditsThatAreNotSaved) {
  auto ann = come("ann");
  world.store().hold(true);
  for (int i = 0; i < 1'000; ++i) rooms().edit("r", kInsertHello, [](Status) {});
  EXPECT_EQ(rooms().broadcast("r", "news", "1"), Status::ok);
  world.run_ms(1'000);
  EXPECT_EQ(ann->take("news").size(), 1u);
  edit("r", kInsertHello);
  world.run_ms(1'000);
  EXPECT_EQ(edited, Status::limit);
  world.store().hold(false);
  world.settle();
}

TEST_F(Outside, AWrongEditChangesNothing) {
  auto ann = come("ann");
  edit("r", R"([{"op": "insert_text", "root": "text", "kind": "text", "index": 7, "text": "x"}])");
  world.settle();
  EXPECT_EQ(edited, Status::malformed);
  EXPECT_THAT(ann->take("$storageUpdated"), IsEmpty());
}

TEST_F(Outside, ARoomThatCannotBeLoadedIsToBeTriedAgain) {
  world.store().fail_loads(Status::retry);
  edit("r", kInsertHello);
  world.settle();
  EXPECT_EQ(edited, Status::retry);
  EXPECT_EQ(read("r"), "nothing");
}

TEST_F(Outside, WhatIsUnderWayWhenTheServerEndsIsAnswered) {
  world.store().hold(true);
  edit("r", kInsertHello);
  world.run_ms(100);
  world.kill();
  EXPECT_EQ(edited, Status::retry);
  EXPECT_EQ(rooms().evict_all("r"), Status::retry);
}

// The last edits are told to apps then, and an app may say what is in the room with them.
TEST_F(Outside, WhatIsInARoomIsSaidWhileTheServerStops) {
  edit("r", kInsertHello);
  edit("stored", kInsertHello);
  world.run_ms(120'000);
  auto ann = come("ann");
  world.store().hold(true);
  Author author(77);
  ann->type(author, "x");
  world.platform().stop(10'000);
  world.run_ms(100);
  ASSERT_FALSE(world.platform().finished());
  EXPECT_EQ(edit("r", kInsertHello), Status::retry);
  std::optional<Status> stored;
  rooms().state("stored", [&](Status status, const std::vector<uint8_t>&) { stored = status; });
  EXPECT_NE(state("r"), "nothing") << "of one in memory";
  EXPECT_EQ(said, Status::ok);
  EXPECT_FALSE(stored) << "the store does not answer";
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(stored, Status::ok);
  EXPECT_TRUE(world.platform().finished());
}

TEST_F(Outside, WhatIsInARoomIsSaidWithoutLoadingIt) {
  EXPECT_EQ(state("r"), "nothing");
  EXPECT_EQ(said, Status::not_found);
  edit("r", kInsertHello);
  world.settle();
  EXPECT_EQ(state("r"), "hello") << "of one in memory";
  world.run_ms(120'000);
  ASSERT_EQ(loaded(), 0);
  EXPECT_EQ(state("r"), "hello") << "of one in the store";
  EXPECT_EQ(loaded(), 0);
  world.store().fail_loads(Status::corrupt);
  EXPECT_EQ(state("r"), "nothing");
  EXPECT_EQ(said, Status::corrupt);
}

// An app that reads a room that it is asked for would wait for itself.
TEST_F(Outside, NoAppIsAskedForWhatIsInARoom) {
  SimApp app({sizeof(freshet_app_wants), 0, 0, 1, 0});
  World asking({.apps = {app.table()}});
  std::optional<Status> status;
  ServerRooms(asking.outside()).state("r", [&](Status s, const std::vector<uint8_t>&) {
    status = s;
  });
  asking.settle();
  EXPECT_EQ(status, Status::not_found);
  EXPECT_THAT(app.asked, IsEmpty());
}

}  // namespace
}  // namespace freshet::sim
