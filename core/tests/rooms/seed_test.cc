// What a room begins with, as clients of pluv give it.
#include "core/tests/rooms/pluv_peer.h"

namespace freshet::sim {
namespace {

TEST(Seed, TheFirstClientsContentBecomesTheRoomsAndNobodyElsesDoes) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  Author author(77), second(78);
  const auto seed = author.type({.root = "text"}, 0, "first");
  ann.begin(Json::object(), base64(seed));
  const Json received = ann.only("$storageReceived").at("data");
  EXPECT_EQ(received.at("changeKind"), "initialized");
  EXPECT_EQ(ann.text_of(received.at("state")), "first");

  bob.begin(Json::object(), base64(second.type({.root = "text"}, 0, "second")));
  const Json kept = bob.only("$storageReceived").at("data");
  EXPECT_EQ(kept.at("changeKind"), "unchanged");
  EXPECT_EQ(bob.text_of(kept.at("state")), "first");
  EXPECT_EQ(PluvPeer(world, "?token=cleo").only("$registered").at("data").at("state"), "AAA=");
}

// Two first clients at two servers on one store.
TEST(Seed, WhoBeginsARoomThatSomebodyElseHasBegunGetsWhatIsThere) {
  PluvWorld world({}, true);
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  Author author(77), elsewhere(78);
  world.disk().rooms["r"].log.emplace(1, elsewhere.type({.root = "text"}, 0, "theirs"));
  world.disk().rooms["r"].last_seq = 1;
  ann.begin(Json::object(), base64(author.type({.root = "text"}, 0, "mine")));
  const Json received = ann.only("$storageReceived").at("data");
  EXPECT_EQ(received.at("changeKind"), "unchanged");
  EXPECT_EQ(ann.text_of(received.at("state")), "theirs");
  bob.begin(Json::object(), base64(Author(79).type({.root = "text"}, 0, "late")));
  EXPECT_EQ(bob.text_of(bob.only("$storageReceived").at("data").at("state")), "theirs");
  EXPECT_EQ(world.disk().rooms.at("r").last_seq, 1u) << "nothing of it was stored";
}

TEST(Seed, WhoIsThereAlreadyIsToldWhatSomebodyElseBeganItWith) {
  PluvWorld world({}, true);
  SimClient& ann = world.join(ClientOptions{.name = "ann", .query = "token=ann"});
  PluvPeer bob(world, "?token=bob");
  EXPECT_EQ(ann.text(), "");
  Author author(77), elsewhere(78);
  world.disk().rooms["r"].log.emplace(1, elsewhere.type({.root = "text"}, 0, "theirs"));
  world.disk().rooms["r"].last_seq = 1;
  bob.begin(Json::object(), base64(author.type({.root = "text"}, 0, "mine")));
  world.settle();
  EXPECT_EQ(ann.text(), "theirs");
}

TEST(Seed, WhatARoomBeginsWithIsSeenByNobodyBeforeItIsStored) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  world.store().hold(true);
  Author author(77);
  ann.begin(Json::object(), base64(author.type({.root = "text"}, 0, "first")));
  bob.begin();
  EXPECT_TRUE(bob.take("$storageReceived").empty());
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(bob.text_of(bob.only("$storageReceived").at("data").at("state")), "first");
  EXPECT_EQ(ann.only("$storageReceived").at("data").at("changeKind"), "initialized");
}

TEST(Seed, AnEmptyRoomStaysEmptyOnlyForThoseWhoOfferNothing) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob"), reader(world, "?token=reader");
  ann.begin();
  EXPECT_EQ(ann.only("$storageReceived").at("data"),
            (Json{{"changeKind", "empty"}, {"state", "AAA="}}));
  bob.begin(Json::object(), "AAA=");
  EXPECT_EQ(bob.only("$storageReceived").at("data").at("changeKind"), "initialized");
  reader.begin(Json::object(), "AAA=");
  EXPECT_EQ(reader.only("$storageReceived").at("data").at("changeKind"), "unchanged")
      << "empty would make it throw its document away";
}

}  // namespace
}  // namespace freshet::sim
