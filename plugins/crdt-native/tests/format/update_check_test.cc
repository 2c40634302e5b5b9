// What the decoder refuses, what it lets pass, and what it will not pass on.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

Status status_of(const std::string& hex) {
  Doc doc;
  const Result<Applied> applied = doc.apply(from_hex(hex));
  EXPECT_EQ(to_hex(state_vector_of(doc)) == "00" || applied, true);
  return applied.status();
}

bool canonical(const std::string& hex) {
  const Result<Applied> applied = Doc().apply(from_hex(hex));
  EXPECT_TRUE(applied) << hex;
  return applied && applied->canonical;
}

std::string reencoded(const std::string& hex) {
  Buffer out;
  EXPECT_EQ(reencode(from_hex(hex), out), Status::ok);
  return to_hex(out);
}

// "ab" at the start of root "t" by client 7.
const std::string kAb = "01010700040101740261";

TEST(UpdateCheck, AcceptsTheEmptyUpdate) {
  EXPECT_EQ(status_of("0000"), Status::ok);
  EXPECT_TRUE(canonical("0000"));
}

TEST(UpdateCheck, RefusesEveryTruncationAndChangesNothing) {
  for (const Fixture& fixture : read_fixtures()) {
    const Buffer& whole = fixture.state;
    for (size_t size = 0; size < whole.size(); ++size) {
      Doc doc;
      ASSERT_TRUE(doc.apply(fixture.updates[0]));
      const Buffer before = state_of(doc);
      EXPECT_FALSE(doc.apply(Bytes(whole).first(size))) << fixture.name << " cut at " << size;
      ASSERT_EQ(to_hex(state_of(doc)), to_hex(before)) << fixture.name << " cut at " << size;
    }
  }
}

TEST(UpdateCheck, RefusesUnknownContentsAndTypes) {
  for (const char* hex : {"010107000b01017400", "010107000c01017400", "010107001f01017400",
                          "010107000701017407"
                          "00",
                          "010107000701017464"
                          "00"}) {
    EXPECT_EQ(status_of(hex), Status::malformed) << hex;
  }
}

TEST(UpdateCheck, RefusesBadTextNumbersAndJson) {
  EXPECT_EQ(status_of("0101070004010174"
                      "02c328"
                      "00"),
            Status::malformed);
  EXPECT_EQ(status_of("0101070004010174"
                      "03eda0bd"
                      "00"),
            Status::malformed);
  EXPECT_EQ(status_of("01010700"
                      "0401ff016100"),
            Status::malformed);
  EXPECT_EQ(status_of("0101070005010174"
                      "047b626164"
                      "00"),
            Status::malformed);
  EXPECT_EQ(status_of("ffffffffffffffffffff0100"), Status::malformed);
}

TEST(UpdateCheck, RefusesCountsTheBytesCannotHold) {
  EXPECT_EQ(status_of("ffffffffffffff0f"), Status::malformed);
  EXPECT_EQ(status_of("0180808080080700"
                      "00"),
            Status::malformed);
  EXPECT_EQ(status_of("010107000801017480808080107e00"), Status::malformed);
  EXPECT_EQ(status_of("000107808080801005"
                      "00"),
            Status::malformed);
}

TEST(UpdateCheck, RefusesReferencesToTheOwnFuture) {
  EXPECT_EQ(status_of("0101070084070002616200"), Status::malformed);
  EXPECT_EQ(status_of("0101070044070502616200"), Status::malformed);
  EXPECT_EQ(status_of("010107000700070000"
                      "00"),
            Status::malformed);
}

TEST(UpdateCheck, RefusesTheSameClientInTwoBlocks) {
  EXPECT_EQ(status_of("02010700040101740261620107020401017402636400"), Status::malformed);
}

TEST(UpdateCheck, RefusesClocksBeyond32Bits) {
  EXPECT_EQ(status_of("0101070000"
                      "ffffffffffffff0f"
                      "00"),
            Status::too_large);
  EXPECT_EQ(status_of("010107ffffffff0f"
                      "0001"
                      "00"),
            Status::too_large);
  EXPECT_EQ(status_of("0001070101"
                      "ffffffffffffff0f"),
            Status::too_large);
  EXPECT_EQ(status_of("0101070000"
                      "ffffffff0f"
                      "00"),
            Status::ok);
}

