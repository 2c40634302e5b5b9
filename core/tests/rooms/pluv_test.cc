// Two wires in one room: what a pluv client is told, in which order, beside y-websocket clients.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/tests/rooms/pluv_peer.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

// ---- coming in

TEST(Pluv, TheFirstWordIsWhoOneIs) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann");
  ASSERT_EQ(ann.heard.size(), 1u);
  const Json registered = ann.only("$registered");
  EXPECT_EQ(registered.at("user"), (Json{{"id", "ann"}}));
  EXPECT_EQ(registered.at("data").at("sessionId"), registered.at("connectionId"));
  EXPECT_EQ(registered.at("data").at("state"), nullptr);
}

TEST(Pluv, WhoIsRefusedIsToldInWordsAndForGood) {
  PluvWorld world;
  PluvPeer eve(world, "?token=?");
  EXPECT_EQ(eve.only("$error").at("data"), (Json{{"message", "Not authorized"}}));
  EXPECT_EQ(eve.close_code, 3000);
}

// ---- the document

// A client that hears of an edit before its own document stands is broken for good.
TEST(Pluv, EditsWaitForTheDocumentOfAJoinerAndComeAsOne) {
  for (const Movable movable : {Movable::yes, Movable::no}) {
    PluvWorld world;
    SimClient& writer = world.join(ClientOptions{.name = "writer", .query = "token=writer"});
    PluvPeer ann(world, "?token=ann", movable);
    writer.type("a");
    world.settle();
    ann.begin();
    EXPECT_EQ(ann.text_of(ann.only("$storageReceived").at("data").at("state")), "a");
    writer.type("b");
    writer.type("c");
    world.settle();
    EXPECT_TRUE(ann.take("$storageUpdated").empty());
    ann.built();
    const Json missed = ann.only("$storageUpdated");
    EXPECT_TRUE(missed.at("connectionId").is_string());
    EXPECT_EQ(ann.text_of(missed.at("data").at("state")), "abc");
    writer.type("d");
    world.settle();
    const Json edit = ann.only("$storageUpdated");
    EXPECT_EQ(ann.text_of(edit.at("data").at("state")), "abcd");
    EXPECT_EQ(edit.at("user"), (Json{{"id", "writer"}})) << "the sender's, not the recipient's";
    ann.built();
    EXPECT_TRUE(ann.take("$storageUpdated").empty()) << "nothing was missed";
  }
}

// At every keystroke it would be told the same.
TEST(Pluv, AReaderIsToldOnceThatItMayOnlyRead) {
  PluvWorld world;
  PluvPeer reader(world, "?token=reader"), counting(world, "?acks=1&token=reader");
  Author author(77), other(78);
  for (PluvPeer* peer : {&reader, &counting}) {
    peer->begin();
    peer->built();
    peer->heard.clear();
  }
  for (int i = 0; i < 3; ++i) {
    reader.type(author, "a");
    counting.type(other, "b");
  }
  constexpr const char* kWhy = "You may only read in this room.";
  EXPECT_EQ(reader.only("$error").at("data"),
            (Json{{"message", kWhy}, {"event", "$updateStorage"}, {"update", 2}}));
  EXPECT_EQ(counting.take("$error").size(), 3u) << "it has asked to be told of each";
  reader.say("wave", Json::object());
  EXPECT_EQ(reader.only("$error").at("data"),
            (Json{{"message", kWhy}, {"event", "wave"}, {"call", 1}}));
}

// y-websocket's auth message is all that its wire has for that.
TEST(Pluv, SoIsAReaderOfTheOtherWire) {
  PluvWorld world;
  SimClient& writer = world.join(ClientOptions{.name = "writer", .query = "token=writer"});
  SimClient& reader = world.join(ClientOptions{.name = "reader", .query = "token=reader"});
  writer.type("a");
  world.settle();
  EXPECT_TRUE(reader.refusals().empty()) << "its answer to our step1 was no attempt to write";
  reader.type("b");
  reader.type("c");
  world.settle();
  EXPECT_EQ(reader.refusals(), std::vector<std::string>{"You may only read in this room."});
  EXPECT_EQ(reader.close_code(), 0);
}

