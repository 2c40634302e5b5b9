// The documents that a document refers to: which come, go and are wanted.
#include "freshet/crdt/subdocuments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "edit_fixtures.h"
#include "freshet/crdt/undo.h"

namespace freshet::crdt {
namespace {

std::string names_of(const std::vector<Subdocument>& documents) {
  std::vector<std::string> guids;
  for (const Subdocument& one : documents) guids.push_back(one.guid);
  std::sort(guids.begin(), guids.end());
  std::string names;
  for (const std::string& guid : guids) names += (names.empty() ? "" : ",") + guid;
  return names;
}

// A document of client 7 and what it is told.
class Watched {
 public:
  // The events since the last call.
  std::string told() { return std::exchange(told_, {}); }

  Doc doc;
  SubdocumentWatch watch{
      doc, [this](const SubdocumentEvent& event) {
        told_ += (told_.empty() ? "" : ";") + ("loaded=" + names_of(event.loaded)) +
                 " added=" + names_of(event.added) + " removed=" + names_of(event.removed);
      }};

 private:
  std::string told_;
};

void expect_told(Recorded& recorded, Watched& mine) {
  const Buffer events = recorded.next();
  EXPECT_EQ(mine.told(), std::string(events.begin(), events.end()));
}

uint64_t client_of(const Doc& doc, const std::string& guid) {
  for (const Subdocument& one : subdocuments(doc)) {
    if (one.guid == guid) return one.client;
  }
  return 0;
}

TEST(SubdocumentWatch, TellsWhatYjsTells) {
  Recorded recorded("subdocument-events");
  Watched mine;
  UndoHistory history(mine.doc, 7, {.scope = {"l"}, .origins = {""}, .capture_ms = 0});
  const auto there = [&] {
    ASSERT_TRUE(mine.doc.apply(recorded.next()));
    expect_told(recorded, mine);
  };
  const auto here = [&](auto what) {
    recorded.edit(mine.doc, what);
    expect_told(recorded, mine);
  };
  there();
  here(
      [](Transaction& e) { (void)e.push(e.root("l"), {NewSubdocument{.guid = "c", .meta = {}}}); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(mine.watch.load(client_of(mine.doc, "b"), 1), Status::ok);
    expect_told(recorded, mine);
  }
  there();
  here([](Transaction& e) {
    (void)e.push(e.root("l"), {NewSubdocument{.guid = "d", .meta = {}}});
    (void)e.remove(e.root("l"), 1, 1);
  });
  Buffer undone, redone;
  ASSERT_TRUE(history.undo(undone));
  recorded.expect(undone);
  expect_told(recorded, mine);
  ASSERT_TRUE(history.redo(redone));
  recorded.expect(redone);
  expect_told(recorded, mine);
  for (int i = 0; i < 4; ++i) there();
}

TEST(SubdocumentWatch, IsSilentAboutWhatCameAndWentAtOnce) {
  Watched mine;
  Transaction edit(mine.doc, 7);
  (void)edit.push(edit.root("l"), {NewSubdocument{.guid = "a", .meta = {}}, Value(1)});
  (void)edit.remove(edit.root("l"), 0, 1);
  EXPECT_EQ(mine.watch.load(7, 0), Status::conflict);
  Buffer update;
  ASSERT_TRUE(edit.commit(update));
  EXPECT_EQ(mine.told(), "");
  EXPECT_EQ(mine.watch.load(7, 0), Status::not_found);
  EXPECT_EQ(mine.watch.load(7, 1), Status::not_found);
  EXPECT_EQ(mine.watch.load(8, 0), Status::not_found);
}

TEST(SubdocumentWatch, TakesWhatIsThereForKnown) {
  Doc doc;
  Buffer update;
  {
    Transaction edit(doc, 7);
    (void)edit.push(edit.root("l"), {NewSubdocument{.guid = "a", .auto_load = true, .meta = {}},
                                     NewSubdocument{.guid = "b", .meta = {}}});
    ASSERT_TRUE(edit.commit(update));
  }
  std::string told;
  {
    SubdocumentWatch watch(doc, [&](const SubdocumentEvent& event) {
      told += "+" + names_of(event.loaded) + "-" + names_of(event.removed);
    });
    EXPECT_EQ(watch.load(7, 0), Status::ok);  // loads by itself
    EXPECT_EQ(told, "");
    EXPECT_EQ(watch.load(7, 1), Status::ok);
    EXPECT_EQ(told, "+b-");
  }
  Transaction edit(doc, 8);
  (void)edit.remove(edit.root("l"), 0, 2);
  ASSERT_TRUE(edit.commit(update));
  EXPECT_EQ(told, "+b-");  // nobody watches any more
}

// A peer's update is let in without a hold if nobody asks; a watch does.
TEST(SubdocumentWatch, HearsOfWhatWaitedForSomething) {
  Doc author;
  Buffer first, second;
  {
    Transaction edit(author, 1);
    (void)edit.push(edit.root("l"), {Value(1)});
    ASSERT_TRUE(edit.commit(first));
  }
  {
    Transaction edit(author, 1);
    (void)edit.push(edit.root("l"),
                    {NewSubdocument{.guid = "late", .auto_load = true, .meta = {}}});
    ASSERT_TRUE(edit.commit(second));
  }
  Watched mine;
  ASSERT_TRUE(mine.doc.apply(second));
  EXPECT_EQ(mine.told(), "");
  ASSERT_TRUE(mine.doc.apply(first));
  EXPECT_EQ(mine.told(), "loaded=late added=late removed=");
}

}  // namespace
}  // namespace freshet::crdt
