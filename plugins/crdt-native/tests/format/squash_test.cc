// Updates joined as bytes: which structs become one, and what is left to be passed on as it came.
#include <gtest/gtest.h>

#include <algorithm>

#include "fixtures.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

Status squash(const std::vector<Buffer>& updates, Buffer& out) {
  return squash_updates(std::vector<Bytes>(updates.begin(), updates.end()), out);
}

std::vector<Buffer> all_from_hex(const std::vector<std::string>& all) {
  std::vector<Buffer> updates;
  for (const std::string& hex : all) updates.push_back(from_hex(hex));
  return updates;
}

std::string squashed(const std::vector<std::string>& updates) {
  Buffer out;
  EXPECT_EQ(squash(all_from_hex(updates), out), Status::ok);
  const Result<Applied> applied = Doc().apply(out);
  EXPECT_TRUE(applied && applied->canonical) << to_hex(out);
  return to_hex(out);
}

Status refusal(const std::vector<std::string>& updates) {
  Buffer out = {0xff};
  const Status status = squash(all_from_hex(updates), out);
  EXPECT_EQ(to_hex(out), "ff") << "something was appended";
  return status;
}

// One struct of client 1 at `clock`, in hex.
std::string of_one(const std::string& clock, const std::string& body) {
  return "010101" + clock + body + "00";
}

TEST(Squash, LettersThatWereTypedOneAfterTheOtherAreOneText) {
  EXPECT_EQ(squashed({of_one("00", "040101740161"), of_one("01", "8401000162"),
                      of_one("02", "8401010163")}),
            of_one("00", "0401017403616263"));
}

TEST(Squash, TextBeforeTheSameCharacterIsOne) {
  EXPECT_EQ(squashed({of_one("05", "c4020002010161"), of_one("06", "c4010502010162")}),
            of_one("05", "c402000201026162"));
}

TEST(Squash, TextElsewhereIsNot) {
  // Before another character; behind another; behind the first of two letters; before anything.
  const std::string first = "c4020002010161";
  for (const std::string second :
       {"c4010502020162", "c4020102010162", "c4010402010162", "8401050162"}) {
    EXPECT_EQ(squashed({of_one("05", first), of_one("06", second)}),
              "01020105" + first + second + "00");
  }
}

TEST(Squash, WhatNamesItsParentBeginsAnew) {
  EXPECT_EQ(squashed({of_one("00", "040101740161"), of_one("01", "040101740162")}),
            "01020100"
            "040101740161"
            "040101740162"
            "00");
  // In a type within the document, too.
  EXPECT_EQ(squashed({of_one("05", "040009000161"), of_one("06", "8401050162")}),
            of_one("05", "04000900026162"));
}

TEST(Squash, RunsOfTombstonesValuesAndGarbageAreOne) {
  EXPECT_EQ(squashed({of_one("01", "81010002"), of_one("03", "81010201")}),
            of_one("01", "81010003"));
  EXPECT_EQ(squashed({of_one("01", "0002"), of_one("03", "0003")}), of_one("01", "0005"));
  EXPECT_EQ(squashed({of_one("01", "880100017d01"), of_one("02", "880101027e78")}),
            of_one("01", "880100037d017e78"));
  EXPECT_EQ(squashed({of_one("01", "820100010131"), of_one("02", "820101010132")}),
            of_one("01", "8201000201310132"));
}

TEST(Squash, OtherContentsNeverAre) {
  const std::pair<const char*, const char*> contents[] = {
      {"83", "01ff"}, {"85", "027b7d"}, {"86", "01620131"}, {"87", "01"}, {"89", "01677600"}};
  for (const auto& [info, content] : contents) {
    const std::string first = std::string(info) + "0100" + content;
    const std::string second = std::string(info) + "0101" + content;
    EXPECT_EQ(squashed({of_one("01", first), of_one("02", second)}),
              "01020101" + first + second + "00");
  }
  // Of two kinds: a letter and a value.
  EXPECT_EQ(squashed({of_one("01", "8401000161"), of_one("02", "880101017e")}),
            "010201018401000161880101017e00");
}