TEST(Pluv, AWriterOfAFullRoomIsToldOnceUntilItIsTakenAgain) {
  Limits limits;
  limits.document_bytes = 4'096;
  World world({.limits = limits, .auth = &PluvWorld::auth_});
  SimClient& writer = world.join(ClientOptions{.name = "writer", .query = "token=writer"});
  writer.type(std::string(20'000, 'x'));
  world.settle();
  writer.type("y");
  writer.type("z");
  world.settle();
  EXPECT_EQ(writer.refusals(), std::vector<std::string>{"The room is full."});
}

TEST(Pluv, PresenceSaysWhenItWasLastChanged) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  ann.begin({{"x", 1}});
  bob.begin();
  EXPECT_EQ(ann.take("$userJoined").at(0).at("data").at("timers").at("presence"), nullptr)
      << "not since it came";
  ann.say("$updatePresence", {{"presence", {{"x", 2}}}});
  const Json changed = bob.only("$presenceUpdated").at("data").at("timers").at("presence");
  EXPECT_TRUE(changed.is_number_unsigned()) << changed;
  bob.say("$getOthers", Json::object());
  const Json others = bob.only("$othersReceived").at("data").at("others");
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others.begin()->at("timers").at("presence"), changed);
  const PluvPeer tab(world, "?token=ann");
  EXPECT_EQ(tab.heard.at(0).at("data").at("timers").at("presence"), changed) << "it is hers";
}

// A client gives a pong two seconds, and is broken for good if it comes later.
TEST(Pluv, APongDoesNotWaitBehindMegabytes) {
  for (const Movable movable : {Movable::yes, Movable::no}) {
    PluvWorld world;
    SimClient& writer = world.join(ClientOptions{.name = "writer", .query = "token=writer"});
    PluvPeer ann(world, "?token=ann", movable);
    ann.begin();
    ann.built();
    ann.heard.clear();
    ann.read_speed(0);
    for (int i = 0; i < 4; ++i) {
      writer.type(std::string(400'000, 'x'));
      world.settle();
    }
    EXPECT_GT(ann.backlog_bytes(), 1u << 20);
    ann.say("$ping", Json::object());
    ann.read_speed(1'000);
    world.settle();
    ASSERT_GE(ann.heard.size(), 2u);
    EXPECT_EQ(ann.heard.front().at("type"), "$pong");
    EXPECT_EQ(ann.take("$pong").size(), 1u);
  }
}

// Every client uploads its whole state when it comes, which is mostly what it was just given.
TEST(Pluv, TheUploadOfWhatAClientWasJustGivenIsNotDecodedAgain) {
  static size_t applied;
  static const freshet_crdt* real;
  static freshet_crdt counting;
  applied = 0;
  World world({.auth = &PluvWorld::auth_, .wrap_crdt = [](const freshet_crdt* engine) {
                 real = engine;
                 counting = *engine;
                 counting.apply = [](void* self, freshet_doc* doc, uint32_t format,
                                     freshet_bytes update, freshet_applied* out) {
                   ++applied;
                   return real->apply(self, doc, format, update, out);
                 };
                 return &counting;
               }});
  PluvPeer ann(world, "?token=ann"), bob(world, "?acks=1&token=bob");
  Author author(77);
  const std::string state = base64(author.type({.root = "text"}, 0, "first"));
  ann.begin(Json::object(), state);
  ann.built(state);
  const size_t before = applied;
  bob.say_at_once("$initializeSession", {{"presence", Json::object()}, {"update", ""}});
  world.run_ms(100);
  const Json given = bob.only("$storageReceived").at("data").at("state");
  bob.say_at_once("$updateStorage", {{"origin", "$initialized"}, {"update", given}});
  world.run_ms(100);
  EXPECT_EQ(applied, before);
  EXPECT_EQ(bob.only("$saved").at("data"), (Json{{"update", 1}}));
  EXPECT_TRUE(ann.take("$storageUpdated").empty());
  ann.type(author, "second");
  EXPECT_EQ(applied, before + 1) << "what is new is";
  EXPECT_EQ(bob.take("$storageUpdated").size(), 1u);
}

TEST(Pluv, EditsReachTheOtherWireAndNotTheirSender) {
  PluvWorld world;
  SimClient& reader = world.join(ClientOptions{.name = "yjs", .query = "token=yjs"});
  PluvPeer ann(world, "?token=ann");
  ann.begin();
  ann.built();
  Author author(77);
  ann.type(author, "hello");
  EXPECT_EQ(reader.text(), "hello");
  EXPECT_TRUE(ann.take("$storageUpdated").empty());
  EXPECT_TRUE(ann.take("$saved").empty()) << "it did not ask";
}

TEST(Pluv, SavedIsSaidWhenItIsTrueToThoseWhoAsk) {
  PluvWorld world;
  PluvPeer ann(world, "?acks=1&token=ann");
  ann.begin();
  ann.built();
  EXPECT_EQ(ann.only("$saved").at("data"), (Json{{"update", 1}}));
  world.store().hold(true);
  Author author(77);
  ann.type(author, "hello");
  EXPECT_TRUE(ann.take("$saved").empty());
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(ann.only("$saved").at("data"), (Json{{"update", 2}}));
}

TEST(Pluv, BytesThatAreNoUpdateEndTheirSendersConnectionOnly) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), eve(world, "?token=eve");
  ann.begin();
  ann.built();
  eve.begin();
  eve.say("$updateStorage", {{"origin", nullptr}, {"update", "////"}});
  EXPECT_EQ(eve.only("$error").at("data"), (Json{{"message", "The update does not decode."},
                                                 {"event", "$updateStorage"},
                                                 {"update", 1}}));
  EXPECT_EQ(eve.close_code, 3000);
  EXPECT_EQ(ann.close_code, 0);
  EXPECT_TRUE(ann.take("$storageUpdated").empty());
}

TEST(Pluv, AReaderIsToldThatItMayNotWrite) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), reader(world, "?token=reader");
  ann.begin();
  ann.built();
  reader.begin();
  reader.built("AAA=");
  EXPECT_TRUE(reader.take("$error").empty());
  reader.say("wave", Json::object());
  Author author(77);
  reader.type(author, "no");
  EXPECT_EQ(reader.take("$error").size(), 2u);
  EXPECT_TRUE(ann.take("wave").empty());
  EXPECT_TRUE(ann.take("$storageUpdated").empty());
  EXPECT_EQ(reader.close_code, 0);
}

