#include "protocol-hocuspocus/hocuspocus_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frames.h"
#include "freshet/testing.h"
#include "freshet/testing/fake_rooms.h"

namespace freshet::hocuspocus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HocuspocusProtocolTest : public ::testing::Test {
 protected:
  HocuspocusProtocolTest() : host(HocuspocusProtocol::kSettings) {
    host.offer(FRESHET_ROOM_ID, rooms.table());
    auto created = make_plugin<HocuspocusProtocol>(host.host());
    EXPECT_TRUE(created);
    protocol = *std::move(created);
  }

  std::vector<std::string> encoded(freshet_delivery delivery) {
    std::vector<std::string> items;
    const ItemSink sink([&](Bytes item) {
      items.push_back(hex(item));
      return Status::ok;
    });
    delivery.size = sizeof(delivery);
    const Status status = protocol->encode(delivery, Sink(sink.c()));
    EXPECT_TRUE(status == Status::ok || status == Status::not_found);
    return items;
  }
  static freshet_delivery of(uint32_t kind, Bytes bytes = {}) {
    freshet_delivery delivery{};
    delivery.kind = kind;
    delivery.format = 1;
    delivery.bytes = to_c(bytes);
    return delivery;
  }

  testing::FakeRooms rooms{testing::FakeRooms::Shows::hex};
  testing::FakeHost host;
  std::unique_ptr<HocuspocusProtocol> protocol;
};

TEST_F(HocuspocusProtocolTest, AFirstStateIsAskedForBeforeItIsGiven) {
  const std::vector<uint8_t> update = frame("0000"), vector = frame("01 05 03");
  freshet_delivery diff = of(FRESHET_DIFF, update);
  diff.state_vector = to_c(Bytes(vector));
  EXPECT_THAT(encoded(diff), ElementsAre("000003010503", "0001020000"));
  diff.state_vector = {nullptr, 0};
  EXPECT_THAT(encoded(diff), ElementsAre("00000100", "0001020000"));
}

TEST_F(HocuspocusProtocolTest, WhoIsLetInIsToldWhatHeMay) {
  freshet_delivery joined = of(FRESHET_JOINED);
  joined.variant = static_cast<uint32_t>(Scope::read_only);
  EXPECT_THAT(encoded(joined), ElementsAre("020208726561646f6e6c79"));
  joined.variant = static_cast<uint32_t>(Scope::read_write);
  EXPECT_THAT(encoded(joined), ElementsAre("02020a726561642d7772697465"));
}

TEST_F(HocuspocusProtocolTest, OnlyWhatIsCountedIsAnswered) {
  freshet_delivery saved = of(FRESHET_SAVED);
  EXPECT_THAT(encoded(saved), IsEmpty());
  saved.ticket = kCounts;
  EXPECT_THAT(encoded(saved), ElementsAre("0801"));
  freshet_delivery refused = of(FRESHET_REFUSED);
  refused.refused = FRESHET_REFUSED_UPDATE;
  EXPECT_THAT(encoded(refused), IsEmpty());
  refused.ticket = kCounts;
  EXPECT_THAT(encoded(refused), ElementsAre("0800"));
}

TEST_F(HocuspocusProtocolTest, AProcedureThatFailsIsToldAsAnEvent) {
  freshet_delivery refused = of(FRESHET_REFUSED, as_bytes("Not \"today\"."));
  refused.refused = FRESHET_REFUSED_EVENT;
  refused.event = to_c(std::string_view("say"));
  EXPECT_THAT(encoded(refused), IsEmpty()) << "an event that nobody answers";
  refused.ticket = 7;
  const std::string text = R"({"type":"$error","data":{"message":"Not \"today\".","event":"say"}})";
  EXPECT_THAT(encoded(refused),
              ElementsAre("05" + hex({{static_cast<uint8_t>(text.size())}}) + hex(as_bytes(text))));
}

TEST_F(HocuspocusProtocolTest, SaysWhatOthersDo) {
  const std::vector<uint8_t> update = frame("0000");
  EXPECT_THAT(encoded(of(FRESHET_UPDATE, update)), ElementsAre("0002020000"));
  EXPECT_THAT(encoded(of(FRESHET_KEEPALIVE)), ElementsAre("010100"));
  EXPECT_THAT(encoded(of(FRESHET_PRESENCE)), IsEmpty()) << "nobody is there";
  const freshet_presence ann{5, 1, to_c(std::string_view("{}"))};
  freshet_delivery presence = of(FRESHET_PRESENCE);
  presence.presence = &ann;
  presence.presence_count = 1;
  EXPECT_THAT(encoded(presence), ElementsAre("0106010501027b7d"));
  freshet_delivery event = of(FRESHET_EVENT, as_bytes("\"hi\""));
  event.event = to_c(std::string_view("stateless"));
  EXPECT_THAT(encoded(event), ElementsAre("05026869"));
}

// Of 2.15, after which it stays away: 1009, 4401 and 4403.
TEST_F(HocuspocusProtocolTest, ClosesInTheWordsOfItsProviders) {
  const std::pair<uint16_t, uint16_t> all[] = {
      {FRESHET_CLOSE_MALFORMED, 4401},   {FRESHET_CLOSE_UNAUTHENTICATED, 4401},
      {FRESHET_CLOSE_DENIED, 4403},      {FRESHET_CLOSE_NO_ROOM, 4403},
      {FRESHET_CLOSE_REPLACED, 4205},    {FRESHET_CLOSE_TOO_LARGE, 1009},
      {FRESHET_CLOSE_EXPIRED, 4205},     {FRESHET_CLOSE_INTERNAL, 4205},
      {FRESHET_CLOSE_OVERLOADED, 4205},  {FRESHET_CLOSE_TIMEOUT, 4408},
      {FRESHET_CLOSE_CANNOT_LOAD, 4205}, {FRESHET_CLOSE_RATE, 4205},
      {FRESHET_CLOSE_RESTART, 1012},     {1001, 1001}};
  for (const auto& [code, said] : all) EXPECT_EQ(protocol->close_code(code), said) << code;
}

TEST_F(HocuspocusProtocolTest, AHostWithoutTokensIsNone) {
  testing::FakeHost old(HocuspocusProtocol::kSettings);
  freshet_room shorter = *rooms.table();
  shorter.size = offsetof(freshet_room, authenticate);
  old.offer(FRESHET_ROOM_ID, &shorter);
  EXPECT_EQ(make_plugin<HocuspocusProtocol>(old.host()).status(), Status::unsupported);
  EXPECT_TRUE(old.logged("that knows tokens"));
}

TEST_F(HocuspocusProtocolTest, ShowsHowToConnect) {
  std::vector<uint8_t> text;
  VectorSink sink(text);
  EXPECT_EQ(protocol->example("/collab", sink.sink()), Status::ok);
  EXPECT_NE(as_text(text).find("ws://this-host/collab"), std::string_view::npos);
}

}  // namespace
}  // namespace freshet::hocuspocus
