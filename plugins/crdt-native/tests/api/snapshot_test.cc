// What a snapshot may say, and what it says of a document.
#include "freshet/crdt/snapshot.h"

#include <gtest/gtest.h>

#include "fixtures.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/transaction.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {
namespace {

TEST(SnapshotTest, BringsBackWhatWasThereAndTellsWhatAnUpdateAddsToIt) {
  Doc doc({.collect_garbage = false});
  Buffer update;
  Transaction first(doc, 7);
  ASSERT_EQ(first.insert(first.root("t"), 0, "old"), Status::ok);
  ASSERT_TRUE(first.commit(update));
  Buffer before;
  take_snapshot(doc, before);
  Transaction second(doc, 7);
  ASSERT_EQ(second.remove_text(second.root("t"), 1, 1), Status::ok);
  ASSERT_EQ(second.insert(second.root("t"), 2, "new"), Status::ok);
  Buffer change;
  ASSERT_TRUE(second.commit(change));
  Buffer after;
  take_snapshot(doc, after);

  Doc restored;
  ASSERT_EQ(restore_snapshot(doc, before, restored), Status::ok);
  std::string text;
  restored.text("t", text);
  EXPECT_EQ(text, "old");
  EXPECT_FALSE(*snapshot_contains(before, change));
  EXPECT_TRUE(*snapshot_contains(after, change));
  Buffer difference;
  ASSERT_EQ(diff_snapshots(doc, before, after, difference), Status::ok);
  EXPECT_EQ(difference, change);
}

TEST(SnapshotTest, IsTheSameInBothFormatsClientsWithoutAClockIncluded) {
  // Client 9 deleted 1 to 3 and 7 and is at 12, client 4 is at 0.
  const Buffer v1 = {1, 9, 2, 1, 3, 7, 1, 2, 9, 12, 4, 0};
  const Buffer v2 = {1, 9, 2, 1, 2, 3, 0, 2, 9, 12, 4, 0};
  Buffer out;
  ASSERT_EQ(snapshot_to_v2(v1, out), Status::ok);
  EXPECT_EQ(out, v2);
  out.clear();
  ASSERT_EQ(snapshot_from_v2(v2, out), Status::ok);
  EXPECT_EQ(out, v1);
}

TEST(SnapshotTest, OfMoreClientsThanADocumentMayHaveIsRefused) {
  for (const size_t clients : {kMaxClients, kMaxClients + 1}) {
    Buffer bytes, out;
    Writer writer(bytes);
    writer.u8(0);
    writer.varuint(clients);
    for (size_t id = clients; id > 0; --id) {
      writer.varuint(id);
      writer.varuint(1);
    }
    EXPECT_EQ(snapshot_to_v2(bytes, out), clients > kMaxClients ? Status::limit : Status::ok);
  }
}

}  // namespace
}  // namespace freshet::crdt
