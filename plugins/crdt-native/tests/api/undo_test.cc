// Undo historys, snapshots, relative positions, awareness: against Yjs, byte for byte.
#include "freshet/crdt/undo.h"

#include <gtest/gtest.h>

#include "edit_fixtures.h"
#include "freshet/crdt/awareness.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/relative_position.h"
#include "freshet/crdt/snapshot.h"
#include "freshet/format/codec.h"
#include "invariants.h"

namespace freshet::crdt {
namespace {

using Edits = Transaction&;

Buffer undone(UndoHistory& history) {
  Buffer update;
  EXPECT_TRUE(history.undo(update));
  return update;
}

Buffer redone(UndoHistory& history) {
  Buffer update;
  EXPECT_TRUE(history.redo(update));
  return update;
}

TEST(Undo, TakesBackOnesOwnEditsAsYjsDoes) {
  Recorded recorded("undo");
  Doc doc;
  UndoHistory history(doc, 7, {.scope = {"t", "m"}, .capture_ms = UINT64_MAX});
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 0, "hello"); });
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 5, " world"); });
  EXPECT_EQ(history.undo_steps(), 1u);
  history.stop_capturing();
  recorded.edit(doc, [](Edits e) {
    (void)e.remove_text(e.root("t"), 2, 5);
    (void)e.set(e.root("m"), "k", NewType{.kind = TypeKind::array});
  });
  EXPECT_EQ(history.undo_steps(), 2u);
  ASSERT_TRUE(doc.apply(recorded.next()));
  recorded.expect(undone(history));
  EXPECT_EQ(text_of(doc, "t"), "Thello world");
  recorded.expect(redone(history));
  recorded.expect(undone(history));
  recorded.expect(undone(history));
  EXPECT_EQ(text_of(doc, "t"), "T");
  recorded.expect(undone(history));
  recorded.expect(state_of(doc));
}

TEST(Undo, BringsBackFirstWhatWasDeletedFirst) {
  Recorded recorded("undo-of-several");
  Doc doc;
  ASSERT_TRUE(doc.apply(recorded.next()));
  UndoHistory history(doc, 7, {.scope = {"t"}, .capture_ms = UINT64_MAX});
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 2, "mine"); });
  history.stop_capturing();
  recorded.edit(doc, [](Edits e) { (void)e.remove_text(e.root("t"), 3, 5); });
  recorded.expect(undone(history));
  recorded.expect(state_of(doc));
}

TEST(Undo, BeginsANewStepWhenTheOldOneIsOld) {
  Doc doc;
  UndoHistory history(doc, 7, {.scope = {"t"}});
  for (const uint64_t now_ms : {1000u, 1499u, 2100u}) {
    Transaction edit(doc, 7, "", now_ms);
    (void)edit.insert(edit.root("t"), 0, "x");
  }
  EXPECT_EQ(history.undo_steps(), 2u);
}

TEST(Undo, LeavesOtherOriginsAndOtherTypesAlone) {
  Doc doc;
  UndoHistory history(doc, 7, {.scope = {"t"}, .origins = {"me"}});
  const auto edit_as = [&](const char* origin, const char* root) {
    Transaction edit(doc, 7, origin);
    (void)edit.insert(edit.root(root), 0, "x");
  };
  edit_as("somebody", "t");
  edit_as("me", "elsewhere");
  EXPECT_EQ(history.undo_steps(), 0u);
  edit_as("me", "t");
  EXPECT_EQ(history.undo_steps(), 1u);
  Buffer update;
  EXPECT_FALSE(*history.redo(update));
}

TEST(Undo, LetsGoOfWhatItKept) {
  Doc doc;
  Doc plain;
  {
    UndoHistory history(doc, 7, {.scope = {"t"}});
    for (Doc* each : {&doc, &plain}) {
      Transaction edit(*each, 7);
      (void)edit.insert(edit.root("t"), 0, "hello");
    }
    for (Doc* each : {&doc, &plain}) {
      Transaction edit(*each, 7);
      (void)edit.remove_text(edit.root("t"), 1, 3);
    }
    EXPECT_NE(state_of(doc), state_of(plain));
    history.clear();
    Buffer update;
    EXPECT_FALSE(*history.undo(update));
  }
  Transaction edit(doc, 7);
  Buffer update;
  EXPECT_FALSE(*edit.commit(update));
}

