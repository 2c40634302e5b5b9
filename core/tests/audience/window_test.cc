// What comes close together goes out together: to whom what, and in which order.
#include "core/tests/audience/audience_parts.h"
#include "core/windows/limits.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

struct WindowTest : AudienceParts {
  WindowTest() {
    cleo.author = 8;
    dan.author = 9;
  }
  Heard dan_hears;
  Member& dan = members.add(member(4, echo.get(), dan_hears));
};

TEST_F(WindowTest, WhatOneTurnBringsIsOneUpdate) {
  for (const char* each : {"h", "e", "l", "l", "o"}) write(&ann, each);
  EXPECT_EQ(updates(bob_hears), 0u) << "the turn is not over";
  EXPECT_FALSE(audience.at_rest());
  shard.run_ms(0);
  EXPECT_EQ(updates(bob_hears), 1u);
  EXPECT_EQ(text_of(bob_hears), "hello");
  EXPECT_EQ(updates(ann_hears), 0u) << "all of it was hers";
  EXPECT_TRUE(audience.at_rest());
}

TEST_F(WindowTest, OfSeveralWritersAWireWithNotesSharesOne) {
  write(&ann, "a");
  put(&bob, Author(17).type({"other"}, 0, "b"));
  const size_t before = wire.encoded();
  audience.send_all_windows();
  EXPECT_EQ(updates(ann_hears), 1u);
  EXPECT_EQ(ann_hears.messages.back(), bob_hears.messages.back());
  EXPECT_EQ(wire.encoded(), before + 1);
}

// W1: nobody is shown its own content before it is saved.
TEST_F(WindowTest, WhoReadsEchoesIsGivenWhatTheOthersWrote) {
  shard.store().hold(true);
  write(&cleo, "c");
  put(&dan, Author(9).type({"other"}, 0, "d"));
  write(&ann, "a");
  audience.send_all_windows();
  EXPECT_EQ(text_of(cleo_hears), "a");
  EXPECT_EQ(updates(cleo_hears), 1u);
  EXPECT_EQ(updates(dan_hears), 1u);
  EXPECT_EQ(updates(bob_hears), 1u);

  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(updates(cleo_hears), 2u) << "and its own when that is true";
  EXPECT_EQ(text_of(cleo_hears).size(), 2u);
}

TEST_F(WindowTest, AnEchoOfOneCommitIsOne) {
  shard.store().hold(true);
  write(&cleo, "x");  // the store has this one alone
  for (const char* each : {"h", "e", "l", "l", "o"}) write(&cleo, each);
  audience.send_all_windows();
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_LE(updates(cleo_hears), 2u);
  EXPECT_EQ(text_of(cleo_hears), "xhello");
}

TEST_F(WindowTest, WhoHasNotSaidWhoItIsHearsAWindowOnceItIsSaved) {
  dan.author.reset();
  shard.store().hold(true);
  for (const char* each : {"h", "i"}) write(&ann, each);
  audience.send_all_windows();
  EXPECT_EQ(updates(cleo_hears), 1u);
  EXPECT_EQ(updates(dan_hears), 0u);
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(updates(dan_hears), 1u) << "one, not one for each update";
}

// An older connection of hers is read late: the server cannot tell that it is not her echo.
TEST_F(WindowTest, WhatAnotherSessionSentOfMineWaitsUntilItIsSaved) {
  shard.store().hold(true);
  put(&bob, Author(8).type({"text"}, 0, "late"));
  audience.send_all_windows();
  EXPECT_EQ(updates(dan_hears), 1u);
  EXPECT_EQ(updates(cleo_hears), 0u);
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(text_of(cleo_hears), "late");
}

// W2: who falls behind within a window has not seen what is in it.
TEST_F(WindowTest, ASlowReaderLosesNoWindow) {
  write(&ann, "one");
  bob_hears.queued_bytes = 2'000;
  freshet_delivery pong{};
  pong.kind = FRESHET_KEEPALIVE;
  audience.send(bob, pong);  // passes, and shows that it is behind
  EXPECT_FALSE(bob.lagging) << "it has not been sent all that is in the document";
  audience.send_all_windows();
  EXPECT_TRUE(bob.lagging);
  EXPECT_EQ(text_of(bob_hears), "one");
  type(&ann, "two");
  bob_hears.queued_bytes = 0;
  shard.settle();
  ASSERT_EQ(audience.catch_up(bob), Status::ok);
  EXPECT_EQ(text_of(bob_hears), "onetwo");
}