TEST(Squash, TheValuesOfAKeyAreNotOneAndItsTombstonesAre) {
  EXPECT_EQ(squashed({of_one("01", "a80100017d01"), of_one("02", "a80101017d02")}),
            "01020101a80100017d01a80101017d0200");
  EXPECT_EQ(squashed({of_one("00", "280101740161017d01"), of_one("01", "880100017d02")}),
            "01020100280101740161017d01880100017d0200");
  EXPECT_EQ(squashed({of_one("01", "a1010001"), of_one("02", "a1010101")}),
            of_one("01", "a1010002"));
}

TEST(Squash, TextIsCountedAsTheFormatCountsIt) {
  // A pair of surrogates is two units of four bytes, a half that was cut off is U+FFFD for good.
  EXPECT_EQ(squashed({of_one("00", "0401017404f09f9880"), of_one("02", "84010103efbfbd"),
                      of_one("03", "84010203efbfbd")}),
            of_one("00", "040101740af09f9880efbfbdefbfbd"));
}

TEST(Squash, ClientsDescendAndTheirClocksAscendWhateverCameFirst) {
  const std::string first = of_one("00", "040101740161");
  const std::string second = of_one("01", "8401000162");
  const std::string other =
      "01010900040101740178"
      "00";
  const std::string expected =
      "02"
      "01090004010174017801010004010174026162"
      "00";
  EXPECT_EQ(squashed({first, other, second}), expected);
  EXPECT_EQ(squashed({second, first, other}), expected);
  EXPECT_EQ(squashed({squashed({first, second}), other}), expected);
}

TEST(Squash, AnUpdateOfSeveralClientsMayBeAmongThem) {
  EXPECT_EQ(squashed({"02010900040101740178"
                      "010100040101740161"
                      "00",
                      "01010101"
                      "8401000162"
                      "00"}),
            "02"
            "010900040101740178"
            "01010004010174026162"
            "00");
}

TEST(Squash, DeletionsAreSortedAndJoined) {
  EXPECT_EQ(squashed({"000101010501",
                      "0001090100"
                      "01",
                      "000101010302", "000101010001"}),
            "00"
            "02"
            "09010001"
            "010200010303");
  // One inside another, and one twice.
  EXPECT_EQ(squashed({"000101010008", "000101010202", "000101010008"}), "000101010008");
}

TEST(Squash, OfNothingIsNothingAndOfOneIsThatOne) {
  EXPECT_EQ(squashed({}), "0000");
  EXPECT_EQ(squashed({"0000", "0000"}), "0000");
  EXPECT_EQ(squashed({of_one("05", "c4020002010161")}), of_one("05", "c4020002010161"));
  EXPECT_EQ(squashed({"01020100"
                      "040101740161"
                      "8401000162"
                      "00"}),
            of_one("00", "04010174026162"));
}

TEST(Squash, WhatACarelessWriterWroteIsWrittenWithCare) {
  // A long number, a struct without units, flags of garbage, bytes behind the end.
  EXPECT_EQ(squashed({"8100010100040101740161"
                      "00",
                      "01020101"
                      "84010000"
                      "8401000162"
                      "00",
                      "01010102"
                      "e001"
                      "00ff"}),
            "01020100"
            "04010174026162"
            "0001"
            "00");
}

TEST(Squash, RefusesGapsAndOverlaps) {
  const std::string a = of_one("00", "040101740161"), c = of_one("02", "8401010163");
  EXPECT_EQ(refusal({a, c}), Status::unsupported);
  EXPECT_EQ(refusal({a, a}), Status::unsupported);
  EXPECT_EQ(refusal({a, of_one("01", "840100026263"), c}), Status::unsupported);
  // Within one update: a Skip.
  EXPECT_EQ(refusal({"01030100"
                     "040101740161"
                     "0a01"
                     "8401010163"
                     "00"}),
            Status::unsupported);
  EXPECT_EQ(refusal({"01010100"
                     "0a01"
                     "00"}),
            Status::unsupported);
}

