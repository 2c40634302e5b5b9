// Rooms over the admin listener, on the simulated platform.
#include "core/http/admin/admin.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/world.h"

namespace freshet::sim {
namespace {

using Json = nlohmann::json;

HttpAnswer ask(World& world, const char* method, const std::string& target,
               const std::string& body = "") {
  return world.get({.role = FRESHET_ADMIN, .method = method, .target = target, .body = body});
}

Json json(const HttpAnswer& answer) { return Json::parse(answer.body); }

std::string update_of(const std::string& text) {
  Author author(4711);
  const auto update = author.type({"text"}, 0, text);
  return {update.begin(), update.end()};
}

TEST(AdminRooms, AreListedAPageAtATime) {
  World world;
  for (const char* room : {"a", "b", "c"}) world.join(room, room).type("x");
  world.settle();
  const Json first = json(ask(world, "GET", "/rooms?limit=2"));
  ASSERT_EQ(first["rooms"].size(), 2u);
  EXPECT_EQ(first["rooms"][0]["name"], "a");
  EXPECT_EQ(first["next"], "b");
  const Json second = json(ask(world, "GET", "/rooms?limit=2&after=b"));
  ASSERT_EQ(second["rooms"].size(), 1u);
  EXPECT_EQ(second["rooms"][0]["name"], "c");
  EXPECT_TRUE(second["next"].is_null());
  EXPECT_EQ(ask(world, "GET", "/rooms?limit=0").status, 400);
  EXPECT_EQ(ask(world, "GET", "/rooms?limit=1000000").status, 400);
}

TEST(AdminRooms, OneIsShownWithWhoIsThereAndWhatIsStored) {
  World world;
  SimClient& ann = world.join("ann", "a room");
  ann.show("{}");
  ann.type("hello");
  world.settle();
  const Json shown = json(ask(world, "GET", "/rooms/a%20room"));
  EXPECT_EQ(shown["name"], "a room");
  EXPECT_EQ(shown["loaded"]["state"], "live");
  EXPECT_EQ(shown["loaded"]["sessions"], 1);
  EXPECT_EQ(shown["loaded"]["present"], 1);
  EXPECT_EQ(shown["stored"]["last_seq"], 1);
  EXPECT_EQ(shown["stored"]["epoch"], shown["loaded"]["epoch"]);
  EXPECT_EQ(ask(world, "GET", "/rooms/none").status, 404);
  EXPECT_FALSE(shown.contains("nodes")) << "it is alone";
}

TEST(AdminRooms, WhatIsReadIsWhatIsSaved) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("saved");
  world.settle();
  const HttpAnswer update = ask(world, "GET", "/rooms/r/update");
  EXPECT_EQ(update.status, 200);
  crdt::Doc doc;
  ASSERT_TRUE(doc.apply(as_bytes(update.body)));
  std::string text;
  doc.text("text", text);
  EXPECT_EQ(text, "saved");
  EXPECT_EQ(json(ask(world, "GET", "/rooms/r/json"))["text"], "saved");
  EXPECT_EQ(ask(world, "GET", "/rooms/none/json").status, 404);
}

TEST(AdminRooms, ANewHistoryClosesTheSessionsOfTheOld) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("old");
  world.settle();
  const std::string before = json(ask(world, "GET", "/rooms/r"))["stored"]["epoch"];

  const HttpAnswer put = ask(world, "PUT", "/rooms/r/update", update_of("new"));
  EXPECT_EQ(put.status, 200);
  EXPECT_NE(json(put)["epoch"], before);
  EXPECT_EQ(ann.close_code(), 4409);
  EXPECT_EQ(world.join("bob").text(), "new");
}

TEST(AdminRooms, WhileTheStoreFailsNoHistoryIsReplaced) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("old");
  world.settle();
  world.store().fail_appends(Status::retry);
  ann.type(" and unsaved");
  world.settle();
  EXPECT_EQ(ask(world, "PUT", "/rooms/r/update", update_of("new")).status, 503);
  EXPECT_EQ(ask(world, "DELETE", "/rooms/r").status, 503);
  EXPECT_TRUE(ann.connected());
  world.store().heal();
  world.settle();
  EXPECT_EQ(ask(world, "DELETE", "/rooms/r").status, 204);
}