TEST_F(WindowTest, EventsKeepTheirPlaceAndAnswersPass) {
  write(&ann, "a");
  say_event("one");
  write(&ann, "b");
  say_event("two");
  freshet_delivery answer{};
  answer.kind = FRESHET_KEEPALIVE;
  audience.send(bob, answer);
  audience.send_all_windows();
  std::string order;
  for (const std::string& each : bob_hears.messages) order += each.substr(0, each.find(':')) + " ";
  EXPECT_EQ(order, "7 3 8 3 8 ");
}

TEST_F(WindowTest, ABusyRoomOfManyWaits) {
  std::vector<Heard> hear(200);
  for (size_t i = 0; i < hear.size(); ++i) members.add(member(100 + i, wire.get(), hear[i]));
  write(&ann, "a");
  shard.run_ms(0);
  EXPECT_EQ(updates(hear[0]), 1u) << "it had been quiet";
  write(&ann, "b");
  shard.run_ms(1);
  EXPECT_EQ(updates(hear[0]), 1u);
  for (int i = 0; i < 5; ++i) write(&ann, "c");
  shard.run_ms(30);
  EXPECT_EQ(updates(hear[0]), 2u);
  EXPECT_EQ(text_of(hear[199]), "abccccc");
}

TEST_F(WindowTest, WhatWaitsToLeaveHasAsMuchPatienceWithTheStore) {
  write(&ann, "a");
  EXPECT_EQ(audience.patience_ns(), 0u) << "few wait for nothing";
  shard.run_ms(0);
  std::vector<Heard> hear(200);
  for (size_t i = 0; i < hear.size(); ++i) members.add(member(100 + i, wire.get(), hear[i]));
  shard.run_ms(100);
  EXPECT_EQ(audience.patience_ns(), 0u) << "it has been quiet";
  while (audience.patience_ns() == 0) {
    write(&ann, "b");
    shard.run_ms(0);
    ASSERT_LT(text_of(hear[0]).size(), 10u);
  }
  EXPECT_EQ(audience.patience_ns(), kLongestWindowNs);
  write(&ann, "c");
  for (int ms = 0; ms < 13; ++ms) {
    EXPECT_EQ(audience.patience_ns(), kLongestWindowNs) << "after " << ms;
    shard.run_ms(1);
  }
  shard.services().pace.note_strain(Strain::updates);
  EXPECT_EQ(audience.patience_ns(), 0u) << "there is too much to do, and still it is told in time";
  shard.services().pace.note_strain(Strain::none);
  shard.settle();
}

