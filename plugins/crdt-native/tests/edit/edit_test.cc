// Local edits against what Yjs writes for the same calls, byte for byte.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "api/internals.h"
#include "edit_fixtures.h"
#include "freshet/crdt/cleanup.h"
#include "freshet/crdt/limits.h"
#include "freshet/crdt/subdocuments.h"
#include "invariants.h"

namespace freshet::crdt {
namespace {

using Edits = Transaction&;

// The state that ends every case, and what must hold inside.
void expect_end(Recorded& recorded, const Doc& doc) {
  recorded.expect(state_of(doc));
  EXPECT_EQ(broken_invariant(doc), "");
}

TEST(Editing, WritesTextAsYjsDoes) {
  Recorded recorded("plain-text");
  Doc doc;
  recorded.edit(doc, [](Edits e) { EXPECT_EQ(e.insert(e.root("t"), 0, "hello"), Status::ok); });
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 5, " wörld 😀"); });
  recorded.edit(doc, [](Edits e) {
    (void)e.insert(e.root("t"), 2, "XY");
    (void)e.remove_text(e.root("t"), 0, 3);
  });
  recorded.edit(doc, [](Edits e) {
    (void)e.insert(e.root("t"), 1, "gone");
    (void)e.remove_text(e.root("t"), 1, 4);
  });
  EXPECT_EQ(text_of(doc, "t"), "Yllo wörld 😀");
  recorded.edit(doc, [](Edits e) { (void)e.remove_text(e.root("t"), 0, e.length(e.root("t"))); });
  recorded.edit(doc, [](Edits) {});
  expect_end(recorded, doc);
}

TEST(Editing, KeepsFormatsMinimalAsYjsDoes) {
  Recorded recorded("formats");
  Doc doc;
  const Value link = Value::object({{"href", "u"}, {"n", 1}});
  const Value same_link = Value::object({{"n", 1}, {"href", "u"}});
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 0, "one two three"); });
  recorded.edit(doc, [](Edits e) { (void)e.format(e.root("t"), 4, 3, {{"bold", true}}); });
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 7, "!"); });
  recorded.edit(doc, [](Edits e) {
    (void)e.insert(e.root("t"), 4, "x", {{"italic", true}, {"bold", nullptr}});
  });
  recorded.edit(doc, [&](Edits e) { (void)e.format(e.root("t"), 0, 20, {{"link", link}}); });
  recorded.edit(doc, [](Edits e) { (void)e.format(e.root("t"), 2, 6, {{"bold", true}}); });
  recorded.edit(doc, [&](Edits e) {
    (void)e.format(e.root("t"), 2, 4, {{"bold", nullptr}, {"link", same_link}});
  });
  recorded.edit(doc, [](Edits e) {
    (void)e.insert_embed(e.root("t"), 3, Value::object({{"image", "x.png"}}), {{"size", 1.5}});
  });
  recorded.edit(doc, [](Edits e) { (void)e.remove_text(e.root("t"), 1, 6); });
  recorded.edit(doc, [](Edits e) { (void)e.format(e.root("t"), 0, 3, {{"none", nullptr}}); });
  expect_end(recorded, doc);
}

TEST(Editing, AppliesDeltasAsYjsDoes) {
  Recorded recorded("delta");
  Doc doc;
  recorded.edit(doc, [](Edits e) {
    std::vector<DeltaStep> delta(3);
    delta[0].insert = "abc";
    delta[1].insert = "def";
    delta[1].attributes = {{"bold", true}};
    delta[2].embed.push_back(Value::object({{"a", Value::array({1})}}));
    (void)e.apply_delta(e.root("t"), delta);
  });
  recorded.edit(doc, [](Edits e) {
    std::vector<DeltaStep> delta(5);
    delta[0].retain = 2;
    delta[1].remove = 2;
    delta[2].insert = "Z";
    delta[3].retain = 2;
    delta[3].attributes = {{"bold", nullptr}, {"em", 1}};
    delta[4].insert = "end";
    (void)e.apply_delta(e.root("t"), delta);
  });
  recorded.edit(doc, [](Edits e) { (void)e.set(e.root("t"), "lang", Value("de")); });
  recorded.edit(doc, [](Edits e) { (void)e.erase(e.root("t"), "lang"); });
  expect_end(recorded, doc);
}