// ---- people

TEST(Pluv, PeopleSeeEachOtherComeChangeAndGo) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  ann.begin({{"x", 1}});
  EXPECT_EQ(ann.take("$userJoined").size(), 1u) << "its own, or it never asks for the others";
  bob.begin({{"x", 2}});
  const Json joined = ann.only("$userJoined");
  EXPECT_EQ(joined.at("user"), (Json{{"id", "bob"}}));
  EXPECT_EQ(joined.at("data").at("presence"), (Json{{"x", 2}}));

  bob.say("$getOthers", Json::object());
  const Json others = bob.only("$othersReceived").at("data").at("others");
  ASSERT_EQ(others.size(), 1u);
  EXPECT_EQ(others.front().at("presence"), (Json{{"x", 1}}));
  EXPECT_EQ(others.front().at("user"), (Json{{"id", "ann"}}));

  bob.say("$updatePresence", {{"presence", {{"y", 3}}}});
  const Json moved = ann.only("$presenceUpdated");
  EXPECT_EQ(moved.at("data").at("presence"), (Json{{"x", 2}, {"y", 3}}));
  EXPECT_EQ(moved.at("connectionId"), joined.at("connectionId"));
  bob.hang_up();
  world.settle();
  EXPECT_EQ(ann.only("$exit").at("connectionId"), joined.at("connectionId"));
}