TEST(Squash, RefusesWhatIsNoUpdateAsApplyDoes) {
  const std::string good = of_one("00", "040101740161");
  EXPECT_EQ(refusal({good, ""}), Status::malformed);
  EXPECT_EQ(refusal({"0101", good}), Status::malformed);
  // The same client twice, in one update.
  EXPECT_EQ(refusal({"02"
                     "010100040101740161"
                     "010101"
                     "8401000162"
                     "00"}),
            Status::malformed);
  // What only the engine itself may say: more than JSON in a format.
  EXPECT_EQ(refusal({of_one("01", "860100016202007f")}), Status::malformed);
}

TEST(Squash, TakesSoMuchAndNoMore) {
  Buffer update = from_hex("0101010004010174");
  const size_t letters = kMaxSquashedBytes - update.size() - 3 - 1;
  Writer out(update);
  out.string(std::string(letters, 'x'));
  out.u8(0);
  ASSERT_EQ(update.size(), kMaxSquashedBytes);
  Buffer result;
  EXPECT_EQ(squash({update}, result), Status::ok);
  EXPECT_EQ(result, update);
  result.clear();
  EXPECT_EQ(squash({update, from_hex("0000")}, result), Status::unsupported);
  EXPECT_TRUE(result.empty());
}

TEST(Squash, AppendsToWhatIsThere) {
  Buffer out = {1, 2, 3};
  ASSERT_EQ(squash(all_from_hex({of_one("00", "040101740161")}), out), Status::ok);
  EXPECT_EQ(to_hex(out), "010203" + of_one("00", "040101740161"));
}

// One letter of client 1 behind the one before it.
Buffer letter(uint64_t clock) {
  Buffer update = from_hex("010101");
  Writer out(update);
  out.varuint(clock);
  out.u8(clock == 0 ? 0x04 : 0x84);
  out.varuint(1);
  clock == 0 ? out.string("t") : out.varuint(clock - 1);
  out.string(std::string(1, static_cast<char>('a' + clock % 26)));
  out.u8(0);
  return update;
}

TEST(Squash, FiveHundredLettersAreOneStruct) {
  std::vector<Buffer> letters;
  for (uint64_t clock = 0; clock < 500; ++clock) letters.push_back(letter(clock));
  Buffer out;
  ASSERT_EQ(squash(letters, out), Status::ok);
  EXPECT_EQ(out.size(), 8u + 2 + 500 + 1);
  EXPECT_EQ(out[1], 1) << "structs";
}

// A diff carries all that was ever deleted; a window is what was written in it.
TEST(Squash, OfAWindowIsSmallHoweverMuchWasDeletedBefore) {
  constexpr uint64_t kDeletions = 1'000'000;
  Buffer history = from_hex("0101010004010174");
  Writer out(history);
  out.string(std::string(2 * kDeletions, 'x'));
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, kDeletions}) out.varuint(number);
  for (uint64_t i = 0; i < kDeletions; ++i) {
    out.varuint(2 * i);
    out.varuint(1);
  }
  Doc one_by_one, at_once;
  ASSERT_TRUE(one_by_one.apply(history));
  ASSERT_TRUE(at_once.apply(history));
  std::vector<Buffer> window;
  size_t bytes = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    Buffer deletion = from_hex("00010101");
    Writer one(deletion);
    one.varuint(2 * i + 1);
    one.u8(1);
    for (const Buffer& update : {letter(2 * kDeletions + i), deletion}) {
      window.push_back(update);
      bytes += update.size();
      ASSERT_TRUE(one_by_one.apply(update)->whole);
    }
  }
  Buffer squash_of_all;
  ASSERT_EQ(squash(window, squash_of_all), Status::ok);
  EXPECT_LT(squash_of_all.size(), bytes / 2);
  ASSERT_TRUE(at_once.apply(squash_of_all));
  EXPECT_TRUE(state_of(at_once) == state_of(one_by_one));
  EXPECT_GT(state_of(at_once).size(), kDeletions);
}

}  // namespace
}  // namespace freshet::crdt