TEST(Editing, CountsItsIndexOfPositionsAsMemory) {
  Doc doc;
  std::vector<uint8_t> update;
  {
    Transaction edit(doc, 1);
    for (int i = 0; i < 10'000; ++i) ASSERT_EQ(edit.insert(edit.root("t"), 0, "x"), Status::ok);
    ASSERT_TRUE(edit.commit(update));
  }
  Doc reader;
  ASSERT_TRUE(reader.apply(update));
  const size_t before = reader.stats().memory_bytes;
  {
    Transaction look(reader, 1);  // known already: the index is all that is new
    EXPECT_EQ(look.length(look.root("t")), 10'000u);
  }
  EXPECT_GT(reader.stats().memory_bytes, before);
}

TEST(Editing, WritesListsAndMapsAsYjsDoes) {
  Recorded recorded("lists-and-maps");
  Doc doc;
  const uint8_t three[] = {1, 2, 3}, nine[] = {9};
  recorded.edit(doc, [](Edits e) {
    const Value object = Value::object({{"b", 1}, {"2", "x"}, {"1", "y"}});
    const Value deep = Value::array({1, Value::array({2})});
    const Value odd = Value::object(
        {{"u", Value::undefined()}, {"i", Value::integer64(12345678901234)}, {"n", std::nan("")}});
    EXPECT_EQ(
        e.insert(e.root("l"), 0,
                 {Value(1), Value(-0.5), Value("two"), Value(), Value(true), object, deep, odd}),
        Status::ok);
  });
  recorded.edit(doc, [&](Edits e) {
    (void)e.insert(e.root("l"), 2, {Value::bytes(three), Value("after"), Value("that")});
  });
  recorded.edit(doc, [](Edits e) { (void)e.remove(e.root("l"), 1, 4); });
  recorded.edit(doc, [](Edits e) { (void)e.push(e.root("l"), {Value("last")}); });
  recorded.edit(doc, [&](Edits e) {
    const SharedType map = e.root("m");
    (void)e.set(map, "k", Value(1));
    (void)e.set(map, "k", Value(2));
    (void)e.set(map, "other", Value::bytes(nine));
  });
  recorded.edit(doc, [](Edits e) {
    (void)e.set(e.root("m"), "k", Value::object({{"deep", Value::array({1, 2})}}));
  });
  recorded.edit(doc, [](Edits e) {
    (void)e.erase(e.root("m"), "other");
    (void)e.erase(e.root("m"), "never");
  });
  recorded.edit(doc, [](Edits e) { (void)e.clear(e.root("m")); });
  expect_end(recorded, doc);
}

NewType text_with(const char* text) {
  NewType type{.kind = TypeKind::text};
  type.delta.emplace_back().insert = text;
  return type;
}

TEST(Editing, WritesTypesWithWhatTheyBeginWith) {
  Recorded recorded("nested");
  Doc doc;
  recorded.edit(doc, [](Edits e) {
    NewType map{.kind = TypeKind::map};
    map.entries.emplace_back("x", Value("y"));
    NewType array{.kind = TypeKind::array};
    array.children = {Value(1), map};
    (void)e.insert(e.root("l"), 0, {Value("first"), array, text_with("inside"), Value("last")});
  });
  recorded.edit(doc, [](Edits e) {
    const SharedType map = *e.child(*e.child(e.root("l"), 1), 1);
    (void)e.set(map, "x", text_with("deeper"));
  });
  recorded.edit(doc, [](Edits e) {
    const SharedType map = *e.child(*e.child(e.root("l"), 1), 1);
    (void)e.insert(*e.child(map, "x"), 6, "!");
  });
  recorded.edit(doc, [](Edits e) {
    const NewSubdocument sub{.guid = "g-1", .auto_load = true, .meta = Value::object({{"a", 1}})};
    (void)e.insert(e.root("l"), 1, {sub});
  });
  recorded.edit(doc, [](Edits e) { (void)e.remove(e.root("l"), 1, 2); });
  expect_end(recorded, doc);
}

TEST(Subdocuments, AreThereUntilTheyAreDeleted) {
  Doc doc;
  Transaction edit(doc, 7);
  const Value title = Value::object({{"title", "one"}});
  (void)edit.push(edit.root("l"),
                  {NewSubdocument{.guid = "a", .auto_load = true, .meta = title},
                   NewSubdocument{.guid = "b", .collect_garbage = false, .meta = {}}});
  Buffer update;
  ASSERT_TRUE(edit.commit(update));
  Doc other;
  ASSERT_TRUE(other.apply(update));
  const std::vector<Subdocument> all = subdocuments(other);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].guid, "a");
  EXPECT_TRUE(all[0].auto_load);
  EXPECT_TRUE(all[0].collect_garbage);
  EXPECT_EQ(all[0].meta.json(), R"({"title":"one"})");
  EXPECT_EQ(all[1].guid, "b");
  EXPECT_FALSE(all[1].collect_garbage);
  EXPECT_EQ(all[1].client, 7u);
  EXPECT_EQ(all[1].clock, 1u);
  Transaction again(other, 8);
  (void)again.remove(again.root("l"), 0, 1);
  ASSERT_TRUE(again.commit(update));
  ASSERT_EQ(subdocuments(other).size(), 1u);
  EXPECT_EQ(subdocuments(other)[0].guid, "b");
}

