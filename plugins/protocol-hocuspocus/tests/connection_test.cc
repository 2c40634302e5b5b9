// One socket: what becomes of what comes on it.
#include "protocol-hocuspocus/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frames.h"
#include "freshet/testing/fake_rooms.h"
#include "protocol-hocuspocus/limits.h"

namespace freshet::hocuspocus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Connection::Bounds kBounds{
    .documents = 3, .waiting_bytes = 100, .waiting_messages = 5, .presence_entries = 10};

class ConnectionTest : public ::testing::Test {
 protected:
  explicit ConnectionTest(bool anybody = false)
      : connection_(Rooms(rooms.table()), open(anybody), kBounds) {}

  static const freshet_open& open(bool anybody) {
    static freshet_open open{};
    open.size = sizeof(open);
    open.anybody = anybody ? 1 : 0;
    return open;
  }
  Status send(std::string_view text, bool as_text = false) {
    return connection_.message(frame(text), as_text);
  }
  void give(std::string_view text) { EXPECT_EQ(send(text), Status::ok) << text; }
  std::vector<std::string> after(std::string_view text) {
    give(text);
    return rooms.take();
  }
  Status answer(Status status, uint32_t permission = FRESHET_READ_WRITE) {
    const freshet_identity identity{sizeof(freshet_identity), {nullptr, 0}, permission, UINT64_MAX};
    return connection_.authenticated(rooms.asked(), status,
                                     status == Status::ok ? &identity : nullptr);
  }
  // Opens 'den'.
  freshet_session* enter(uint32_t permission = FRESHET_READ_WRITE) {
    EXPECT_EQ(send("'den' 02 00 't'"), Status::ok);
    EXPECT_EQ(answer(Status::ok, permission), Status::ok);
    rooms.take();
    return rooms.session();
  }

  testing::FakeRooms rooms{testing::FakeRooms::Shows::hex};
  Connection connection_;
};

const std::string kDen = "0364656e";
std::string sent(std::string_view text) { return "send " + hex(frame(text)); }

TEST_F(ConnectionTest, ATokenOpensADocumentAndWhatCameBeforeFollows) {
  EXPECT_THAT(after("'den' 00 00 01 00"), IsEmpty());
  EXPECT_THAT(after("'den' 02 00 'secret' '4.8.0'"), ElementsAre("authenticate den secret"));
  EXPECT_THAT(after("'den' 03"), IsEmpty());
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("join den", "request_diff 00", "query_presence"));
  EXPECT_EQ(rooms.prefix(), kDen);
}

TEST_F(ConnectionTest, AnEmptyTokenIsTheOneOfTheRequest) {
  EXPECT_THAT(after("'den' 02 00 00"), ElementsAre("authenticate den (of the request)"));
}

TEST_F(ConnectionTest, ASessionIsPartOfTheAddressAlone) {
  give("05 64656e0061 02 00 't'");
  EXPECT_THAT(rooms.take(), ElementsAre("authenticate den t"));
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_EQ(rooms.prefix(), "0564656e0061");
}

TEST_F(ConnectionTest, WhoIsRefusedIsToldAndMayTryAgain) {
  give("'den' 02 00 'bad'");
  give("'den' 00 00 01 00");
  give("'den' 00 02 02 0000");
  rooms.take();
  EXPECT_EQ(answer(Status::denied), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre(sent("'den' 02 01 'permission-denied'")));
  EXPECT_THAT(after("'den' 00 02 02 0000"), ElementsAre(sent("'den' 08 00"))) << "not taken";
  EXPECT_THAT(after("'den' 01 01 00"), IsEmpty());
  EXPECT_THAT(after("'den' 02 00 'good'"), ElementsAre("authenticate den good"));
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("join den", "request_diff 00"))
      << "what it asked for, and no update";
}