TEST(Undo, WaitsForNoTransaction) {
  Doc doc;
  UndoHistory history(doc, 7, {.scope = {"t"}});
  Transaction edit(doc, 7);
  Buffer update;
  EXPECT_EQ(history.undo(update).status(), Status::conflict);
}

// ---- snapshots --------------------------------------------------------------------------------

TEST(Snapshots, AreTakenAndRestoredAsYjsDoes) {
  Recorded recorded("snapshots");
  Doc doc({.collect_garbage = false});
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 0, "hello"); });
  recorded.edit(doc, [](Edits e) { (void)e.remove_text(e.root("t"), 1, 2); });
  Buffer v1, v2, again;
  take_snapshot(doc, v1);
  recorded.expect(v1);
  ASSERT_EQ(snapshot_to_v2(v1, v2), Status::ok);
  recorded.expect(v2);
  ASSERT_EQ(snapshot_from_v2(v2, again), Status::ok);
  EXPECT_EQ(again, v1);
  recorded.edit(doc, [](Edits e) {
    (void)e.insert(e.root("t"), 1, "x");
    (void)e.insert(e.root("t"), 4, " and more");
    (void)e.remove_text(e.root("t"), 0, 1);
  });
  Doc restored({.collect_garbage = false}), collected;
  ASSERT_EQ(restore_snapshot(doc, v1, restored), Status::ok);
  ASSERT_EQ(restore_snapshot(doc, v1, collected), Status::ok);
  recorded.expect(state_of(collected));
  EXPECT_EQ(text_of(restored, "t"), "hlo");
  EXPECT_EQ(broken_invariant(doc), "");

  // The difference to a later one brings the restored document there.
  Buffer later, difference;
  take_snapshot(doc, later);
  ASSERT_EQ(diff_snapshots(doc, v1, later, difference), Status::ok);
  EXPECT_FALSE(*snapshot_contains(v1, difference));
  EXPECT_TRUE(*snapshot_contains(later, difference));
  ASSERT_TRUE(restored.apply(difference));
  EXPECT_EQ(state_of(restored), state_of(doc));
  recorded.expect(state_of(doc));
}

// Yjs loses the character there.
TEST(Snapshots, LeaveTheDocumentAsItIsEvenIfTheyCutAPairOfSurrogates) {
  Doc doc({.collect_garbage = false});
  Buffer update;
  {
    Transaction edit(doc, 7);
    ASSERT_EQ(edit.insert(edit.root("t"), 0, "a\xf0\x9f\x98\x80z"), Status::ok);
    ASSERT_TRUE(edit.commit(update));
  }
  Doc restored;
  ASSERT_EQ(restore_snapshot(doc, from_hex("00010702"), restored), Status::ok);  // two units of 7
  EXPECT_EQ(text_of(restored, "t"), "a\xef\xbf\xbd");
  EXPECT_EQ(text_of(doc, "t"), "a\xf0\x9f\x98\x80z");
}

TEST(Snapshots, SayWhatIsWrong) {
  Doc doc, kept({.collect_garbage = false}), into;
  const Buffer of_another = {0, 1, 5, 3};
  EXPECT_EQ(restore_snapshot(doc, of_another, into), Status::unsupported);
  EXPECT_EQ(restore_snapshot(kept, of_another, into), Status::not_found);
  EXPECT_EQ(restore_snapshot(kept, Buffer{1}, into), Status::malformed);
  EXPECT_EQ(snapshot_contains(of_another, Buffer{9}).status(), Status::malformed);
}

// ---- relative positions -----------------------------------------------------------------------