TEST(Editing, LeavesWholeWhatAnUpdateDeletesWhole) {
  Recorded recorded("parked-deletion");
  Doc doc({.collect_garbage = false});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(doc.apply(recorded.next()));
  expect_end(recorded, doc);
}

TEST(Editing, PushesAsYjsDoes) {
  Recorded recorded("push");
  Doc doc;
  const auto element = [](const char* name) {
    return NewType{.kind = TypeKind::xml_element, .name = name};
  };
  const auto paragraph = [](Transaction& e) { return *e.child(e.root("x"), 0); };
  recorded.edit(doc, [&](Edits e) {
    NewType p = element("p");
    p.children = {element("a"), element("b")};
    (void)e.insert(e.root("x"), 0, {p});
    (void)e.insert(e.root("l"), 0, {Value(1), Value(2)});
  });
  recorded.edit(doc, [&](Edits e) {
    (void)e.remove(paragraph(e), 1, 1);
    (void)e.remove(e.root("l"), 1, 1);
  });
  recorded.edit(doc, [&](Edits e) {
    (void)e.push(paragraph(e), {element("c")});
    (void)e.push(e.root("l"), {Value(3)});
  });
  recorded.edit(doc, [&](Edits e) { (void)e.remove(paragraph(e), 0, 2); });
  recorded.edit(doc, [&](Edits e) { (void)e.push(paragraph(e), {element("d")}); });
  expect_end(recorded, doc);
}

TEST(Editing, WritesXmlAsYjsDoes) {
  Recorded recorded("xml");
  Doc doc;
  recorded.edit(doc, [](Edits e) {
    NewType text = text_with("hi");
    text.kind = TypeKind::xml_text;
    NewType paragraph{.kind = TypeKind::xml_element, .name = "p"};
    paragraph.children = {text};
    paragraph.entries.emplace_back("class", Value("wide"));
    (void)e.insert(e.root("x"), 0, {paragraph});
  });
  recorded.edit(doc, [](Edits e) {
    const NewType line{.kind = TypeKind::xml_element, .name = "br"};
    const NewType hook{.kind = TypeKind::xml_hook, .name = "widget"};
    (void)e.insert(*e.child(e.root("x"), 0), 1, {line, hook});
  });
  recorded.edit(doc, [](Edits e) {
    const SharedType text = *e.child(*e.child(e.root("x"), 0), 0);
    (void)e.format(text, 0, 1, {{"b", Value::object({})}});
  });
  recorded.edit(doc,
                [](Edits e) { (void)e.set(*e.child(e.root("x"), 0), "class", Value("narrow")); });
  recorded.edit(doc, [](Edits e) { (void)e.erase(*e.child(e.root("x"), 0), "class"); });
  recorded.edit(doc, [](Edits e) { (void)e.remove(e.root("x"), 0, 1); });
  expect_end(recorded, doc);
}

TEST(Editing, GoesBetweenWhatOthersWrote) {
  Recorded recorded("among-others");
  Doc doc;
  ASSERT_TRUE(doc.apply(recorded.next()));
  recorded.edit(doc, [](Edits e) { (void)e.insert(e.root("t"), 3, "mine"); });
  recorded.edit(doc, [](Edits e) { (void)e.remove_text(e.root("t"), 1, 7); });
  recorded.edit(doc, [](Edits e) { (void)e.set(e.root("m"), "k", Value("w")); });
  expect_end(recorded, doc);
}

