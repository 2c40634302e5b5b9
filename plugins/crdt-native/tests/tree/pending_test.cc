// What arrives before what it depends on.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fixtures.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

// One character of root "t" by `client` at `clock`, behind (left_client, left_clock).
Buffer character(uint64_t client, uint64_t clock, uint64_t left_client, uint64_t left_clock) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, client, clock}) out.varuint(number);
  out.u8(0x84);
  out.varuint(left_client);
  out.varuint(left_clock);
  out.string("x");
  out.u8(0);
  return update;
}

Buffer first_character(uint64_t client) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, client, uint64_t{0}}) out.varuint(number);
  out.u8(4);
  out.varuint(1);
  out.string("t");
  out.string("x");
  out.u8(0);
  return update;
}

TEST(Pending, AStructWaitsForItsOwnClientsEarlierOnes) {
  Doc doc;
  const Result<Applied> early = doc.apply(character(1, 1, 1, 0));
  ASSERT_TRUE(early);
  EXPECT_TRUE(early->changed);
  EXPECT_TRUE(early->parked);
  EXPECT_EQ(text_of(doc, "t"), "");
  EXPECT_EQ(doc.stats().pending_structs, 1u);
  ASSERT_TRUE(doc.apply(first_character(1)));
  EXPECT_EQ(text_of(doc, "t"), "xx");
  EXPECT_EQ(doc.stats().pending_structs, 0u);
  EXPECT_EQ(doc.stats().pending_bytes, 0u);
}

TEST(Pending, TheSameParkedTwiceIsNoChange) {
  Doc doc;
  ASSERT_TRUE(doc.apply(character(1, 1, 1, 0)));
  const Result<Applied> again = doc.apply(character(1, 1, 1, 0));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(doc.stats().pending_structs, 1u);
}

TEST(Pending, IsPartOfTheEncodedDocument) {
  Doc doc;
  ASSERT_TRUE(doc.apply(character(1, 1, 1, 0)));
  ASSERT_TRUE(doc.apply(character(2, 7, 9, 3)));
  ASSERT_TRUE(
      doc.apply(from_hex("0001010105"
                         "02")));
  Doc other;
  ASSERT_TRUE(other.apply(state_of(doc)));
  EXPECT_EQ(other.stats().pending_structs, 2u);
  EXPECT_TRUE(other.stats().pending_deletes);
  EXPECT_EQ(to_hex(state_of(other)), to_hex(state_of(doc)));
  ASSERT_TRUE(other.apply(first_character(1)));
  EXPECT_EQ(text_of(other, "t"), "xx");
}

TEST(Pending, ADeletionWaitsForItsTarget) {
  Doc doc;
  const Result<Applied> early =
      doc.apply(from_hex("00010101"
                         "0001"));
  ASSERT_TRUE(early);
  EXPECT_TRUE(early->changed);
  EXPECT_TRUE(early->parked);
  ASSERT_TRUE(doc.apply(first_character(1)));
  EXPECT_EQ(text_of(doc, "t"), "");
  EXPECT_FALSE(doc.stats().pending_deletes);
  EXPECT_EQ(doc.stats().pending_bytes, 0u);
}

TEST(Pending, AHistoryOnWhichYjsWaitsForEverComesIn) {
  // Five updates, all delivered, of two clients that refer to each other.
  const char* updates[] = {
      "01010203c40604060501"
      "61"
      "00",
      "01010600c4020002010e"
      "6161616161616161616161616161"
      "00",
      "010102000401017401"
      "61"
      "00",
      "010102018402000161"
      "00",
      "01010202c40608060901"
      "61"
      "00",
  };
  Doc doc;
  for (const char* update : updates) ASSERT_TRUE(doc.apply(from_hex(update))) << update;
  EXPECT_EQ(to_hex(state_vector_of(doc)),
            "02"
            "060e"
            "0204");
  EXPECT_EQ(doc.stats().pending_structs, 0u);
}

TEST(Pending, AChainInReverseOrderCostsLinearWork) {
  constexpr uint64_t kLength = 20'000;
  Doc doc;
  for (uint64_t clock = kLength; clock > 0; --clock) {
    ASSERT_TRUE(doc.apply(character(1, clock, 1, clock - 1)));
  }
  EXPECT_EQ(doc.stats().pending_structs, kLength);
  ASSERT_TRUE(doc.apply(first_character(1)));
  EXPECT_EQ(doc.stats().pending_structs, 0u);
  EXPECT_EQ(text_of(doc, "t").size(), kLength + 1);
}

TEST(Pending, ACycleOfTwoClientsStaysParkedAndHarmless) {
  Doc doc;
  ASSERT_TRUE(
      doc.apply(from_hex("02"
                         "010900"
                         "840700"
                         "0178"
                         "010700"
                         "840900"
                         "0179"
                         "00")));
  EXPECT_EQ(doc.stats().pending_structs, 2u);
  ASSERT_TRUE(doc.apply(first_character(1)));
  EXPECT_EQ(text_of(doc, "t"), "x");
  EXPECT_EQ(doc.stats().pending_structs, 2u);
}

TEST(Pending, IsBoundedAndRefusesWhatWouldPassTheBound) {
  Doc doc;
  Status status = Status::ok;
  uint64_t clock = 2;
  for (; status == Status::ok; ++clock) status = doc.apply(character(1, clock, 1, 0)).status();
  EXPECT_EQ(status, Status::limit);
  EXPECT_LE(doc.stats().pending_bytes, kMaxPendingBytes);
  const Buffer before = state_of(doc);
  EXPECT_EQ(doc.apply(character(1, clock, 1, 0)).status(), Status::limit);
  EXPECT_EQ(state_of(doc), before);
  // What needs no parking still comes in, and resolves what waits.
  ASSERT_TRUE(doc.apply(first_character(1)));
  ASSERT_TRUE(doc.apply(character(1, 1, 1, 0)));
  EXPECT_EQ(doc.stats().pending_structs, 0u);
}

TEST(Pending, WhatIsReadBackMayComeBeforeWhatItGoesOnFromHoweverMuchWaits) {
  Doc doc;
  uint64_t clock = 2;
  while (doc.apply(character(1, clock, 1, 0))) ++clock;
  // As two who went on from each other, whose rows were merged.
  for (uint64_t early = 1; early < 1'000; ++early) {
    ASSERT_TRUE(doc.load(character(2, early, 3, early - 1)));
  }
  const size_t waiting = doc.stats().pending_structs;
  for (const uint64_t client : {uint64_t{2}, uint64_t{3}})
    ASSERT_TRUE(doc.load(first_character(client)));
  for (uint64_t late = 1; late < 999; ++late) {
    ASSERT_TRUE(doc.load(character(3, late, 2, late)));
  }
  EXPECT_EQ(doc.stats().pending_structs, waiting - 999);
  EXPECT_EQ(text_of(doc, "t").size(), 2u * 1'000 - 1);
}

TEST(Pending, AParkedStructCoveredByAnotherIsDropped) {
  Doc doc;
  // Clock 1 waits for (9, 3), which never comes; a run of clocks 0 to 4 brings it otherwise.
  ASSERT_TRUE(doc.apply(character(1, 1, 9, 3)));
  ASSERT_TRUE(
      doc.apply(from_hex("0101010004010174"
                         "0568656c6c6f"
                         "00")));
  EXPECT_EQ(text_of(doc, "t"), "hello");
  EXPECT_EQ(doc.stats().pending_structs, 0u);
}

}  // namespace
}  // namespace freshet::crdt