TEST(Pluv, AYWebsocketClientIsOneOfThePeopleAndSeesThem) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann");
  ann.begin({{"name", "Ann"}});
  SimClient& yjs = world.join(ClientOptions{.name = "yjs", .query = "token=yjs"});
  yjs.show("{\"name\":\"Y\"}");
  world.settle();
  ASSERT_EQ(yjs.present().size(), 2u);
  const auto shown = yjs.present();
  EXPECT_TRUE(
      std::ranges::any_of(shown, [](const auto& p) { return p.second == R"({"name":"Ann"})"; }));
  const Json joined = ann.take("$userJoined").back();
  EXPECT_EQ(joined.at("user"), (Json{{"id", "yjs"}}));

  // It renews what it shows, and the room renews Ann for it; neither is news here.
  ann.heard.clear();
  world.run_ms(40'000);
  ann.say("$ping", Json::object());
  world.run_ms(40'000);
  EXPECT_TRUE(ann.take("$presenceUpdated").empty());
  EXPECT_EQ(yjs.present().size(), 2u);
  yjs.go_offline();
  world.settle();
  EXPECT_EQ(ann.only("$exit").at("connectionId"), joined.at("connectionId"));
}

TEST(Pluv, TabsOfAUserShowTheSame) {
  PluvWorld world;
  PluvPeer first(world, "?token=ann"), second(world, "?token=ann"), bob(world, "?token=bob");
  first.begin({{"x", 1}});
  second.begin({{"y", 2}});
  bob.begin();
  bob.heard.clear();
  second.say("$updatePresence", {{"presence", {{"x", 5}}}});
  const Json moved = bob.only("$presenceUpdated");
  EXPECT_EQ(moved.at("data").at("presence"), (Json{{"x", 5}, {"y", 2}}));
  bob.say("$getOthers", Json::object());
  const Json others = bob.only("$othersReceived").at("data").at("others");
  EXPECT_EQ(others.size(), 2u);
  for (const Json& other : others) {
    EXPECT_EQ(other.at("presence"), (Json{{"x", 5}, {"y", 2}}));
  }
  EXPECT_EQ(PluvPeer(world, "?token=ann").only("$registered").at("data").at("presence"),
            (Json{{"x", 5}, {"y", 2}}));
}

TEST(Pluv, AUserWhoComesBackIsAsItWas) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann");
  ann.begin({{"x", 1}});
  ann.hang_up();
  world.settle();
  PluvPeer again(world, "?token=ann"), bob(world, "?token=bob");
  EXPECT_EQ(again.only("$registered").at("data").at("presence"), (Json{{"x", 1}}));
  EXPECT_EQ(bob.only("$registered").at("data").at("presence"), nullptr);
}

TEST(Pluv, PresenceThatIsTooLargeIsRefusedAndChangesNothing) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  ann.begin();
  bob.begin({{"x", 1}});
  ann.heard.clear();
  bob.say("$updatePresence", {{"presence", {{"big", std::string(600, 'x')}}}});
  EXPECT_EQ(bob.take("$error").size(), 1u);
  EXPECT_TRUE(ann.take("$presenceUpdated").empty());
  bob.say("$updatePresence", {{"presence", {{"y", 1}}}});
  EXPECT_EQ(ann.only("$presenceUpdated").at("data").at("presence"), (Json{{"x", 1}, {"y", 1}}));
}

// ---- events

TEST(Pluv, AnEventReachesAllInItsWordsWithItsSender) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob", Movable::no);
  SimClient& yjs = world.join(ClientOptions{.name = "yjs", .query = "token=yjs"});
  const size_t before = yjs.received.messages;
  ann.say("wave", {{"hi", {1, 2}}});
  for (PluvPeer* peer : {&ann, &bob}) {
    const Json event = peer->only("wave");
    EXPECT_EQ(event.at("data"), (Json{{"hi", {1, 2}}}));
    EXPECT_EQ(event.at("user"), (Json{{"id", "ann"}}));
  }
  EXPECT_EQ(yjs.received.messages, before) << "there are no words for it on that wire";
}

TEST(Pluv, NobodySpeaksInTheServersName) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), eve(world, "?token=eve");
  for (const char* name : {"$exit", "$storageUpdated", "$registered", "$syncStateReceived"}) {
    eve.say(name, {{"connectionIds", Json::array()}});
    EXPECT_EQ(eve.take("$error").size(), 1u) << name;
  }
  EXPECT_EQ(ann.heard.size(), 1u) << "what it was told when it came";
}

// ---- msgpack