TEST(Cleanup, DeletesTheFormatsThatYjsDeletes) {
  Recorded recorded("cleanup");
  Doc doc;
  for (int i = 0; i < 4; ++i) {
    Buffer changes, cleaned;
    ASSERT_TRUE(apply_and_clean(doc, recorded.next(), {"t"}, changes, cleaned));
    recorded.expect(changes);
    recorded.expect(cleaned);
  }
  expect_end(recorded, doc);
}

TEST(Cleanup, LeavesRootsAloneThatNobodyCalledTexts) {
  Recorded recorded("cleanup");
  Doc doc;
  for (int i = 0; i < 4; ++i) {
    Buffer changes, cleaned;
    ASSERT_TRUE(apply_and_clean(doc, recorded.next(), {}, changes, cleaned));
    recorded.expect(changes);
    EXPECT_TRUE(cleaned.empty());
    (void)recorded.next();
  }
  (void)recorded.next();
  EXPECT_EQ(broken_invariant(doc), "");
}

// ---- what Yjs throws for ----------------------------------------------------------------------

TEST(Editing, RefusesPlacesAndKindsThatAreNotThere) {
  Doc doc;
  Buffer update;
  Transaction edit(doc, 1);
  const SharedType list = edit.root("l"), text = edit.root("t");
  EXPECT_EQ(edit.insert(list, 1, {Value(1)}), Status::not_found);
  EXPECT_EQ(edit.remove(list, 0, 1), Status::not_found);
  EXPECT_EQ(edit.insert(text, 1, "x"), Status::not_found);
  EXPECT_EQ(edit.insert(text, 0, "\xff"), Status::malformed);
  EXPECT_EQ(edit.set(list, std::string_view("\xff", 1), Value(1)), Status::malformed);
  ASSERT_EQ(edit.push(list, {NewType{.kind = TypeKind::map}, Value(1)}), Status::ok);
  EXPECT_EQ(edit.child(list, 1).status(), Status::unsupported);
  EXPECT_EQ(edit.child(list, 2).status(), Status::not_found);
  EXPECT_EQ(edit.child(list, "k").status(), Status::not_found);
  const SharedType map = *edit.child(list, 0);
  EXPECT_EQ(edit.insert(map, 0, "x"), Status::unsupported);
  EXPECT_EQ(edit.push(map, {Value(1)}), Status::unsupported);
  ASSERT_EQ(edit.remove(list, 0, 1), Status::ok);
  EXPECT_EQ(edit.set(map, "k", Value(1)), Status::not_found);
  EXPECT_EQ(doc.apply(state_of(Doc())).status(), Status::conflict);
  EXPECT_TRUE(*edit.commit(update));
  EXPECT_EQ(edit.commit(update).status(), Status::conflict);
  EXPECT_EQ(edit.insert(text, 0, "late"), Status::conflict);
  EXPECT_EQ(broken_invariant(doc), "");
}

TEST(Editing, RefusesAClientIdThatNobodyCanWrite) {
  Doc doc;
  Transaction edit(doc, uint64_t{1} << 53);
  EXPECT_EQ(edit.insert(edit.root("t"), 0, "x"), Status::limit);
}

TEST(Editing, RefusesWhatDoesNotFitAnUpdate) {
  Doc doc;
  Transaction edit(doc, 1);
  ASSERT_EQ(edit.insert(edit.root("t"), 0, "x"), Status::ok);
  EXPECT_EQ(edit.format(edit.root("t"), 0, kMaxUpdateBytes + 1, {{"b", true}}), Status::limit);
}

TEST(Editing, CommitsATransactionThatNobodyCommitted) {
  Doc doc;
  {
    Transaction edit(doc, 1);
    (void)edit.insert(edit.root("t"), 0, "kept");
  }
  EXPECT_EQ(text_of(doc, "t"), "kept");
  EXPECT_TRUE(doc.apply(state_of(doc)));
}

// ---- positions --------------------------------------------------------------------------------

