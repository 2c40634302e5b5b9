// Values of embeds and marks that JSON lacks: format v2 has them, documents keep them, and v1 gets
// what Yjs writes, or nothing where Yjs throws.
#include <gtest/gtest.h>

#include <cmath>

#include "edit_fixtures.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/snapshot.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"
#include "freshet/crdt/updates.h"
#include "invariants.h"

namespace freshet::crdt {
namespace {

constexpr int kRecordedValues = 25;  // in edits.mjs

Buffer in_v2(const Doc& doc) {
  Buffer out;
  EXPECT_EQ(doc.diff_v2({}, out), Status::ok);
  return out;
}

// The embeds of "t".
std::string shown(const Doc& doc) {
  std::string json;
  doc.json("t", Shape::array, json);
  return json;
}

TEST(ValuesInV2, ComeBackAsTheyWereAndReachV1AsYjsWritesThem) {
  Recorded recorded("v2-values");
  for (int i = 0; i < kRecordedValues; ++i) {
    const Buffer v2 = recorded.next(), v1 = recorded.next();
    SCOPED_TRACE(to_hex(v2));
    const Status sayable = v1.empty() ? Status::unsupported : Status::ok;
    Doc doc;
    ASSERT_TRUE(doc.apply_v2(v2));
    EXPECT_EQ(to_hex(in_v2(doc)), to_hex(v2));
    EXPECT_EQ(broken_invariant(doc), "");
    Buffer state, converted;
    EXPECT_EQ(doc.diff({}, state), sayable);
    EXPECT_EQ(to_hex(state), to_hex(v1));
    EXPECT_EQ(update_from_v2(v2, converted), sayable);
    EXPECT_EQ(to_hex(converted), to_hex(v1));
  }
}

TEST(ValuesInV2, ComeBackAsTheyWereInsideObjects) {
  // An embed of {v: NaN}.
  const Buffer v2 = from_hex("00000101000001050301740101010000010100760101767b7ff800000000000000");
  Doc doc;
  ASSERT_TRUE(doc.load_v2(v2));
  EXPECT_EQ(to_hex(in_v2(doc)), to_hex(v2));
  EXPECT_EQ(shown(doc), R"([{"v":null}])");
}

// Two updates of one client, of which the second comes first.
TEST(ValuesInV2, ComeBackAsTheyWereAfterWaiting) {
  Doc writer;
  Buffer first, second, first_v2, second_v2, parked;
  {
    Transaction edit(writer, 1);
    (void)edit.insert_embed(edit.root("t"), 0, Content(Value(NAN)), {});
    (void)edit.commit(first);
  }
  const Buffer before = in_v2(writer);
  {
    Transaction edit(writer, 1);
    (void)edit.insert_embed(edit.root("t"), 1, Content(Value(INFINITY)), {});
    (void)edit.commit(second);
  }
  Buffer vector;
  Doc old;
  ASSERT_TRUE(old.apply_v2(before));
  old.state_vector(vector);
  ASSERT_EQ(writer.diff_v2(vector, second_v2), Status::ok);
  Doc doc;
  ASSERT_TRUE(doc.apply_v2(second_v2)->parked);
  ASSERT_EQ(doc.diff_v2({}, parked), Status::ok);
  Doc relay;
  ASSERT_TRUE(relay.apply_v2(parked));
  ASSERT_TRUE(relay.apply_v2(before));
  EXPECT_EQ(to_hex(in_v2(relay)), to_hex(in_v2(writer)));
  ASSERT_TRUE(doc.apply(first));  // as v1 has it: null
  EXPECT_EQ(shown(doc), R"([null,null])");
}

TEST(ValuesInV2, AreNoneOfAPeerThatWritesV1) {
  // What documents keep of NaN, where a JSON text should be.
  const Buffer forged = from_hex("01010100050101740a007b7ff800000000000000");
  Doc doc;
  EXPECT_EQ(doc.apply(forged).status(), Status::malformed);
  EXPECT_EQ(doc.load(forged).status(), Status::malformed);
}

TEST(ValuesInV2, AreMarksLikeAnyOther) {
  Recorded recorded("v2-values");
  (void)recorded.next(), (void)recorded.next();
  Doc doc;
  ASSERT_TRUE(doc.apply_v2(recorded.next()));  // "v", marked NaN
  while (recorded.left() > 0) (void)recorded.next();
  Buffer update;
  {
    Transaction edit(doc, 2);
    ASSERT_EQ(edit.insert(edit.root("t"), 1, "w"), Status::ok);  // takes the mark over
    ASSERT_TRUE(*edit.commit(update));
  }
  std::string xml;
  doc.json("t", Shape::xml_text, xml);
  EXPECT_EQ(xml, R"("<mark>v</mark><mark>w</mark>")");  // NaN is not even NaN, so it is said again
  EXPECT_EQ(to_hex(update),
            "01030200c601010102046d61726b046e756c6cc4020001020177c602010102046d61726b046e756c6c00");
}

TEST(ValuesInV2, ThatV1CannotSayAreRefusedInEdits) {
  Doc doc;
  Transaction edit(doc, 1);
  const Content integer(Value::integer64(5));
  EXPECT_EQ(edit.insert_embed(edit.root("t"), 0, integer, {}), Status::malformed);
  EXPECT_EQ(edit.insert(edit.root("t"), 0, "x", {{"mark", Value::undefined()}}), Status::malformed);
  EXPECT_EQ(edit.set(edit.root("m"), "k", integer), Status::ok);
}

TEST(ValuesInV2, ThatV1CannotSayAreNotSaidWhenUndoingBringsThemBack) {
  Doc doc;
  ASSERT_TRUE(doc.apply_v2(from_hex("000001010000010503017401010100000101007a000000000000000500")));
  UndoHistory history(doc, 2, {.scope = {"t"}});
  Buffer update;
  {
    Transaction edit(doc, 2);
    ASSERT_EQ(edit.remove_text(edit.root("t"), 0, 1), Status::ok);
    ASSERT_TRUE(*edit.commit(update));
  }
  update.clear();
  EXPECT_EQ(history.undo(update).status(), Status::unsupported);
  EXPECT_TRUE(update.empty());
  Doc peer;
  ASSERT_TRUE(peer.apply_v2(in_v2(doc)));
  EXPECT_EQ(shown(peer), R"([5])");
}

}  // namespace
}  // namespace freshet::crdt