TEST(Pluv, OneClientOfEachFormatInARoomHearTheSame) {
  for (const Movable movable : {Movable::yes, Movable::no}) {
    PluvWorld world;
    PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob", movable, Speaks::msgpack);
    EXPECT_EQ(bob.only("$registered").at("user"), (Json{{"id", "bob"}}));
    Author author(77);
    ann.begin({{"x", 1}}, base64(author.type({.root = "text"}, 0, "a")));
    ann.built();
    bob.begin({{"y", {0.5, nullptr}}});
    bob.built();
    EXPECT_EQ(bob.text_of(bob.only("$storageReceived").at("data").at("state")), "a");
    EXPECT_EQ(ann.take("$userJoined").back().at("data").at("presence"),
              (Json{{"y", {0.5, nullptr}}}));

    Author second(78);
    bob.type(second, "b");
    EXPECT_NE(ann.text_of(ann.only("$storageUpdated").at("data").at("state")), "");
    ann.type(author, "c");
    EXPECT_NE(bob.text_of(bob.only("$storageUpdated").at("data").at("state")), "");
    EXPECT_TRUE(bob.take("$error").empty());

    bob.say("wave", {{"hi", {1, "ü"}}});
    ann.say("nod", {-1, 1e300});
    for (PluvPeer* peer : {&ann, &bob}) {
      EXPECT_EQ(peer->only("wave").at("data"), (Json{{"hi", {1, "ü"}}}));
      EXPECT_EQ(peer->only("nod").at("data"), (Json{-1, 1e300}));
    }
    bob.say("$ping", Json::object());
    EXPECT_EQ(bob.only("$pong").at("data"), Json::object());
    bob.say("$updateStorage", {{"origin", nullptr}, {"update", "AAA="}});
    EXPECT_EQ(bob.take("$error").size(), 1u);
    EXPECT_EQ(bob.close_code, 3000);
    EXPECT_EQ(ann.close_code, 0);
  }
}

TEST(Pluv, WhoIsRefusedHearsItInItsOwnFormat) {
  PluvWorld world;
  PluvPeer eve(world, "?token=?", Movable::yes, Speaks::msgpack);
  EXPECT_EQ(eve.only("$error").at("data"), (Json{{"message", "Not authorized"}}));
  EXPECT_EQ(eve.close_code, 3000);
}

// ---- going

TEST(Pluv, WhatIsSubmittedBeforeTheRoomIsLoadedIsAnsweredInOrder) {
  PluvWorld world;
  world.store().hold(true);
  PluvPeer ann(world, "?token=ann");
  ann.begin({{"x", 1}});
  ann.say("$getOthers", Json::object());
  ann.built();
  ann.say("wave", Json::object());
  EXPECT_TRUE(ann.heard.empty());
  world.store().hold(false);
  world.settle();
  std::string order;
  for (const Json& message : ann.heard) order += message.at("type").get<std::string>() + " ";
  EXPECT_EQ(order, "$registered $storageReceived $othersReceived $userJoined wave ")
      << "answers in their order, and what everybody hears in its";
}