TEST_F(WindowTest, OfManyMembersSomeAreServedAtATime) {
  std::vector<Heard> hear(1'000);
  for (size_t i = 0; i < hear.size(); ++i) members.add(member(100 + i, wire.get(), hear[i]));
  write(&ann, "a");
  audience.send_window();
  EXPECT_EQ(updates(hear.front()), 1u);
  EXPECT_EQ(updates(hear.back()), 0u) << "others have their turn first";
  // Between two slices some go and some come, others write, and one falls behind.
  members.retire(100 + 500);
  members.remove(100 + 500);
  Heard late_hears;
  members.add(member(5'000, wire.get(), late_hears));
  hear.back().queued_bytes = 2'000;
  write(&ann, "b");
  shard.run_ms(100);
  EXPECT_EQ(text_of(hear[998]), "ab");
  EXPECT_EQ(updates(hear[500]), 0u);
  EXPECT_EQ(text_of(late_hears).size(), 0u) << "its part begins with the second";
  EXPECT_EQ(updates(late_hears), 1u);
  Member& slow = *members.find(100 + 999);
  ASSERT_TRUE(slow.lagging);
  EXPECT_EQ(text_of(hear[999]), "a");
  hear.back().queued_bytes = 0;
  shard.settle();
  ASSERT_EQ(audience.catch_up(slow), Status::ok);
  EXPECT_EQ(text_of(hear[999]), "ab") << "what it had seen is as of the first";
}

TEST_F(WindowTest, WhatMustLeaveNowLeavesBehindWhatIsOnItsWay) {
  std::vector<Heard> hear(1'000);
  for (size_t i = 0; i < hear.size(); ++i) members.add(member(100 + i, wire.get(), hear[i]));
  say_event("one");
  audience.send_window();
  ASSERT_EQ(hear.front().messages.size(), 1u);
  ASSERT_EQ(hear.back().messages.size(), 0u);
  say_event("two");
  audience.send_all_windows();
  const std::vector<std::string> both{"8:one", "8:two"};
  EXPECT_EQ(hear.front().messages, both);
  EXPECT_EQ(hear.back().messages, both);
}

TEST_F(WindowTest, WhenNothingWaitsNothingIsSentAndNobodyWaitsForIt) {
  std::vector<Heard> hear(200);
  for (size_t i = 0; i < hear.size(); ++i) members.add(member(100 + i, wire.get(), hear[i]));
  audience.evict(77);  // nobody
  write(&ann, "a");
  shard.run_ms(0);
  EXPECT_EQ(updates(hear[0]), 1u);
}

TEST_F(WindowTest, WhatIsLargeLeavesAtOnceAndBehindWhatCameBefore) {
  write(&ann, "a");
  write(&ann, std::string(kWindowBytes, 'x'));
  EXPECT_EQ(updates(bob_hears), 2u);
  EXPECT_EQ(text_of(bob_hears).substr(0, 3), "axx");
}

// Found by the simulator: the document had the large one already when the small one left.
TEST_F(WindowTest, WhoFallsBehindBeforeALargeUpdateIsSentItFirst) {
  write(&ann, "a");
  bob_hears.queued_bytes = 2'000;
  write(&ann, std::string(kWindowBytes, 'x'));
  EXPECT_TRUE(bob.lagging);
  EXPECT_EQ(text_of(bob_hears).size(), 1 + kWindowBytes);
}

// Found by a client that flooded a room and read slowly: it lagged as of a document that had its
// update already, and was not echoed it.
TEST_F(WindowTest, WhoFallsBehindWithItsOwnUpdateIsEchoedIt) {
  shard.store().hold(true);
  cleo_hears.queued_bytes = 2'000;
  write(&cleo, std::string(kWindowBytes, 'x'));
  EXPECT_TRUE(cleo.lagging);
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(text_of(cleo_hears).size(), kWindowBytes);
}

TEST_F(WindowTest, AnEventToOneKeepsItsPlace) {
  say_event("one");
  freshet_delivery event{};
  event.kind = FRESHET_EVENT;
  event.bytes = to_c(as_bytes(std::string_view("two")));
  audience.send_event_to(bob, event);
  say_event("three");
  audience.send_all_windows();
  EXPECT_EQ(bob_hears.messages, (std::vector<std::string>{"8:one", "8:two", "8:three"}));
  EXPECT_EQ(ann_hears.messages, (std::vector<std::string>{"8:one", "8:three"}));
}

// Who is told everything while a window is open is told nothing of it twice.
TEST_F(WindowTest, WhoHasJustBeenToldWhoIsHereIsToldWhoComesAfter) {
  const auto show = [&](MemberId of, uint64_t clock, const char* json) {
    const freshet_presence entry{
        of, clock, json == nullptr ? freshet_str{nullptr, 0} : to_c(std::string_view(json))};
    audience.send_presence(presence.submit(of, {&entry, 1}, 0, 0));
  };
  const auto news = [](const Heard& heard) { return heard.messages.size(); };
  show(1, 0, "a");
  bob.knows_presence = presence.version();
  audience.send_all_windows();
  EXPECT_EQ(news(ann_hears), 1u);
  EXPECT_EQ(news(bob_hears), 0u) << "it knows";

  show(3, 0, "c");
  bob.knows_presence = presence.version();
  show(3, 1, nullptr);
  audience.send_all_windows();
  EXPECT_EQ(news(ann_hears), 1u) << "it came and went";
  EXPECT_EQ(news(bob_hears), 1u) << "but it was told that it was here";
  show(1, 1, "b");
  audience.send_all_windows();
  EXPECT_EQ(news(ann_hears), 2u);
  EXPECT_EQ(news(bob_hears), 2u);
}

TEST_F(WindowTest, AFullWindowDoesNotWait) {
  for (size_t i = 0; i <= kWindowItems; ++i) say_event("e");
  EXPECT_GE(bob_hears.messages.size(), slow_reader_bounds().reader_bytes / 4);
}

}  // namespace
}  // namespace freshet::sim