// A text of `count` items, each of one character: no two of them can be joined.
Doc scattered(int count) {
  Doc doc;
  Transaction edit(doc, 1);
  for (int i = 0; i < count; ++i) (void)edit.insert(edit.root("t"), 0, "x");
  Buffer update;
  (void)edit.commit(update);
  return doc;
}

TEST(Positions, AreRightAfterEditsAndUpdatesInAnyOrder) {
  std::string model(20'000, 'x');
  Doc doc = scattered(20'000);
  Doc other;
  (void)other.apply(state_of(doc));
  uint64_t random = 1;
  const auto below = [&](uint64_t bound) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % bound;
  };
  for (int i = 0; i < 3000; ++i) {
    Buffer update;
    Doc& writer = below(3) == 0 ? other : doc;
    {
      Transaction edit(writer, &writer == &doc ? 1 : 2);
      const SharedType text = edit.root("t");
      ASSERT_EQ(edit.length(text), model.size());
      const size_t at = below(model.size());
      if (below(2) == 0) {
        const std::string added(1 + below(3), static_cast<char>('a' + below(26)));
        ASSERT_EQ(edit.insert(text, at, added), Status::ok);
        model.insert(at, added);
      } else {
        const size_t count = std::min<size_t>(1 + below(4), model.size() - at);
        ASSERT_EQ(edit.remove_text(text, at, count), Status::ok);
        model.erase(at, count);
      }
      ASSERT_TRUE(edit.commit(update));
    }
    ASSERT_TRUE((&writer == &doc ? other : doc).apply(update));
    if (i % 500 == 0) {
      ASSERT_EQ(text_of(doc, "t"), model);
    }
  }
  EXPECT_EQ(text_of(doc, "t"), model);
  EXPECT_EQ(text_of(other, "t"), model);
  EXPECT_EQ(broken_invariant(doc), "");
  EXPECT_EQ(state_of(doc), state_of(other));
}

// The same edits with an index that is kept and one that is made anew for each of them.
// Tombstones of one run join with each other, at the beginnings of the index's blocks, too.
TEST(Positions, AreRightWhileWhatIsDeletedGrowsTogether) {
  std::string model;
  for (int i = 0; i < 4000; ++i) model += static_cast<char>('a' + i % 26);
  Doc doc;
  {
    Transaction edit(doc, 1);
    ASSERT_EQ(edit.insert(edit.root("t"), 0, model), Status::ok);
  }
  std::mt19937 random(5);
  while (model.size() > 100) {
    const size_t at = random() % model.size();
    {
      Transaction edit(doc, 1);
      ASSERT_EQ(edit.length(edit.root("t")), model.size());
      ASSERT_EQ(edit.remove_text(edit.root("t"), at, 1), Status::ok);
    }
    model.erase(at, 1);
    if (model.size() % 100 == 0) {
      ASSERT_EQ(text_of(doc, "t"), model);
    }
  }
  EXPECT_EQ(broken_invariant(doc), "");
}

TEST(Positions, FindTheSameFormatsWithAnOldIndexAsWithANewOne) {
  Doc kept = scattered(12'000), fresh;
  (void)fresh.apply(state_of(kept));
  Buffer written[2];
  uint64_t random = 7;
  const auto below = [&](uint64_t bound) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % bound;
  };
  for (int i = 0; i < 600; ++i) {
    Internals::of(fresh).tree.positions.drop_all();
    const uint64_t what = below(4), count = 1 + below(40), where = below(1u << 30);
    const Attributes format = {{below(2) == 0 ? "bold" : "em", below(3) == 0 ? Value() : true}};
    for (Doc* doc : {&kept, &fresh}) {
      Transaction edit(*doc, 9);
      const SharedType text = edit.root("t");
      const uint64_t at = where % (edit.length(text) - count);
      if (what == 0) (void)edit.insert(text, at, "typed");
      if (what == 1) (void)edit.remove_text(text, at, count);
      if (what >= 2) (void)edit.format(text, at, count, format);
      Buffer& update = written[doc == &kept ? 0 : 1];
      update.clear();
      ASSERT_TRUE(edit.commit(update));
    }
    ASSERT_EQ(written[0], written[1]) << "edit " << i;
  }
  EXPECT_EQ(state_of(kept), state_of(fresh));
}

}  // namespace
}  // namespace freshet::crdt
