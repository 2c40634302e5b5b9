#include "protocol-yjs/yjs_protocol.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "frames.h"
#include "freshet/testing.h"
#include "freshet/testing/fake_rooms.h"

namespace freshet::yjs {
namespace {

std::string hex(Bytes bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

struct World {
  World() : host(YjsProtocol::kSettings) { host.offer(FRESHET_ROOM_ID, rooms.table()); }

  Status create() {
    auto created = make_plugin<YjsProtocol>(host.host());
    if (!created) return created.status();
    protocol = *std::move(created);
    return Status::ok;
  }

  Status open(std::string_view room, uint32_t permission = FRESHET_READ_WRITE) {
    const freshet_open open{.size = sizeof(freshet_open),
                            .link = nullptr,
                            .room = to_c(room),
                            .query = {},
                            .subprotocol = {},
                            .user = {},
                            .permission = permission,
                            .anybody = 0};
    auto opened = protocol->open(open);
    if (!opened) return opened.status();
    connection = *std::move(opened);
    return Status::ok;
  }

  Status send(const std::string& bytes_hex) {
    return connection->message(from_hex(bytes_hex), false);
  }

  std::string encode(uint32_t kind, Bytes bytes = {}, uint32_t format = FRESHET_UPDATE_V1) {
    freshet_delivery delivery{};
    delivery.kind = kind;
    delivery.format = format;
    delivery.bytes = to_c(bytes);
    return encode(delivery);
  }
  std::string encode(std::span<const freshet_presence> entries) {
    freshet_delivery delivery{};
    delivery.kind = FRESHET_PRESENCE;
    delivery.presence = entries.data();
    delivery.presence_count = entries.size();
    return encode(delivery);
  }
  std::string encode(freshet_delivery& delivery) {
    std::vector<uint8_t> out;
    VectorSink sink(out);
    delivery.size = sizeof(delivery);
    encoded = protocol->encode(delivery, sink.sink());
    return hex(out);
  }

  testing::FakeRooms rooms{testing::FakeRooms::Shows::hex};
  testing::FakeHost host;
  std::unique_ptr<YjsProtocol> protocol;
  std::unique_ptr<ProtocolConnection> connection;
  Status encoded = Status::ok;
};

// A client that has joined; what it did to get there is forgotten.
struct Joined : World {
  Joined() {
    EXPECT_EQ(create(), Status::ok);
    EXPECT_EQ(open("a"), Status::ok);
    rooms.take();
  }
};

using Calls = std::vector<std::string>;

TEST(YjsProtocol, JoinsTheRoomOfTheUrlWithThePermissionOfTheIdentity) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  EXPECT_EQ(world.open("a/b c"), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"join a/b c"});
  EXPECT_EQ(world.rooms.permission(), uint32_t{FRESHET_READ_WRITE});
  EXPECT_EQ(world.rooms.prefix(), "");
  EXPECT_FALSE(world.rooms.text());
  EXPECT_EQ(world.rooms.wants(),
            uint32_t{FRESHET_WANT_UPDATES | FRESHET_WANT_PRESENCE | FRESHET_WANT_SAVED});
  EXPECT_EQ(world.open("b", FRESHET_READ_ONLY), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"join b"});
  EXPECT_EQ(world.rooms.permission(), uint32_t{FRESHET_READ_ONLY});
}

TEST(YjsProtocol, SaysThatThereIsNoSuchRoomForANameThatIsNone) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  world.rooms.answer("join", Status::malformed);
  EXPECT_EQ(world.open(""), Status::not_found);
  world.rooms.answer("join", Status::limit);
  EXPECT_EQ(world.open("a"), Status::limit);
}

TEST(YjsProtocol, TurnsTheFramesOfAClientIntoWhatARoomDoes) {
  Joined world;
  EXPECT_EQ(world.send(hex(fixture("doc.step1"))), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"request_diff " + hex(fixture("doc.vector"))});
  EXPECT_EQ(world.send(hex(fixture("doc.step2"))), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"submit_update 0 " + hex(fixture("doc.update"))});
  EXPECT_EQ(world.send(hex(fixture("doc.frame"))), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"submit_update 0 " + hex(fixture("doc.update"))});
  EXPECT_EQ(world.send(hex(fixture("query.frame"))), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{"query_presence"});
}