TEST_F(ConnectionTest, TheLastOfTwoTokensIsJudgedToo) {
  give("'den' 02 00 'one'");
  EXPECT_THAT(after("'den' 02 00 'two'"), ElementsAre("authenticate den one"));
  give("'den' 02 00 'three'");
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("join den", "authenticate den three"));
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("renew 1"));
}

TEST_F(ConnectionTest, ATokenOnAnOpenDocumentRenewsIt) {
  enter();
  EXPECT_THAT(after("'den' 02 00 'new'"), ElementsAre("authenticate den new"));
  EXPECT_EQ(answer(Status::ok, FRESHET_READ_ONLY), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("renew 0", sent("'den' 02 02 'readonly'")));
  give("'den' 02 00 'new'");
  EXPECT_EQ(answer(Status::retry), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("authenticate den new")) << "it stays as it was";
}

TEST_F(ConnectionTest, OneThatMayWriteNowIsAskedForWhatWasNotTaken) {
  enter(FRESHET_READ_ONLY);
  give("'den' 00 02 03 010101");
  give("'den' 02 00 'new'");
  rooms.take();
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(),
              ElementsAre("renew 1", sent("'den' 02 02 'read-write'"), "request_diff"));
}

TEST_F(ConnectionTest, ATokenThatIsNoneEndsItsDocument) {
  enter();
  give("'den' 02 00 'new'");
  rooms.take();
  EXPECT_EQ(answer(Status::unauthenticated), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre(sent("'den' 02 01 'permission-denied'"), "leave",
                                        sent("'den' 07 'permission-denied'")));
}

TEST_F(ConnectionTest, ATokenOfSomebodyElseEndsItsDocument) {
  enter();
  rooms.answer("renew", Status::denied);
  give("'den' 02 00 'new'");
  rooms.take();
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("renew 1", "leave",
                                        sent("'den' 07 'this is the token of somebody else'")));
}

TEST_F(ConnectionTest, ATokenThatIsTooLongIsNotJudged) {
  std::vector<uint8_t> long_one = frame("'den' 02 00 818001");
  long_one.resize(long_one.size() + kMaxTokenBytes + 1, 'x');
  EXPECT_EQ(connection_.message(long_one, false), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre(sent("'den' 02 01 'the token is too long'")));
}

TEST_F(ConnectionTest, NobodyGuessesForLong) {
  for (size_t i = 0; i < kMaxRefusedTokens; ++i) {
    give("'den' 02 00 'bad'");
    EXPECT_EQ(answer(Status::denied), Status::ok);
  }
  give("'den' 02 00 'bad'");
  EXPECT_EQ(answer(Status::denied), Status::limit);
}

TEST_F(ConnectionTest, AnExpiringSessionIsAskedForAToken) {
  connection_.expiring(enter());
  EXPECT_THAT(rooms.take(), ElementsAre(sent("'den' 02 00")));
}

TEST_F(ConnectionTest, ASessionThatHasEndedIsTold) {
  connection_.ended(enter(), 4403, "sent away");
  EXPECT_THAT(rooms.take(), ElementsAre(sent("'den' 07 'sent away'")));
  EXPECT_THAT(after("'den' 00 02 02 0000"), ElementsAre(sent("'den' 08 00")));
  EXPECT_THAT(after("'den' 02 00 't'"), ElementsAre("authenticate den t"));
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("join den", "request_diff 00"))
      << "it is asked for what it did meanwhile";
}

TEST_F(ConnectionTest, AReaderThatHasNothingToSayHasSaidIt) {
  enter(FRESHET_READ_ONLY);
  EXPECT_THAT(after("'den' 00 01 02 0000"), ElementsAre(sent("'den' 08 01")));
  EXPECT_THAT(after("'den' 00 01 03 010101"), ElementsAre("submit_update 1 010101"));
}

TEST_F(ConnectionTest, WhatAClientClosesIsForgotten) {
  enter();
  EXPECT_THAT(after("'den' 07"), ElementsAre("leave"));
  EXPECT_THAT(after("'den' 07"), IsEmpty());
  EXPECT_THAT(after("'den' 00 02 02 0000"), IsEmpty()) << "it waits for a token";
}