TEST(RelativePositions, AreThoseOfYjs) {
  Recorded recorded("positions");
  Doc doc;
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 0, "hello 😀 world"); });
  recorded.edit(doc,
                [](Edits e) { (void)e.set(e.root("m"), "n", NewType{.kind = TypeKind::array}); });
  std::vector<Buffer> positions;
  const std::vector<std::pair<uint64_t, int64_t>> places = {{0, 0},  {3, 0},  {3, -1},
                                                            {0, -1}, {14, 0}, {14, -1}};
  {
    Transaction edit(doc, 7);
    for (const auto& [index, assoc] : places) {
      Buffer& position = positions.emplace_back();
      (void)edit.relative_position(edit.root("t"), index, assoc, position);
      recorded.expect(position);
    }
    Buffer nested;
    (void)edit.relative_position(*edit.child(edit.root("m"), "n"), 0, 0, nested);
    recorded.expect(nested);
  }
  recorded.expect(state_of(doc));
  for (size_t i = 0; i < places.size(); ++i) {
    const auto where = resolve_position(doc, positions[i]);
    ASSERT_TRUE(where && *where);
    EXPECT_EQ((*where)->index, places[i].first);
    EXPECT_EQ((*where)->root, "t");
  }
  Transaction edit(doc, 7);
  (void)edit.insert(edit.root("t"), 0, "+++");
  (void)edit.commit(positions[0]);
  EXPECT_EQ((*resolve_position(doc, positions[1]))->index, 6u);
}

// "INDEX@CLIENT.CLOCK" of the type, followed to what undoing made anew and not, as edits.mjs writes
// it.
std::string whereabouts(Doc& doc, const Buffer& position) {
  const auto say = [&](Redone redone) -> std::string {
    const auto where = resolve_position(doc, position, redone);
    if (!where || !*where) return "nowhere";
    return std::to_string((*where)->index) + "@" + std::to_string((*where)->client) + "." +
           std::to_string((*where)->clock);
  };
  return say(Redone::follow) + " " + say(Redone::ignore);
}

struct Undoable {
  const char* name;
  NewType type;
};

class PositionsAfterUndo : public testing::TestWithParam<bool> {};

DeltaStep typed(const char* text) { return {.insert = text, .embed = {}, .attributes = {}}; }

TEST_P(PositionsAfterUndo, AreThoseOfYjs) {
  const std::vector<Undoable> kinds = {
      {"text", {.kind = TypeKind::text, .delta = {typed("ab")}}},
      {"array", {.kind = TypeKind::array, .children = {Value(1), Value(2)}}},
      {"xml-text", {.kind = TypeKind::xml_text, .delta = {typed("ab")}}},
      {"xml-element",
       {.kind = TypeKind::xml_element,
        .name = "p",
        .children = {NewType{.kind = TypeKind::xml_text, .delta = {typed("x")}},
                     NewType{.kind = TypeKind::xml_element, .name = "br"}}}}};
  const bool collect = GetParam();
  for (const auto& [name, type] : kinds) {
    SCOPED_TRACE(name);
    Recorded recorded(std::string("positions-after-undo-") + name + (collect ? "" : "-kept"));
    Doc doc({.collect_garbage = collect});
    recorded.edit(doc, [&](Edits e) { (void)e.insert(e.root("a"), 0, {Content(type)}); });
    std::vector<Buffer> positions;
    for (int i = 0; i < 7; ++i) positions.push_back(recorded.next());
    const auto resolve = [&] {
      for (const Buffer& position : positions) {
        const std::string where = whereabouts(doc, position);
        EXPECT_EQ(as_text(recorded.next()), where) << to_hex(position);
      }
    };
    UndoHistory history(doc, 7, {.scope = {"a"}, .capture_ms = UINT64_MAX});
    recorded.edit(doc, [](Edits e) { (void)e.remove(e.root("a"), 0, 1); });
    resolve();
    recorded.expect(undone(history));
    resolve();
    recorded.expect(redone(history));
    resolve();
    recorded.expect(undone(history));
    resolve();
    recorded.expect(state_of(doc));
  }
}

