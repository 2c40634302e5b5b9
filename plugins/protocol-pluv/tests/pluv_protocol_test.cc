#include "protocol-pluv/pluv_protocol.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "freshet/testing.h"
#include "freshet/testing/fake_rooms.h"

namespace freshet::pluv {
namespace {

using Json = nlohmann::json;
using Calls = std::vector<std::string>;

struct World {
  World() : host(PluvProtocol::kSettings) { host.offer(FRESHET_ROOM_ID, rooms.table()); }

  Status create() {
    auto created = make_plugin<PluvProtocol>(host.host());
    if (!created) return created.status();
    protocol = *std::move(created);
    return Status::ok;
  }

  Status open(std::string_view query = "", uint32_t permission = FRESHET_READ_WRITE,
              std::string_view subprotocol = "") {
    freshet_open open{};
    open.subprotocol = to_c(subprotocol);
    open.size = sizeof(open);
    open.room = to_c(std::string_view("den"));
    open.query = to_c(query);
    open.user = to_c(std::string_view(R"({"id":"ann"})"));
    open.permission = permission;
    auto opened = protocol->open(open);
    if (!opened) return opened.status();
    connection = *std::move(opened);
    return Status::ok;
  }

  Status say(std::string_view json, bool text = true) {
    return connection->message(as_bytes(json), text);
  }
  // All that was sent past the rooms, and the last of it.
  const std::vector<testing::FakeRooms::Sent>& sent() {
    for (auto& each : rooms.take_sent()) sent_.push_back(std::move(each));
    return sent_;
  }
  Json heard() { return Json::parse(sent().back().bytes); }
  // What was asked of the rooms themselves.
  Calls asked() {
    Calls calls = rooms.take();
    std::erase_if(calls, [](const std::string& call) { return call.starts_with("send"); });
    return calls;
  }

  testing::FakeRooms rooms{testing::FakeRooms::Shows::hex};
  testing::FakeHost host;
  std::unique_ptr<PluvProtocol> protocol;
  std::unique_ptr<ProtocolConnection> connection;

 private:
  std::vector<testing::FakeRooms::Sent> sent_;
};

// A client that has joined; what it did to get there is forgotten.
struct Joined : World {
  explicit Joined(std::string_view query = "", uint32_t permission = FRESHET_READ_WRITE) {
    EXPECT_EQ(create(), Status::ok);
    EXPECT_EQ(open(query, permission), Status::ok);
    rooms.take();
  }
};

std::string storage(std::string_view origin, std::string_view update = "AAA=") {
  return R"({"type":"$updateStorage","data":{"origin":)" + std::string(origin) + R"(,"update":")" +
         std::string(update) + "\"}}";
}

TEST(PluvProtocol, IsAtItsOwnRouteAndWhereStockClientsLook) {
  const auto routes_of = [](World& world) {
    std::string routes;
    const ItemSink sink([&](Bytes route) {
      routes += std::string(as_text(route)) + " ";
      return Status::ok;
    });
    EXPECT_EQ(world.create(), Status::ok);
    EXPECT_EQ(world.protocol->routes(Sink(sink.c())), Status::ok);
    return routes;
  };
  World usual;
  EXPECT_EQ(routes_of(usual), "/pluv /api/pluv/room ");
  World other;
  other.host.set("route", "/p");
  other.host.set("client_route", "");
  EXPECT_EQ(routes_of(other), "/p ");
}

TEST(PluvProtocol, RefusesARouteThatCannotBeOne) {
  for (const char* key : {"route", "client_route"}) {
    for (const char* route : {"pluv", "/pluv/", "/a//b", "/a?b", "/a b"}) {
      World world;
      world.host.set(key, route);
      EXPECT_EQ(world.create(), Status::malformed) << route;
      EXPECT_TRUE(world.host.logged(key)) << route;
    }
  }
}

TEST(PluvProtocol, AJoinerHearsOfEventsAndOfNothingElseYet) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  ASSERT_EQ(world.open(), Status::ok);
  EXPECT_EQ(world.asked(), Calls{"join den"});
  EXPECT_TRUE(world.rooms.text());
  EXPECT_EQ(world.rooms.permission(), uint32_t{FRESHET_READ_WRITE});
  EXPECT_EQ(world.rooms.wants(), FRESHET_WANT_EVENTS);
  ASSERT_EQ(world.open("x=1&acks=1"), Status::ok);
  EXPECT_EQ(world.rooms.wants(), FRESHET_WANT_EVENTS | FRESHET_WANT_SAVED);
}

