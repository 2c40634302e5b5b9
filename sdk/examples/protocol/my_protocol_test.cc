// The wire, both ways: what a room is asked for, and what a client is sent.
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/fake_rooms.h>
#include <gtest/gtest.h>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

using Lines = std::vector<std::string>;

class MyProtocol : public ::testing::Test {
 protected:
  void SetUp() override {
    freshet_open open{};
    open.size = sizeof(open);
    open.room = to_c("hall");
    open.permission = FRESHET_READ_WRITE;
    ASSERT_EQ(wire_->open(wire_->self, &open, &state_), FRESHET_OK);
  }
  void TearDown() override { wire_->close(wire_->self, state_); }

  Status send(std::string_view message, bool text = false) {
    return Status{wire_->message(wire_->self, state_, to_c(as_bytes(message)), text ? 1 : 0)};
  }

  // What a client is sent for a delivery; "-": nothing.
  std::string encoded(freshet_delivery delivery, std::string_view bytes = {}) {
    delivery.size = sizeof(delivery);
    delivery.bytes = to_c(as_bytes(bytes));
    std::vector<uint8_t> out;
    const VectorSink sink(out);
    const Status status{wire_->encode(wire_->self, &delivery, sink.c())};
    if (status == Status::not_found) return "-";
    EXPECT_EQ(status, Status::ok);
    return std::string(as_text(out));
  }
  static freshet_delivery delivery(uint32_t kind) {
    freshet_delivery out{};
    out.kind = kind;
    out.format = FRESHET_UPDATE_V1;
    return out;
  }

  FakeRooms rooms_;
  const CreatedPlugin plugin_{*freshet_plugin_entry(), [this](FakeHost& host) {
                                host.offer(FRESHET_ROOM_ID, rooms_.table());
                              }};
  const freshet_protocol* wire_ = plugin_.service<freshet_protocol>(FRESHET_PROTOCOL_ID);
  void* state_ = nullptr;
};

TEST_F(MyProtocol, JoinsTheRoomOfThePathAndAsksForItsDocument) {
  EXPECT_EQ(rooms_.take(), (Lines{"join hall", "request_diff"}));
  EXPECT_EQ(rooms_.permission(), uint32_t{FRESHET_READ_WRITE});
  EXPECT_NE(rooms_.wants() & FRESHET_WANT_EVENTS, 0u);
}

TEST_F(MyProtocol, HandsUpdatesAndEventsToTheRoomEachUnderATicket) {
  static_cast<void>(rooms_.take());
  EXPECT_EQ(send("uabc"), Status::ok);
  EXPECT_EQ(send("echeer\n{\"loud\":true}"), Status::ok);
  EXPECT_EQ(rooms_.take(), (Lines{"submit_update 1 abc", R"(call 2 cheer {"loud":true})"}));
}

TEST_F(MyProtocol, EndsTheConnectionOfWhoDoesNotSpeakIt) {
  for (const char* message : {"", "?", "echeer", "s1"}) {
    EXPECT_EQ(send(message), Status::malformed) << message;
  }
  EXPECT_EQ(send("uabc", true), Status::malformed);
}

TEST_F(MyProtocol, KeepsWhoMayOnlyRead) {
  rooms_.answer("submit_update", Status::denied);
  EXPECT_EQ(send("uabc"), Status::ok) << "a REFUSED delivery tells it";
  rooms_.answer("submit_update", Status::malformed);
  EXPECT_EQ(send("uabc"), Status::malformed);
}

TEST_F(MyProtocol, EncodesWhatARoomHasToSay) {
  EXPECT_EQ(encoded(delivery(FRESHET_DIFF), "abc"), "uabc");
  EXPECT_EQ(encoded(delivery(FRESHET_UPDATE), "abc"), "uabc");
  freshet_delivery event = delivery(FRESHET_EVENT);
  event.event = to_c("cheer");
  EXPECT_EQ(encoded(event, "{}"), "echeer\n{}");
  freshet_delivery saved = delivery(FRESHET_SAVED);
  saved.ticket = 12;
  EXPECT_EQ(encoded(saved), "s12");
  freshet_delivery refused = delivery(FRESHET_REFUSED);
  refused.status = FRESHET_DENIED;
  EXPECT_EQ(encoded(refused, "No."), "xNo.");
  EXPECT_EQ(encoded(refused), "xYou may only read in this room.");
  EXPECT_EQ(encoded(delivery(FRESHET_KEEPALIVE)), "-");
}

TEST(MyProtocolSettings, RefuseARouteThatIsNone) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("route", "mine"); });
  EXPECT_EQ(plugin.status(), Status::malformed);
  EXPECT_EQ(plugin.faults(), "route: \"mine\" must begin with '/'\n");
}

}  // namespace
}  // namespace freshet::testing