TEST(AdminRooms, AStoreThatFailsWhileARoomIsToGoIsTold) {
  World world;
  SimClient& ann = world.join("ann");
  world.settle();
  world.store().hold(true);
  ann.type("not saved yet");
  world.run_ms(100);
  HttpAnswer answer;
  world.platform().request({.role = FRESHET_ADMIN, .method = "DELETE", .target = "/rooms/r"},
                           [&](const HttpAnswer& told) { answer = told; });
  world.run_ms(100);
  EXPECT_EQ(answer.status, 0) << "it waits for what is being saved";
  world.store().fail_appends(Status::retry);
  world.store().hold(false);
  world.run_ms(5'000);
  EXPECT_EQ(answer.status, 503);
  world.store().heal();
  world.settle();
  EXPECT_EQ(ask(world, "DELETE", "/rooms/r").status, 204);
}

TEST(AdminRooms, APutCreatesARoomThatWasNotThere) {
  World world;
  EXPECT_EQ(ask(world, "PUT", "/rooms/fresh/update", update_of("made")).status, 200);
  EXPECT_EQ(world.join("ann", "fresh").text(), "made");
}

TEST(AdminRooms, ABodyThatIsNoUpdateChangesNothing) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("kept");
  world.settle();
  EXPECT_EQ(ask(world, "PUT", "/rooms/r/update", "no update").status, 400);
  EXPECT_TRUE(ann.connected());
  EXPECT_EQ(world.join("bob").text(), "kept");
}

TEST(AdminRooms, AnErasedRoomIsEmptyAndItsSessionsAreClosed) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("to be gone");
  world.settle();
  EXPECT_EQ(ask(world, "DELETE", "/rooms/r").status, 204);
  EXPECT_EQ(ann.close_code(), 4409);
  EXPECT_EQ(world.disk().rooms.count("r"), 0u);
  EXPECT_EQ(world.join("bob").text(), "");
  EXPECT_EQ(ask(world, "DELETE", "/rooms/none").status, 404);
}

TEST(AdminRooms, AnErasureWaitsForWhatIsUnsavedAndLetsNobodyIn) {
  World world;
  SimClient& ann = world.join("ann");
  world.store().hold(true);
  ann.type("unsaved");
  world.run_ms(50);
  std::optional<HttpAnswer> erased;
  world.platform().request({.role = FRESHET_ADMIN, .method = "DELETE", .target = "/rooms/r"},
                           [&](const HttpAnswer& answer) { erased = answer; });
  world.run_ms(1'000);
  EXPECT_FALSE(erased);
  EXPECT_EQ(ann.close_code(), 4409);
  SimClient& late = world.client({.name = "late"});
  late.go_online();
  world.run_ms(1'000);
  EXPECT_FALSE(late.synced());

  world.store().hold(false);
  ASSERT_TRUE(world.run_until([&] { return erased.has_value(); }, 5'000));
  EXPECT_EQ(erased->status, 204);
  ASSERT_TRUE(world.run_until([&] { return late.synced(); }, 5'000));
  EXPECT_EQ(late.text(), "");
}

TEST(AdminRooms, TwoChangesAtOnceAreOneTooMany) {
  World world;
  world.join("ann").type("x");
  world.store().hold(true);
  std::vector<uint16_t> statuses;
  for (int i = 0; i < 2; ++i) {
    world.platform().request({.role = FRESHET_ADMIN, .method = "DELETE", .target = "/rooms/r"},
                             [&](const HttpAnswer& a) { statuses.push_back(a.status); });
  }
  world.run_ms(1'000);
  ASSERT_EQ(statuses.size(), 1u);
  EXPECT_EQ(statuses[0], 409);
  world.store().hold(false);
  world.run_ms(3'000);
  ASSERT_EQ(statuses.size(), 2u);
  EXPECT_EQ(statuses[1], 204);
}

TEST(AdminRooms, AStoreThatFailsIsATryLater) {
  World world;
  world.store().fail_loads(Status::retry);
  EXPECT_EQ(ask(world, "GET", "/rooms").status, 503);
  EXPECT_EQ(ask(world, "GET", "/rooms/r/update").status, 503);
}

TEST(AdminRooms, OtherMethodsAndPathsAreRefused) {
  World world;
  EXPECT_EQ(ask(world, "POST", "/rooms/r").status, 405);
  EXPECT_EQ(ask(world, "PUT", "/rooms/r/json").status, 405);
  EXPECT_EQ(ask(world, "GET", "/rooms/r/other").status, 404);
  EXPECT_EQ(ask(world, "GET", "/rooms/%zz").status, 404);
  EXPECT_EQ(ask(world, "GET", "/rooms/").status, 400);
}

TEST(AdminRooms, ABackupNeedsAPath) {
  World world;
  EXPECT_EQ(ask(world, "POST", "/backup", R"({"path":"copy.db"})").status, 200);
  EXPECT_EQ(ask(world, "POST", "/backup", R"({"path":7})").status, 400);
  EXPECT_EQ(ask(world, "POST", "/backup", "").status, 400);
}

TEST(AdminRooms, ABackupThatCannotBeWrittenSaysWhy) {
  World world;
  world.store().refuse_backups("no backup at /x/copy: Permission denied");
  const HttpAnswer answer = ask(world, "POST", "/backup", R"({"path":"/x/copy"})");
  EXPECT_EQ(answer.status, 403);
  EXPECT_NE(answer.body.find("no backup at /x/copy: Permission denied"), std::string::npos)
      << answer.body;
}

}  // namespace
}  // namespace freshet::sim