TEST_F(ConnectionTest, StatelessMessagesAreEvents) {
  enter();
  EXPECT_THAT(after("'den' 05 'hi'"), ElementsAre("call 0 stateless \"hi\""));
}

TEST_F(ConnectionTest, ABadMessageEndsItsDocumentAlone) {
  for (const char* bad :
       {"'den' 0b", "'den' 08 01", "'den' 06 'x'", "'den' 01 02 ffff", "'den' 00 05 00"}) {
    enter();
    EXPECT_EQ(send(bad), Status::ok) << bad;
    const auto calls = rooms.take();
    ASSERT_EQ(calls.size(), 2u) << bad;
    EXPECT_EQ(calls[0], "leave");
    EXPECT_TRUE(calls[1].starts_with("send " + kDen + "07")) << bad;
  }
}

TEST_F(ConnectionTest, WhatIsNoMessageEndsTheSocket) {
  EXPECT_EQ(send("ff"), Status::malformed);
  EXPECT_EQ(send("'den' 03", true), Status::malformed) << "text";
}

TEST_F(ConnectionTest, APingIsAnsweredAtOnce) {
  EXPECT_THAT(after("09"), ElementsAre("send_urgent 0a"));
  EXPECT_THAT(after("0a"), IsEmpty());
  rooms.answer("send_urgent", Status::limit);
  EXPECT_EQ(send("09"), Status::ok);
}

TEST_F(ConnectionTest, WhatWaitsIsBounded) {
  EXPECT_EQ(send("'one' 03"), Status::ok);
  EXPECT_EQ(send("'two' 03"), Status::ok);
  EXPECT_EQ(send("'six' 03"), Status::ok);
  EXPECT_EQ(send("'ten' 03"), Status::limit) << "a fourth document";
  EXPECT_EQ(send("'one' 03"), Status::ok);
  EXPECT_EQ(send("'one' 03"), Status::ok);
  EXPECT_EQ(send("'one' 03"), Status::limit) << "a sixth message";
  EXPECT_EQ(send("'one' 07"), Status::ok);
  EXPECT_EQ(send("'two' 03"), Status::ok) << "of one that was closed nothing waits";
  std::vector<uint8_t> much = frame("'two' 00 02 60");
  much.resize(much.size() + 0x60);
  EXPECT_EQ(connection_.message(much, false), Status::limit);
}

TEST_F(ConnectionTest, ADocumentThatIsShutMakesSpace) {
  for (const char* name : {"'one'", "'two'", "'six'"})
    EXPECT_EQ(send(std::string(name) + " 0b"), Status::ok);
  EXPECT_EQ(send("'ten' 03"), Status::ok);
}

TEST_F(ConnectionTest, ARoomThatTakesNoMoreIsToldAsARefusal) {
  rooms.answer("join", Status::limit);
  give("'den' 02 00 't'");
  rooms.take();
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_EQ(rooms.take().back(), sent("'den' 02 01 'this is one document too many'"));
}

TEST_F(ConnectionTest, AnAnswerForOneThatWasClosedIsNobodys) {
  give("'den' 02 00 't'");
  give("'den' 07");
  rooms.take();
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), IsEmpty());
}

class OpenServer : public ConnectionTest {
 protected:
  OpenServer() : ConnectionTest(true) {}
};

TEST_F(OpenServer, AProviderOf2ThatSendsNoTokenIsLetIn) {
  EXPECT_THAT(after("'den' 00 00 01 00"), ElementsAre("authenticate den (of the request)"));
  EXPECT_EQ(answer(Status::ok), Status::ok);
  EXPECT_THAT(rooms.take(), ElementsAre("join den", "request_diff 00"));
}

}  // namespace
}  // namespace freshet::hocuspocus