TEST(YjsProtocol, HandsOnTheAwarenessOfAClientItsFirstStateIncluded) {
  Joined world;
  EXPECT_EQ(world.send(hex(fixture("awareness.frame"))), Status::ok);
  EXPECT_EQ(world.rooms.take(),
            Calls{"submit_presence 7@0={} "
                  "3735928559@300={\"user\":{\"name\":\"Größe \\\"🌊\\\"\",\"color\":\"#abc\"}} "
                  "9007199254740991@2=gone"});
}

TEST(YjsProtocol, AsksNothingOfTheRoomForFramesWithoutMeaningForIt) {
  Joined world;
  EXPECT_EQ(world.send(hex(fixture("auth.frame"))), Status::ok);
  EXPECT_EQ(world.send(hex(fixture("nobody.frame"))), Status::ok);
  EXPECT_EQ(world.rooms.take(), Calls{});
}

TEST(YjsProtocol, EndsAConnectionThatSendsSomethingElse) {
  Joined world;
  for (const char* frame : {"", "09", "0003", "000201", "01020101", "0106010101027b5d"}) {
    EXPECT_EQ(world.send(frame), Status::malformed) << frame;
  }
  const std::vector<uint8_t> update = fixture("doc.frame");
  EXPECT_EQ(world.connection->message(update, true), Status::malformed) << "a text frame";
  EXPECT_EQ(world.rooms.take(), Calls{});
}

TEST(YjsProtocol, DropsWhatASessionMayNotWriteAndKeepsIt) {
  Joined world;
  world.rooms.answer("submit_update", Status::denied);
  world.rooms.answer("submit_presence", Status::denied);
  EXPECT_EQ(world.send(hex(fixture("doc.step2"))), Status::ok);
  EXPECT_EQ(world.send(hex(fixture("awareness.frame"))), Status::ok);
}

TEST(YjsProtocol, PassesOnWhatTheRoomSaysOfAFrame) {
  Joined world;
  world.rooms.answer("submit_update", Status::malformed);
  world.rooms.answer("submit_presence", Status::limit);
  world.rooms.answer("request_diff", Status::malformed);
  world.rooms.answer("query_presence", Status::retry);
  EXPECT_EQ(world.send(hex(fixture("doc.frame"))), Status::malformed);
  EXPECT_EQ(world.send(hex(fixture("awareness.frame"))), Status::limit);
  EXPECT_EQ(world.send(hex(fixture("doc.step1"))), Status::malformed);
  EXPECT_EQ(world.send(hex(fixture("query.frame"))), Status::retry);
}

TEST(YjsProtocol, HoldsAnAwarenessMessageToTheSetting) {
  World world;
  world.host.set("presence_entries", int64_t{2});
  ASSERT_EQ(world.create(), Status::ok);
  ASSERT_EQ(world.open("a"), Status::ok);
  world.rooms.take();
  EXPECT_EQ(world.send(hex(fixture("awareness.frame"))), Status::too_large);
  EXPECT_EQ(world.rooms.take(), Calls{});
}

TEST(YjsProtocol, GreetsWithTheStep1OfTheRoom) {
  Joined world;
  EXPECT_EQ(world.encode(FRESHET_JOINED, fixture("doc.vector")), hex(fixture("doc.step1")));
  EXPECT_EQ(world.encode(FRESHET_JOINED, fixture("empty.vector")), "00000100");
}

TEST(YjsProtocol, AnswersWithStep2AndTellsOfEditsWithUpdates) {
  Joined world;
  const auto update = fixture("doc.update");
  EXPECT_EQ(world.encode(FRESHET_DIFF, update), hex(fixture("doc.step2")));
  EXPECT_EQ(world.encode(FRESHET_UPDATE, update), hex(fixture("doc.frame")));
  for (const freshet_delivery_kind kind : {FRESHET_DIFF, FRESHET_UPDATE}) {
    EXPECT_EQ(world.encode(kind, update, 2), "") << "an update of another format";
    EXPECT_EQ(world.encoded, Status::unsupported);
  }
}

TEST(YjsProtocol, ShowsPresenceAsAwareness) {
  Joined world;
  const freshet_presence entries[] = {
      {7, 0, to_c("{}")},
      {3735928559, 300, to_c(R"({"user":{"name":"Größe \"🌊\"","color":"#abc"}})")},
      {9007199254740991, 2, {nullptr, 0}}};
  EXPECT_EQ(world.encode(entries), hex(fixture("awareness.frame")));
}

TEST(YjsProtocol, KeepsAClientAliveWithAnAwarenessOfNobody) {
  Joined world;
  EXPECT_EQ(world.encode(FRESHET_KEEPALIVE), hex(fixture("nobody.frame")));
  EXPECT_EQ(world.encoded, Status::ok);
}