TEST(Pluv, AClientThatWouldBeBackAtOnceIsMadeToWait) {
  PluvWorld world;
  world.store().fail_loads(Status::retry);
  PluvPeer ann(world, "?token=ann");
  world.run_ms(1'500);  // two have gone by
  EXPECT_EQ(ann.close_code, 0) << "not before some seconds are over";
  EXPECT_EQ(world.metric("freshet_sessions"), 0) << "nor does it take anybody's place meanwhile";
  world.run_ms(4'500);
  EXPECT_EQ(ann.close_code, 1013);
}

TEST(Pluv, OneThatHasBeenHereForLongIsNotMadeToWait) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann");
  world.run_ms(20'000);
  ann.fault(FRESHET_CLOSE_OVERLOADED, "too much is being received at once");
  EXPECT_EQ(ann.close_code, 1013);
}

// ---- ends that are not the room's

TEST(Pluv, WhatThePlatformEndsIsSaidInTheWiresWordsToo) {
  const std::pair<uint16_t, uint16_t> cases[] = {{FRESHET_CLOSE_TIMEOUT, 1013},
                                                 {FRESHET_CLOSE_INTERNAL, 1013},
                                                 {FRESHET_CLOSE_TOO_LARGE, 3000},
                                                 {1007, 1007}};
  for (const auto& [code, said] : cases) {
    PluvWorld world;
    PluvPeer ann(world, "?token=ann");
    world.run_ms(20'000);
    ann.fault(code, "a reason");
    EXPECT_EQ(ann.close_code, said);
    EXPECT_EQ(ann.take("$error").size(), code == FRESHET_CLOSE_TOO_LARGE ? 1u : 0u) << code;
    EXPECT_EQ(world.metric("freshet_sessions"), 0);
  }
}

TEST(Pluv, AMessageThatIsTooLargeIsTalkedOf) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), bob(world, "?token=bob");
  ann.fault(FRESHET_CLOSE_TOO_LARGE, "a message of 40 bytes, over the limit of 30");
  bob.fault(FRESHET_CLOSE_TOO_LARGE, "a message of 50 bytes, over the limit of 30");
  EXPECT_EQ(ann.only("$error").at("data").at("message"),
            "a message of 40 bytes, over the limit of 30");
  EXPECT_TRUE(world.logged("room \"r\": refused for its size: a message of 40 bytes"));
  EXPECT_FALSE(world.logged("a message of 50 bytes")) << "not every time";
  world.run_ms(10'000);
  PluvPeer eve(world, "?token=eve");
  eve.fault(FRESHET_CLOSE_TOO_LARGE, "a message of 60 bytes, over the limit of 30");
  EXPECT_TRUE(world.logged("a message of 60 bytes, over the limit of 30; 1 more since"));
}

TEST(Pluv, ATokenThatHasExpiredIsNoReasonToStayAway) {
  PluvWorld world;
  PluvPeer old(world, "?token=old"), brief(world, "?token=brief");
  EXPECT_EQ(old.only("$error").at("data").at("message"), "The token has expired.");
  world.run_ms(7'000);
  EXPECT_EQ(old.close_code, 1013);
  EXPECT_EQ(brief.close_code, 0);
  world.run_ms(14'000);
  EXPECT_EQ(brief.close_code, 1013);
}

TEST(Pluv, WhatAClientWasGivenItMayUploadHoweverLargeItIs) {
  Limits limits;
  limits.update_bytes = 700'000;
  PluvWorld world(limits);
  PluvPeer ann(world, "?token=ann");
  ann.begin();
  ann.built();
  Author author(77);
  for (int i = 0; i < 2; ++i) ann.type(author, std::string(600'000, 'x'));
  PluvPeer quick(world, "?token=bob"), slow(world, "?token=eve");
  for (PluvPeer* peer : {&quick, &slow}) {
    PluvPeer& bob = *peer;
    const uint64_t wait_ms = peer == &quick ? 0 : 5'000;
    bob.begin();
    const Json state = bob.only("$storageReceived").at("data").at("state");
    world.run_ms(wait_ms);
    bob.built(state.get<std::string>());
    EXPECT_EQ(bob.close_code, 0) << wait_ms;
    EXPECT_TRUE(bob.take("$error").empty());
  }
  ann.type(author, std::string(800'000, 'x'));
  EXPECT_EQ(ann.only("$error").at("data").at("message").get<std::string>().substr(0, 37),
            "This is too large: an update of 80001");
  EXPECT_TRUE(world.logged("limits.update_bytes is 700000"));
  EXPECT_EQ(ann.close_code, 3000);
}

TEST(Pluv, ARestartWaitsForNobody) {
  PluvWorld world;
  world.store().fail_loads(Status::retry);
  PluvPeer ann(world, "?token=ann");
  world.stop(1'000);
  EXPECT_EQ(ann.close_code, 1012);
}

TEST(Pluv, OneThatSendsNothingForTooLongIsGone) {
  PluvWorld world;
  PluvPeer ann(world, "?token=ann"), mute(world, "?token=mute");
  ann.begin();
  mute.begin();
  for (int i = 0; i < 12; ++i) {
    world.run_ms(10'000);
    ann.say("$ping", Json::object());
  }
  EXPECT_EQ(ann.take("$pong").size(), 12u);
  EXPECT_EQ(ann.take("$exit").size(), 1u);
  EXPECT_EQ(ann.close_code, 0);
  EXPECT_EQ(mute.close_code, 1013);
}

}  // namespace
}  // namespace freshet::sim