TEST(UpdateCheck, RefusesValuesNestedTooDeepAndTakesThoseAtTheLimit) {
  const auto nested = [](size_t depth) {
    Buffer update = from_hex(
        "0101070008010174"
        "01");
    for (size_t i = 0; i < depth; ++i) update.insert(update.end(), {117, 1});
    update.push_back(126);
    update.push_back(0);
    return update;
  };
  EXPECT_TRUE(Doc().apply(nested(kMaxValueDepth)));
  EXPECT_FALSE(Doc().apply(nested(kMaxValueDepth + 1)));
  EXPECT_FALSE(Doc().apply(nested(100'000)));
}

TEST(UpdateCheck, RefusesJsonNestedTooDeep) {
  const auto nested = [](size_t depth) {
    Buffer update = from_hex("0101070005010174");
    Writer(update).string(std::string(depth, '[') + std::string(depth, ']'));
    update.push_back(0);
    return update;
  };
  EXPECT_TRUE(Doc().apply(nested(kMaxValueDepth)));
  EXPECT_FALSE(Doc().apply(nested(kMaxValueDepth + 1)));
}

TEST(UpdateCheck, RefusesRootNamesBeyondTheLimit) {
  const auto named = [](size_t size) {
    Buffer update = from_hex("010107000401");
    Writer writer(update);
    writer.string(std::string(size, 'n'));
    writer.string("x");
    writer.u8(0);
    return update;
  };
  EXPECT_TRUE(Doc().apply(named(kMaxRootNameBytes)));
  EXPECT_EQ(Doc().apply(named(kMaxRootNameBytes + 1)).status(), Status::too_large);
}

TEST(UpdateCheck, SubdocumentOptionsAreAnObject) {
  EXPECT_EQ(status_of("01010700090101740167"
                      "7e"
                      "00"),
            Status::malformed);
  EXPECT_EQ(status_of("01010700090101740167"
                      "7600"
                      "00"),
            Status::ok);
}

TEST(UpdateCheck, AForgottenClientLeavesNoTraceInTheTable) {
  Doc doc;
  EXPECT_FALSE(doc.apply(from_hex("0101070004010174026162")));
  EXPECT_EQ(doc.stats().clients, 0u);
}

TEST(Canonical, TrailingBytesAreReadOverButNotPassedOn) {
  EXPECT_FALSE(canonical("0000ff"));
  EXPECT_EQ(reencoded("0000ff"), "0000");
}

TEST(Canonical, LongNumbersAreShortened) {
  EXPECT_FALSE(canonical(kAb + "6280"
                               "00"));
  EXPECT_EQ(reencoded(kAb + "6280"
                            "00"),
            kAb + "6200");
}

TEST(Canonical, EmptyRunsAndRangesAreDropped) {
  EXPECT_FALSE(
      canonical("010207000401017400"
                "040101740261"
                "6200"));
  EXPECT_EQ(reencoded("010207000401017400"
                      "040101740261"
                      "6200"),
            kAb + "6200");
  EXPECT_FALSE(
      canonical("00010701"
                "0500"));
  EXPECT_EQ(reencoded("00010701"
                      "0500"),
            "0000");
  EXPECT_FALSE(canonical("00010700"));
}

TEST(Canonical, AGarbageStructWithFlagsIsWrittenWithout) {
  EXPECT_FALSE(canonical("01010700e00300"));
  EXPECT_EQ(reencoded("01010700e00300"),
            "010107000003"
            "00");
}

TEST(Canonical, TheRedundantKeyBitIsAWritersHabit) {
  EXPECT_TRUE(
      canonical("0102070028"
                "01016d016b01"
                "7d01"
                "a8070001"
                "7d02"
                "00"));
}

}  // namespace
}  // namespace freshet::crdt
