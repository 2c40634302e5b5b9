// Which updates are said to be whole: fit to be squashed with what came before and after them.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/crdt/updates.h"

namespace freshet::crdt {
namespace {

// Letters of client 1 in root "t", one behind the other; and one of client 2 behind the second.
const Buffer kA = from_hex("0101010004010174016100");
const Buffer kB = from_hex("01010101840100016200");
const Buffer kC = from_hex("01010102840101016300");
const Buffer kOther = from_hex("01010200840101017800");

bool whole(Doc& doc, const Buffer& update) {
  const Result<Applied> applied = doc.apply(update);
  EXPECT_TRUE(applied);
  return applied && applied->whole;
}

TEST(Whole, IsWhatGoesInAtOnce) {
  Doc doc;
  EXPECT_TRUE(whole(doc, kA));
  EXPECT_TRUE(whole(doc, kB)) << "a keystroke";
  EXPECT_TRUE(whole(doc, kOther));
  EXPECT_TRUE(whole(doc, from_hex("000101010001"))) << "a deletion";
  EXPECT_TRUE(whole(doc, from_hex("0000")));
  EXPECT_TRUE(Doc().load(kA)->whole);
}

TEST(Whole, IsWhatWasKnownInPartOrWhole) {
  Doc doc;
  ASSERT_TRUE(whole(doc, kA));
  EXPECT_TRUE(whole(doc, kA));
  // "abc", of which "a" is here.
  EXPECT_TRUE(whole(doc, from_hex("010101000401017403616263"
                                  "00")));
  EXPECT_EQ(text_of(doc, "t"), "abc");
  EXPECT_TRUE(whole(doc, from_hex("000101010001")));
  EXPECT_TRUE(whole(doc, from_hex("000101010002")));
}

TEST(Whole, IsNotWhatWaits) {
  Doc doc;
  ASSERT_TRUE(whole(doc, kA));
  EXPECT_FALSE(whole(doc, kC)) << "for its own client's";
  EXPECT_FALSE(whole(doc, kC)) << "once more";
  EXPECT_FALSE(whole(doc, kOther)) << "for another's";
  EXPECT_TRUE(whole(doc, kB));
  EXPECT_EQ(text_of(doc, "t").size(), 4u);
  EXPECT_TRUE(whole(doc, kC)) << "now that it is here";
  EXPECT_TRUE(whole(doc, kOther));
}

TEST(Whole, IsNotADeletionThatWaits) {
  Doc doc;
  ASSERT_TRUE(whole(doc, kA));
  EXPECT_FALSE(whole(doc, from_hex("000101010003"))) << "of which one letter is here";
  EXPECT_FALSE(whole(doc, from_hex("000101010003")));
  ASSERT_TRUE(whole(doc, kB));
  ASSERT_TRUE(whole(doc, kC));
  EXPECT_TRUE(whole(doc, from_hex("000101010003")));
}

TEST(Whole, IsNotWhatHasAGapThoughAllOfItBeHere) {
  Doc doc;
  for (const Buffer& update : {kA, kB, kC}) ASSERT_TRUE(whole(doc, update));
  EXPECT_FALSE(whole(doc, from_hex("01030100"
                                   "0401017401610a01"
                                   "8401010163"
                                   "00")));
  EXPECT_FALSE(Doc().apply(from_hex("010101000a0100"))->whole) << "nothing but a gap";
}

TEST(Whole, IsNotWhatIsOtherThanWhatIsHere) {
  Doc doc;
  ASSERT_TRUE(whole(doc, kA));
  const Result<Applied> twin = doc.apply(from_hex("0101010004010174017a00"));
  ASSERT_TRUE(twin && twin->contradicts);
  EXPECT_FALSE(twin->whole);
}

// Asked for what it did, an update takes the general way; in format v2, too.
TEST(Whole, IsTheSameOnEveryWay) {
  Doc told, v2;
  for (const Buffer& update : {kA, kC, kB, kOther}) {
    Buffer changes, as_v2;
    const bool expected = update != kC;
    EXPECT_EQ(told.apply(update, changes)->whole, expected);
    ASSERT_EQ(update_to_v2(update, as_v2), Status::ok);
    EXPECT_EQ(v2.apply_v2(as_v2)->whole, expected);
  }
}

}  // namespace
}  // namespace freshet::crdt