TEST(PluvProtocol, ANameThatIsNoRoomIsRefused) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  world.rooms.answer("join", Status::not_found);
  EXPECT_EQ(world.open(), Status::not_found);
}

TEST(PluvProtocol, BeginningASessionShowsItAndOpensTheDocument) {
  Joined ann;
  EXPECT_EQ(ann.say(R"({"type":"$initializeSession","data":{"presence":{"x":1},"update":"AQID"}})"),
            Status::ok);
  const std::string presence = std::to_string(FRESHET_WANT_PRESENCE);
  EXPECT_EQ(ann.asked(), (Calls{"follow " + presence, R"(show {"x":1})", "open_document 010203"}));
  EXPECT_EQ(ann.say(R"({"type":"$initializeSession","data":{"presence":null,"update":""}})"),
            Status::ok);
  EXPECT_EQ(ann.asked(), (Calls{"follow " + presence, "show {}", "open_document"}));
}

TEST(PluvProtocol, EditsOfOthersComeOnceItsOwnDocumentStands) {
  Joined ann;
  EXPECT_EQ(ann.say(storage("null", "AQID")), Status::ok);
  EXPECT_EQ(ann.asked(), Calls{"submit_update 1 010203"});
  EXPECT_EQ(ann.say(storage("\"$initialized\"")), Status::ok);
  EXPECT_EQ(ann.asked(),
            (Calls{"follow " + std::to_string(FRESHET_WANT_UPDATES), "submit_update 2 0000"}));
  EXPECT_EQ(ann.say(storage("\"$initialized\"", "")), Status::ok);
  EXPECT_EQ(ann.asked(), Calls{"follow " + std::to_string(FRESHET_WANT_UPDATES)});
  EXPECT_TRUE(ann.sent().empty());
}

TEST(PluvProtocol, AReaderIsNotToldOffForTheUploadThatEveryClientMakes) {
  Joined reader("", FRESHET_READ_ONLY);
  EXPECT_EQ(reader.say(storage("\"$initialized\"")), Status::ok);
  EXPECT_EQ(reader.asked(), Calls{"follow " + std::to_string(FRESHET_WANT_UPDATES)});
  EXPECT_EQ(reader.say(storage("null")), Status::ok);
  EXPECT_EQ(reader.asked(), Calls{"submit_update 2 0000"}) << "the room refuses it, and says so";
}

TEST(PluvProtocol, WithAcksEvenAnEmptyUpdateIsAnswered) {
  Joined ann("acks=1");
  EXPECT_EQ(ann.say(storage("null", "")), Status::ok);
  EXPECT_EQ(ann.heard().at("type"), "$saved");
  EXPECT_EQ(ann.heard().at("data"), (Json{{"update", 1}}));
}

TEST(PluvProtocol, APingIsAnsweredPastAllRoomsAndBeforeAllThatWaits) {
  Joined ann;
  for (const char* ping : {R"({"type":"$ping","data":{}})", R"({ "data":null, "type":"$ping"})"}) {
    EXPECT_EQ(ann.say(ping), Status::ok);
    EXPECT_EQ(ann.heard(), Json::parse(R"({"type":"$pong","data":{},"room":"den",
        "connectionId":"p_0000000000002a","user":{"id":"ann"}})"));
    const Calls calls = ann.rooms.take();
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_TRUE(calls[0].starts_with("send_urgent ")) << calls[0];
  }
}

TEST(PluvProtocol, WhoPingsFasterThanItReadsGetsFewerPongs) {
  Joined ann;
  ann.rooms.answer("send_urgent", Status::limit);
  EXPECT_EQ(ann.say(R"({"type":"$ping","data":{}})"), Status::ok);
}

