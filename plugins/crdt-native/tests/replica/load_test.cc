// What a document may be larger in than one update of a peer: it is stored, merged and loaded.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

// One letter each by `count` clients from `first` on, one behind the other.
Buffer letters(uint64_t first, uint64_t count) {
  Buffer update;
  Writer out(update);
  out.varuint(count);
  for (uint64_t client = first + count; client-- > first;) {
    out.varuint(1);
    out.varuint(client);
    out.varuint(0);
    const bool start = client == 0;
    out.u8(start ? 0x04 : 0x84);
    if (start) {
      out.varuint(1);
      out.string("t");
    } else {
      out.varuint(client - 1);
      out.varuint(0);
    }
    out.string("x");
  }
  out.u8(0);
  return update;
}

constexpr uint64_t kHalf = kMaxClientsPerUpdate / 2 + 1;

TEST(Load, TakesACompactedHistoryThatNoPeerMaySend) {
  const Buffer early = letters(0, kHalf), late = letters(kHalf, kHalf);
  Doc doc;
  ASSERT_TRUE(doc.apply(early));
  ASSERT_TRUE(doc.apply(late));

  Buffer snapshot;
  const Bytes log[] = {early, late};
  ASSERT_EQ(merge_updates(log, snapshot), Status::ok);
  EXPECT_EQ(Doc().apply(snapshot).status(), Status::too_large);
  Doc loaded;
  ASSERT_TRUE(loaded.load(snapshot));
  EXPECT_EQ(text_of(loaded, "t"), std::string(2 * kHalf, 'x'));
  EXPECT_TRUE(state_of(loaded) == state_of(doc));

  // And once more: what was compacted is compacted with what came later.
  const Buffer latest = letters(2 * kHalf, 1);
  const Bytes longer[] = {snapshot, latest};
  Buffer again;
  ASSERT_EQ(merge_updates(longer, again), Status::ok);
  ASSERT_TRUE(loaded.apply(latest));
  EXPECT_TRUE(again == state_of(loaded));
}

// Two who type in turns, each behind the other's last letter: of all that a state is made of,
// nearly every struct depends on one of the other's that comes after one that depends on this
// client.
TEST(Load, TakesWhatTwoWroteInTurnsAndParksNothing) {
  constexpr uint64_t kTurns = 150'000;
  Doc doc;
  for (uint64_t i = 0; i < kTurns; ++i) {
    Buffer update;
    Writer out(update);
    for (const uint64_t number : {uint64_t{1}, uint64_t{1}, 1 + i % 2, i / 2}) out.varuint(number);
    out.u8(i == 0 ? 0x04 : 0x84);
    out.varuint(i == 0 ? 1 : 2 - i % 2);
    i == 0 ? out.string("t") : out.varuint((i - 1) / 2);
    out.string("x");
    out.u8(0);
    ASSERT_TRUE(doc.apply(update)->whole);
  }
  const Buffer state = state_of(doc);
  Doc loaded;
  const Result<Applied> applied = loaded.load(state);
  ASSERT_TRUE(applied) << static_cast<int>(applied.status());
  EXPECT_FALSE(applied->parked);
  EXPECT_TRUE(applied->whole);
  EXPECT_TRUE(state_of(loaded) == state);
}

TEST(Load, IsNotOwedForValuesThatWereOverwritten) {
  constexpr size_t kTimes = 100, kEach = 100'000;
  Doc doc;
  for (size_t i = 0; i < kTimes; ++i) {
    Transaction edit(doc, 1);
    ASSERT_EQ(edit.set(edit.root("m"), "picture", Value(std::string(kEach, 'x'))), Status::ok);
    Buffer update;
    ASSERT_EQ(edit.commit(update).status(), Status::ok);
  }
  EXPECT_LT(doc.stats().memory_bytes, 6 * kEach);
}

TEST(Load, ChecksAsStrictlyAsApply) {
  for (const Fixture& fixture : read_fixtures()) {
    for (size_t size = 0; size < fixture.state.size(); ++size) {
      Doc doc;
      EXPECT_EQ(doc.load(Bytes(fixture.state).first(size)).status(), Status::malformed);
      ASSERT_EQ(to_hex(state_of(doc)), "0000");
    }
  }
}

// What a list is left with when `count` elements were put in front of each other and all deleted:
// neighbours that do not join, of one length each.
Buffer deleted_prepends(uint64_t count) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, count, uint64_t{5}, uint64_t{0}}) out.varuint(number);
  out.u8(0x01);
  out.varuint(1);
  out.string("a");
  out.varuint(1);
  for (uint64_t clock = 1; clock < count; ++clock) {
    out.u8(0x41);
    out.varuint(5);
    out.varuint(clock - 1);
    out.varuint(1);
  }
  for (const uint64_t number : {uint64_t{1}, uint64_t{5}, uint64_t{1}, uint64_t{0}, count}) {
    out.varuint(number);
  }
  return update;
}

TEST(Load, ManyStructsThatColumnsSayInAFewBytes) {
  // Yjs: 20,000 prepends in an array, all deleted, then "y" in front.
  const Buffer v2 = from_hex(
      "000004459f9c01000500039d9c01070100419e9c01480301610101010004419f9c0101a19c010077017901"
      "0501009f9c01");
  Doc doc, loaded;
  ASSERT_TRUE(doc.apply_v2(v2));
  std::string json;
  doc.json("a", Shape::array, json);
  EXPECT_EQ(json, "[\"y\"]");
  EXPECT_EQ(doc.stats().items, 20'001u);

  Buffer again;
  ASSERT_EQ(doc.diff_v2({}, again), Status::ok);
  EXPECT_EQ(to_hex(again), to_hex(v2));
  ASSERT_TRUE(loaded.load_v2(again));
  EXPECT_TRUE(state_of(loaded) == state_of(doc));
}

TEST(Load, MoreStructsThanAFewBytesOfAPeerMayStandFor) {
  const Buffer v1 = deleted_prepends(kStructsFreeInV2 + kStructsPerByteInV2 * 64);
  Doc doc;
  ASSERT_TRUE(doc.apply(v1));
  Buffer v2, untouched;
  ASSERT_EQ(doc.diff_v2({}, v2), Status::ok);
  ASSERT_LT(v2.size(), 64u);

  Doc peer;
  EXPECT_EQ(peer.apply_v2(v2).status(), Status::too_large);
  EXPECT_EQ(to_hex(state_of(peer)), "0000");
  EXPECT_EQ(update_from_v2(v2, untouched), Status::too_large);
  EXPECT_TRUE(untouched.empty());
  Doc loaded;
  ASSERT_TRUE(loaded.load_v2(v2));
  EXPECT_TRUE(state_of(loaded) == v1);
}

TEST(Load, TakesAValueOfMoreElementsThanAPeerMaySend) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {1u, 1u, 7u, 0u}) out.varuint(number);
  out.u8(8);
  out.varuint(1);
  out.string("a");
  const uint64_t count = kMaxValuesPerUpdate + 1;
  out.varuint(count);
  update.insert(update.end(), count, 126);  // null
  update.push_back(0);
  EXPECT_EQ(Doc().apply(update).status(), Status::malformed);
  Doc doc;
  ASSERT_TRUE(doc.load(update));
  EXPECT_TRUE(state_of(doc) == update);
}

}  // namespace
}  // namespace freshet::crdt
