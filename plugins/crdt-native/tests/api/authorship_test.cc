// Who wrote what: the ids of what is shown, and what became of what somebody wrote.
#include "freshet/crdt/authorship.h"

#include <gtest/gtest.h>

#include <string>

#include "fixtures.h"
#include "freshet/crdt/transaction.h"

namespace freshet::crdt {
namespace {

// client:clock+length@index, and the key of a key's value.
std::string told(const std::vector<Authored>& all) {
  std::string out;
  for (const Authored& one : all) {
    if (!out.empty()) out += ' ';
    out += std::to_string(one.by.client) + ':' + std::to_string(one.by.clock) + '+' +
           std::to_string(one.by.length);
    out += one.keyed ? "=" + one.key : "@" + std::to_string(one.index);
  }
  return out;
}

// clock+length, what it is, and where.
std::string told(const std::vector<Written>& all) {
  static const char* const kinds[] = {"text", "value",       "embed",  "format",
                                      "type", "subdocument", "dropped"};
  std::string out;
  for (const Written& one : all) {
    if (!out.empty()) out += ' ';
    out += std::to_string(one.by.clock) + '+' + std::to_string(one.by.length) + ':';
    out += kinds[static_cast<size_t>(one.kind)];
    if (one.kind == WrittenKind::text) out += "'" + one.text + "'";
    if (one.deleted) out += '-';
    if (one.place == Written::Place::root) out += "@" + one.root;
    if (one.place == Written::Place::nested) {
      out += "@" + std::to_string(one.holder_client) + ':' + std::to_string(one.holder_clock);
    }
    if (one.keyed) out += "." + one.key;
  }
  return out;
}

template <class What>
void edit(Doc& doc, uint64_t client, What what) {
  Transaction transaction(doc, client);
  what(transaction);
  Buffer update;
  ASSERT_TRUE(transaction.commit(update));
}

TEST(Authorship, TellsWhoseTheTextIsInAsFewStretchesAsThereCanBe) {
  Doc doc;
  edit(doc, 1, [](Transaction& e) { (void)e.insert(e.root("t"), 0, "Hello world"); });
  edit(doc, 2, [](Transaction& e) { (void)e.insert(e.root("t"), 5, ", wide 😀"); });
  edit(doc, 1, [](Transaction& e) { (void)e.insert(e.root("t"), 20, "!"); });
  EXPECT_EQ(told(authors(doc, "t")), "1:0+5@0 2:0+9@5 1:5+7@14");
  // Formats show nothing, and what is around them stays one stretch.
  edit(doc, 3, [](Transaction& e) { (void)e.format(e.root("t"), 1, 2, {{"bold", true}}); });
  EXPECT_EQ(told(authors(doc, "t")), "1:0+5@0 2:0+9@5 1:5+7@14");
  edit(doc, 3, [](Transaction& e) { (void)e.remove_text(e.root("t"), 3, 10); });
  EXPECT_EQ(told(authors(doc, "t")), "1:0+3@0 2:8+1@3 1:5+7@4");
  EXPECT_EQ(told(authors(doc, "nobody mentioned it")), "");
}

TEST(Authorship, TellsOfKeysAndOfNestedTypes) {
  Doc doc;
  edit(doc, 1, [](Transaction& e) {
    (void)e.set(e.root("m"), "title", Value("one"));
    (void)e.set(e.root("m"), "gone", Value("two"));
    (void)e.set(e.root("m"), "list", NewType{.kind = TypeKind::array});
  });
  edit(doc, 2, [](Transaction& e) {
    (void)e.set(e.root("m"), "title", Value("other"));
    (void)e.erase(e.root("m"), "gone");
    (void)e.push(*e.child(e.root("m"), "list"), {Value(1), Value(2)});
  });
  const std::vector<Authored> all = authors(doc, "m");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(told(all).find("2:0+1=title"), std::string::npos);
  EXPECT_NE(told(all).find("1:2+1=list"), std::string::npos);
  EXPECT_EQ(told(authors(doc, 1, 2)), "2:1+2@0");
  EXPECT_EQ(told(authors(doc, 1, 0)), "");  // no type
  EXPECT_EQ(told(authors(doc, 1, 3)), "");  // not written yet
  EXPECT_EQ(told(authors(doc, 9, 0)), "");
}

TEST(Authorship, TellsWhatBecameOfWhatSomebodyWrote) {
  Doc doc({.collect_garbage = false});
  edit(doc, 1, [](Transaction& e) {
    (void)e.insert(e.root("t"), 0, "abcdef");
    (void)e.insert_embed(e.root("t"), 6, Value::object({{"image", "x"}}));
    (void)e.format(e.root("t"), 0, 1, {{"bold", true}});
    (void)e.set(e.root("m"), "k", NewType{.kind = TypeKind::text});
    (void)e.insert(*e.child(e.root("m"), "k"), 0, "in");
    (void)e.push(e.root("l"), {Value(1), NewSubdocument{.guid = "g", .meta = {}}});
  });
  edit(doc, 2, [](Transaction& e) { (void)e.remove_text(e.root("t"), 2, 2); });
  EXPECT_EQ(told(written(doc, 1, 0, 100)),
            "0+1:text'a'@t 1+1:text'b'@t 2+2:text'cd'-@t 4+2:text'ef'@t 6+1:embed@t 7+1:format@t "
            "8+1:format@t 9+1:type@m.k 10+2:text'in'@1:9 12+1:value@l 13+1:subdocument@l");
  EXPECT_EQ(told(written(doc, 1, 3, 5)), "3+1:text'd'-@t 4+1:text'e'@t");
  EXPECT_EQ(told(written(doc, 1, 14, 20)), "");
  EXPECT_EQ(told(written(doc, 1, 5, 5)), "");
  EXPECT_EQ(told(written(doc, 2, 0, 9)), "");  // wrote nothing, only deleted
}

TEST(Authorship, DoesNotTellWhatWasDropped) {
  Doc doc;
  edit(doc, 1, [](Transaction& e) {
    (void)e.insert(e.root("t"), 0, "abc");
    (void)e.set(e.root("m"), "k", NewType{.kind = TypeKind::text});
    (void)e.insert(*e.child(e.root("m"), "k"), 0, "in");
  });
  edit(doc, 2, [](Transaction& e) {
    (void)e.remove_text(e.root("t"), 1, 1);
    (void)e.erase(e.root("m"), "k");
  });
  EXPECT_EQ(told(written(doc, 1, 0, 100)),
            "0+1:text'a'@t 1+1:dropped-@t 2+1:text'c'@t 3+1:dropped-@m.k 4+2:dropped-");
}

}  // namespace
}  // namespace freshet::crdt
