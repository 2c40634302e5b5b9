// Transactions that end without a commit: nothing they did is lost to the others.
#include "freshet/crdt/transaction.h"

#include <gtest/gtest.h>

#include <memory>

#include "api/internals.h"
#include "fixtures.h"
#include "freshet/crdt/undo.h"
#include "invariants.h"

namespace freshet::crdt {
namespace {

// The shape that docs/crdt.md shows: the second edit fails, and nobody commits.
Status write_beyond_the_end(Doc& doc, Buffer& update) {
  Transaction edit(doc, 7);
  const auto text = edit.root("t");
  FRESHET_CHECK(edit.insert(text, 0, "kept"));
  FRESHET_CHECK(edit.insert(text, 99, "nowhere"));
  FRESHET_TRY(const bool changed, edit.commit(update));
  return changed ? Status::ok : Status::internal;
}

// The two pieces of docs/crdt.md, as they stand there.
Status answer_a_peer(Doc& doc, Bytes update, Bytes peers_state_vector, Buffer& out) {
  auto applied = doc.apply(update);       // Result<Applied>: changed? canonical? whose?
  if (!applied) return applied.status();  // malformed, too_large, limit: nothing has changed
  std::vector<uint8_t> answer;
  FRESHET_CHECK(doc.diff(peers_state_vector, answer));
  out.assign(answer.begin(), answer.end());
  return Status::ok;
}

Status write_hello(Doc& doc, uint64_t my_client_id, Buffer& out) {
  Transaction edit(doc, my_client_id);
  const auto text = edit.root("text");
  FRESHET_CHECK(edit.insert(text, 0, "Hello"));
  FRESHET_CHECK(edit.format(text, 0, 5, {{"bold", true}}));
  std::vector<uint8_t> update;
  FRESHET_TRY(const bool changed, edit.commit(update));  // for the others
  out.assign(update.begin(), update.end());
  return changed ? Status::ok : Status::internal;
}

TEST(WhatThePageOfTheEngineShows, BringsAnEditToAPeer) {
  Doc ann, bob;
  Buffer update, answer;
  ASSERT_EQ(write_hello(ann, 7, update), Status::ok);
  constexpr uint8_t kNothingYet[] = {0};
  ASSERT_EQ(answer_a_peer(bob, update, kNothingYet, answer), Status::ok);
  EXPECT_EQ(answer, update);
  EXPECT_EQ(answer_a_peer(bob, Bytes(update).first(3), kNothingYet, answer), Status::malformed);
}

TEST(TransactionsLeftEarly, AreHandedOutByTheNextCommit) {
  Doc doc, peer;
  Buffer update;
  EXPECT_EQ(write_beyond_the_end(doc, update), Status::not_found);
  EXPECT_EQ(write_beyond_the_end(doc, update), Status::not_found);
  EXPECT_TRUE(update.empty());
  {
    Transaction edit(doc, 7);
    (void)edit.insert(edit.root("t"), 0, "and ");
    EXPECT_TRUE(*edit.commit(update));
  }
  const auto applied = peer.apply(update);
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->canonical);
  EXPECT_FALSE(applied->parked);
  EXPECT_EQ(text_of(peer, "t"), "and keptkept");
  EXPECT_EQ(state_of(peer), state_of(doc));
}

TEST(TransactionsLeftEarly, AreHandedOutByACommitThatDidNothing) {
  Doc doc, peer;
  Buffer update;
  EXPECT_EQ(write_beyond_the_end(doc, update), Status::not_found);
  EXPECT_TRUE(*Transaction(doc, 9).commit(update));
  ASSERT_TRUE(peer.apply(update));
  EXPECT_EQ(text_of(peer, "t"), "kept");
  EXPECT_FALSE(*Transaction(doc, 9).commit(update));
}

// A document that nobody else has, whose edits nobody ever takes: they take less room than it does.
TEST(TransactionsLeftEarly, AreHandedOutHoweverMany) {
  Doc doc, peer;
  for (int i = 0; i < 50'000; ++i) {
    Transaction edit(doc, 7);
    ASSERT_EQ(edit.insert(edit.root("t"), 0, "abc"), Status::ok);
    ASSERT_EQ(edit.remove_text(edit.root("t"), 1, 1), Status::ok);
  }
  const size_t withheld = Internals::of(doc).withheld.bytes();
  EXPECT_LT(withheld, 3 * (doc.stats().memory_bytes - withheld));
  Buffer update;
  EXPECT_TRUE(*Transaction(doc, 7).commit(update));
  EXPECT_EQ(Internals::of(doc).withheld.bytes(), 0u);
  ASSERT_TRUE(peer.apply(update));
  EXPECT_EQ(text_of(peer, "t"), text_of(doc, "t"));
  EXPECT_EQ(state_vector_of(peer), state_vector_of(doc));
}

TEST(TransactionsLeftEarly, AreHandedOutByAnUndo) {
  Doc doc, peer;
  UndoHistory history(doc, 7, {.scope = {"t"}});
  Buffer update;
  EXPECT_EQ(write_beyond_the_end(doc, update), Status::not_found);
  EXPECT_TRUE(*history.undo(update));
  ASSERT_TRUE(peer.apply(update));
  EXPECT_EQ(text_of(peer, "t"), "");
  EXPECT_EQ(state_vector_of(peer), state_vector_of(doc));
}

TEST(TransactionsLeftEarly, KeepWhatTheyDidWhenAnUndoHistoryGoesMeanwhile) {
  Doc doc, peer;
  Buffer update;
  auto history = std::make_unique<UndoHistory>(doc, 7, UndoOptions{.scope = {"t"}});
  for (const bool insert : {true, false}) {
    Transaction edit(doc, 7);
    if (insert) (void)edit.insert(edit.root("t"), 0, "gone");
    if (!insert) (void)edit.remove_text(edit.root("t"), 0, 4);
    (void)edit.commit(update);
    ASSERT_TRUE(peer.apply(update));
    update.clear();
  }
  {
    Transaction edit(doc, 7);
    (void)edit.insert(edit.root("t"), 0, "here");
    history.reset();
    EXPECT_TRUE(*edit.commit(update));
  }
  ASSERT_TRUE(peer.apply(update));
  EXPECT_EQ(text_of(peer, "t"), "here");
  EXPECT_EQ(state_vector_of(peer), state_vector_of(doc));
  EXPECT_EQ(broken_invariant(doc), "");
}

}  // namespace
}  // namespace freshet::crdt