// y-protocols' auth message: type 2, permission denied 0, the reason.
TEST(YjsProtocol, SaysWhyAWriteIsRefused) {
  Joined world;
  freshet_delivery refused{};
  refused.kind = FRESHET_REFUSED;
  refused.status = FRESHET_DENIED;
  const auto message = [](std::string_view why) {
    std::string frame{'\x02', '\x00', static_cast<char>(why.size())};
    return hex(as_bytes(frame.append(why)));
  };
  EXPECT_EQ(world.encode(refused), message("You may only read in this room."));
  refused.status = FRESHET_LIMIT;
  EXPECT_EQ(world.encode(refused), message("The room is full."));
  refused.bytes = to_c(as_bytes("Not today."));
  EXPECT_EQ(world.encode(refused), message("Not today."));
}

TEST(YjsProtocol, HasNoWordsForSaved) {
  Joined world;
  for (const uint32_t kind : {uint32_t{FRESHET_SAVED}, 99u}) {
    EXPECT_EQ(world.encode(kind), "");
    EXPECT_EQ(world.encoded, Status::not_found);
  }
}

TEST(YjsProtocol, SaysHowItWantsToBeTreated) {
  World world;
  ASSERT_EQ(world.create(), Status::ok);
  freshet_traits traits = world.protocol->traits();
  EXPECT_EQ(traits.size, sizeof(freshet_traits));
  EXPECT_EQ(traits.saved, uint32_t{FRESHET_SAVED_ECHO});
  EXPECT_EQ(traits.keepalive_ms, 20'000u);
  EXPECT_EQ(traits.presence_ttl_ms, 30'000u);
  EXPECT_EQ(traits.presence_echo, 1);
  EXPECT_EQ(traits.retry_delay_ms, 5'000u);
  EXPECT_EQ(traits.retries_final, 1) << "providers of 2.x know no final codes";
  EXPECT_EQ(world.protocol->close_code(FRESHET_CLOSE_MALFORMED), FRESHET_CLOSE_MALFORMED);
  EXPECT_EQ(world.protocol->close_code(FRESHET_CLOSE_EXPIRED), FRESHET_CLOSE_UNAUTHENTICATED);

  World other;
  other.host.set("keepalive_ms", int64_t{5000});
  other.host.set("presence_ttl_ms", int64_t{9000});
  ASSERT_EQ(other.create(), Status::ok);
  EXPECT_EQ(other.protocol->traits().keepalive_ms, 5000u);
  EXPECT_EQ(other.protocol->traits().presence_ttl_ms, 9000u);
}

TEST(YjsProtocol, ClaimsItsRoute) {
  for (const char* route : {"/yjs", "/a/b-c_d.e"}) {
    World world;
    world.host.set("route", route);
    ASSERT_EQ(world.create(), Status::ok) << route;
    std::vector<uint8_t> out;
    VectorSink sink(out);
    EXPECT_EQ(world.protocol->routes(sink.sink()), Status::ok);
    EXPECT_EQ(as_text(out), route);
  }
}

TEST(YjsProtocol, SaysWhatIsWrongWithARoute) {
  const std::pair<std::string, const char*> rows[] = {
      {"yjs", "route: \"yjs\" must begin with '/'"},
      {"", "route: \"\" must begin with '/'"},
      {"/yjs/", "route: \"/yjs/\" must not end with '/'"},
      {"/", "route: \"/\" must not end with '/'"},
      {"/a//b", "route: \"/a//b\" has an empty part"},
      {"/a b", "route: \"/a b\" has a character that a path cannot show as it is"},
      {"/a?b", "has a character that a path cannot show as it is"},
      {"/a%20", "has a character that a path cannot show as it is"},
      {"/" + std::string(128, 'a'), "is longer than 128 bytes"},
  };
  for (const auto& [route, message] : rows) {
    World world;
    world.host.set("route", route);
    EXPECT_EQ(world.create(), Status::malformed) << route;
    EXPECT_TRUE(world.host.logged(message)) << world.host.log();
  }
}

TEST(YjsProtocol, NeedsAHostWithRooms) {
  testing::FakeHost host(YjsProtocol::kSettings);
  EXPECT_EQ(make_plugin<YjsProtocol>(host.host()).status(), Status::unsupported);
  EXPECT_TRUE(host.logged("this host offers no freshet.room/0"));
}

}  // namespace
}  // namespace freshet::yjs