TEST(PluvProtocol, TheRestGoesToTheRoom) {
  Joined ann;
  EXPECT_EQ(ann.say(R"({"type":"$getOthers","data":{}})"), Status::ok);
  EXPECT_EQ(ann.say(R"({"type":"$updatePresence","data":{"presence":{"x":2}}})"), Status::ok);
  EXPECT_EQ(ann.say(R"({"type":"wave","data":{"hi":[1]}})"), Status::ok);
  EXPECT_EQ(ann.say(R"({"type":"binary","data":[]})", false), Status::ok);
  EXPECT_EQ(ann.asked(), (Calls{"query_presence", R"(show {"x":2})", R"(call 1 wave {"hi":[1]})",
                                "call 2 binary []"}));
}

TEST(PluvProtocol, WhoAsksForMsgpackGetsItInBinaryFrames) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  ASSERT_EQ(world.open("acks=1", FRESHET_READ_WRITE, "freshet.msgpack"), Status::ok);
  EXPECT_EQ(world.asked(), Calls{"join den"});
  EXPECT_FALSE(world.rooms.text());
  EXPECT_EQ(world.rooms.variant(), 1u);
  const auto say = [&](const std::string& type, const Json& data) {
    return world.connection->message(Json::to_msgpack({{"type", type}, {"data", data}}), false);
  };
  const auto heard = [&] {
    const auto& last = world.sent().back();
    EXPECT_FALSE(last.text);
    return Json::from_msgpack(last.bytes);
  };
  EXPECT_EQ(say("$initializeSession", {{"presence", {{"x", 1}}}, {"update", Json::binary({9})}}),
            Status::ok);
  EXPECT_EQ(say("wave", {1, 2}), Status::ok);
  EXPECT_EQ(world.asked(), (Calls{"follow " + std::to_string(FRESHET_WANT_PRESENCE),
                                  R"(show {"x":1})", "open_document 09", "call 1 wave [1,2]"}));
  EXPECT_EQ(say("$ping", Json::object()), Status::ok);
  EXPECT_EQ(heard().at("type"), "$pong");
  EXPECT_EQ(say("$updateStorage", {{"origin", nullptr}, {"update", Json::binary({})}}), Status::ok);
  EXPECT_EQ(heard().at("type"), "$saved");

  EXPECT_EQ(world.say(R"({"type":"$ping","data":{}})"), Status::ok);
  EXPECT_EQ(heard().at("data").at("message"), "A message is msgpack, in a binary frame.");
  EXPECT_EQ(say("$updateStorage", {{"update", "AAA="}}), Status::malformed);
  EXPECT_EQ(heard().at("type"), "$error");
}

TEST(PluvProtocol, WhatIsWrongIsSaidAndTheConnectionStays) {
  Joined ann;
  for (const char* wrong :
       {"not json", "{}", R"({"type":"$exit","data":{}})", "[]", R"({"type":"a","data":1})"}) {
    const size_t before = ann.sent().size();
    EXPECT_EQ(ann.say(wrong), Status::ok);
    ASSERT_EQ(ann.sent().size(), before + 1) << "never silence: " << wrong;
    EXPECT_EQ(ann.heard().at("type"), "$error");
    EXPECT_FALSE(ann.heard().at("data").contains("stack"));
  }
  EXPECT_EQ(ann.say("\xff", false), Status::ok);
  EXPECT_EQ(ann.heard().at("type"), "$error");
  EXPECT_EQ(ann.asked(), Calls{});
}

TEST(PluvProtocol, LostContentEndsTheConnectionAfterAWord) {
  Joined ann;
  EXPECT_EQ(ann.say(storage("null", "no base64")), Status::malformed);
  EXPECT_EQ(ann.heard().at("type"), "$error");
  EXPECT_EQ(ann.asked(), Calls{});
}

TEST(PluvProtocol, WhatARoomAnswersGoesUp) {
  Joined ann;
  ann.rooms.answer("call", Status::limit);
  EXPECT_EQ(ann.say(R"({"type":"wave","data":{}})"), Status::limit);
}