INSTANTIATE_TEST_SUITE_P(Garbage, PositionsAfterUndo, testing::Bool(), [](const auto& test) {
  return std::string(test.param ? "Collected" : "Kept");
});

TEST(RelativePositions, OfAnotherDocumentAreNowhere) {
  Doc doc;
  EXPECT_FALSE(resolve_position(doc, Buffer{0, 5, 1, 0})->has_value());
  EXPECT_FALSE(resolve_position(doc, Buffer{2, 5, 1, 0})->has_value());
  EXPECT_EQ(resolve_position(doc, Buffer{3, 5, 1, 0}).status(), Status::malformed);
  EXPECT_EQ(resolve_position(doc, Buffer{0, 5}).status(), Status::malformed);
}

// ---- awareness --------------------------------------------------------------------------------

Buffer said_by(const Awareness& awareness, uint64_t client) {
  Buffer update;
  awareness.encode({client}, update);
  return update;
}

TEST(AwarenessStates, AreSeenByOthersUntilTheyAreOld) {
  Awareness ann(1, 0), bob(2, 0);
  ASSERT_TRUE(ann.set_local(R"({"name": "Ann"})", 0));
  const auto seen = bob.apply(said_by(ann, 1), 0);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->added, std::vector<uint64_t>{1});
  EXPECT_EQ(bob.entries().at(1).state, R"({"name":"Ann"})");
  EXPECT_TRUE(bob.apply(said_by(ann, 1), 0)->empty());

  ASSERT_TRUE(ann.set_local(R"({"name":"Ann"})", 5000));
  const auto renewed = bob.apply(said_by(ann, 1), 5000);
  EXPECT_EQ(renewed->updated, std::vector<uint64_t>{1});
  EXPECT_TRUE(renewed->changed.empty());
  EXPECT_TRUE(bob.expire(34'999).empty());
  EXPECT_EQ(bob.expire(35'000).removed, std::vector<uint64_t>{1});
}

TEST(AwarenessStates, OfOneselfAreNotTakenAwayByOthers) {
  Awareness ann(1, 0), bob(2, 0);
  ASSERT_TRUE(ann.set_local("1", 0));
  ASSERT_TRUE(bob.apply(said_by(ann, 1), 0));
  EXPECT_EQ(bob.remove({1}, 0).removed, std::vector<uint64_t>{1});
  ASSERT_TRUE(ann.apply(said_by(bob, 1), 0));
  EXPECT_EQ(ann.entries().at(1).state, "1");
  EXPECT_EQ(ann.entries().at(1).clock, 2u);
}

TEST(AwarenessStates, AreComparedByValue) {
  Awareness ann(1, 0);
  ASSERT_TRUE(ann.set_local(R"({"a":[1,{"x":1,"y":2}],"b":1})", 0));
  EXPECT_TRUE(ann.set_local(R"({"b":1.0,"a":[1,{"y":2,"x":1}]})", 0)->changed.empty());
  EXPECT_FALSE(ann.set_local(R"({"b":1,"a":[{"y":2,"x":1},1]})", 0)->changed.empty());
}

TEST(AwarenessStates, AreBounded) {
  Awareness ann(1, 0);
  EXPECT_EQ(ann.set_local("{", 0).status(), Status::malformed);
  const std::string large(kMaxAwarenessStateBytes, ' ');
  EXPECT_EQ(ann.set_local(large + "1", 0).status(), Status::too_large);
  EXPECT_EQ(ann.entries().at(1).clock, 0u);
  Buffer crowd;
  Writer out(crowd);
  out.varuint(kMaxAwarenessClients);
  for (uint64_t client = 2; client < kMaxAwarenessClients + 2; ++client) {
    out.varuint(client);
    out.varuint(1);
    out.string("1");
  }
  EXPECT_EQ(ann.apply(crowd, 0).status(), Status::limit);
  EXPECT_EQ(ann.entries().size(), 1u);
  EXPECT_EQ(ann.apply(Buffer{1, 2, 1}, 0).status(), Status::malformed);
}

}  // namespace
}  // namespace freshet::crdt
