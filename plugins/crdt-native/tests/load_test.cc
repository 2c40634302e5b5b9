// What a document may be larger in than one update of a peer: it is stored, merged and loaded.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/codec.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/updates.h"

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