TEST(PluvProtocol, PresenceIsMergedWithinItsBound) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  const auto merged = [&](std::string_view shown, const std::string& change, Status expected) {
    std::vector<uint8_t> out;
    EXPECT_EQ(world.protocol->merge_presence(shown, as_bytes(change), VectorSink(out).sink()),
              expected);
    return std::string(as_text(out));
  };
  EXPECT_EQ(merged(R"({"a":1})", R"({"b":2})", Status::ok), R"({"a":1,"b":2})");
  EXPECT_EQ(merged({}, "[]", Status::malformed), "");
  const auto of_size = [](size_t size) { return R"({"a":")" + std::string(size - 8, 'x') + "\"}"; };
  merged({}, of_size(512), Status::ok);
  merged({}, of_size(513), Status::too_large);
  merged(R"({"b":1})", of_size(508), Status::too_large);
  merged({}, "{" + std::string(kMaxPresenceBytes - 2, ' ') + "}", Status::ok);
  merged({}, "{" + std::string(kMaxPresenceBytes - 1, ' ') + "}", Status::too_large);
}

TEST(PluvProtocol, SpeaksOfItsClosesInCodesItsClientsKnow) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  const auto& protocol = *world.protocol;
  for (const uint16_t final_code :
       {FRESHET_CLOSE_MALFORMED, FRESHET_CLOSE_UNAUTHENTICATED, FRESHET_CLOSE_DENIED,
        FRESHET_CLOSE_NO_ROOM, FRESHET_CLOSE_REPLACED, FRESHET_CLOSE_TOO_LARGE}) {
    EXPECT_EQ(protocol.close_code(final_code), 3000);
  }
  for (const uint16_t later :
       {FRESHET_CLOSE_INTERNAL, FRESHET_CLOSE_OVERLOADED, FRESHET_CLOSE_TIMEOUT,
        FRESHET_CLOSE_CANNOT_LOAD, FRESHET_CLOSE_RATE, FRESHET_CLOSE_EXPIRED}) {
    EXPECT_EQ(protocol.close_code(later), 1013);
  }
  EXPECT_EQ(protocol.close_code(FRESHET_CLOSE_RESTART), 1012);
  EXPECT_EQ(protocol.close_code(FRESHET_CLOSE_NORMAL), 1000);
}

TEST(PluvProtocol, WhoIsSentAwayIsToldWhy) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  const auto told = [&](uint16_t code, std::string_view room) {
    const freshet_refusal refusal{
        sizeof(freshet_refusal), code, to_c(std::string_view("the reason")), to_c(room), {}};
    std::vector<uint8_t> out;
    bool text = false;
    EXPECT_EQ(world.protocol->refusal(refusal, VectorSink(out).sink(), text), Status::ok);
    EXPECT_TRUE(text);
    return Json::parse(as_text(out));
  };
  EXPECT_EQ(told(FRESHET_CLOSE_UNAUTHENTICATED, "den"),
            Json::parse(R"({"type":"$error","data":{"message":"Not authorized"},
                            "connectionId":null,"room":"den","user":null})"));
  EXPECT_EQ(told(FRESHET_CLOSE_OVERLOADED, "\xff").at("data").at("message"), "the reason");
  EXPECT_EQ(told(FRESHET_CLOSE_OVERLOADED, "\xff").at("room"), "");
}

TEST(PluvProtocol, AsksOfTheRoomWhatItsClientsNeed) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  const freshet_traits traits = world.protocol->traits();
  EXPECT_EQ(traits.saved, FRESHET_SAVED_NOTE);
  EXPECT_EQ(traits.presence_echo, 1);
  EXPECT_EQ(traits.presence_ttl_ms, 0u);
  EXPECT_EQ(traits.idle_ms, 90'000u);
  EXPECT_EQ(traits.retry_delay_ms, 5'000u);
  EXPECT_EQ(traits.retries_final, 0);
  EXPECT_GT(traits.message_bytes, 31'457'280u) << "pluv's own bound of a document, in base64";
  EXPECT_EQ(traits.refuses_in_words, 1);
}

}  // namespace
}  // namespace freshet::pluv
