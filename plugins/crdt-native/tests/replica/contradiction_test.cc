// Two replicas that write as one client are told apart by what they say of the same clocks, and
// honest ones never look like two.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"
#include "freshet/crdt/updates.h"
#include "random_peer.h"

namespace freshet::crdt {
namespace {

using Edit = std::function<Status(Transaction&)>;

constexpr uint64_t kShared = 7;

Buffer edited(Doc& doc, uint64_t client, const Edit& edit) {
  Buffer update;
  Transaction transaction(doc, client);
  EXPECT_EQ(edit(transaction), Status::ok);
  EXPECT_TRUE(transaction.commit(update));
  return update;
}

Edit typing(size_t at, const std::string& text) {
  return [=](Transaction& t) { return t.insert(t.root("text"), at, text); };
}

struct Told {
  bool contradicts;
  uint64_t twin;
  friend bool operator==(const Told&, const Told&) = default;
};
std::ostream& operator<<(std::ostream& out, const Told& told) {
  return out << (told.contradicts ? "contradicts as " : "agrees as ") << told.twin;
}
constexpr Told kAgrees{false, 0};
constexpr Told kTwin{true, kShared};

Told told_by(Doc& doc, Bytes update) {
  const Result<Applied> applied = doc.apply(update);
  EXPECT_TRUE(applied);
  return applied ? Told{applied->contradicts, applied->twin} : kAgrees;
}

// A replica and its copy write as one client, each its own edit; a server hears of the first, then
// of the second.
struct Copied {
  explicit Copied(const Edit& begin = typing(0, "begin")) {
    Doc author;
    before = edited(author, 1, begin);
    for (Doc* doc : {&server, &first, &second}) EXPECT_TRUE(doc->apply(before));
  }
  Told apart(const Edit& one, const Edit& other) {
    EXPECT_EQ(told_by(server, edited(first, kShared, one)), kAgrees);
    return told_by(server, edited(second, kShared, other));
  }
  Buffer before;
  Doc server, first, second;
};

TEST(Contradiction, OtherTextUnderTheSameClocksIsTold) {
  EXPECT_EQ(Copied().apart(typing(0, "x"), typing(0, "y")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "xyz"), typing(0, "xya")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "плюс"), typing(0, "плюш")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "\xf0\x9f\x98\x80"), typing(0, "\xf0\x9f\x98\x81")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "same"), typing(0, "same")), kAgrees);
}

TEST(Contradiction, TheSameTextElsewhereIsTold) {
  EXPECT_EQ(Copied().apart(typing(1, "x"), typing(2, "x")), kTwin);
}

TEST(Contradiction, WhatIsNewBehindItIsTakenAllTheSame) {
  Copied copied;
  EXPECT_EQ(copied.apart(typing(0, "x"), typing(0, "yz")), kTwin);
  EXPECT_EQ(text_of(copied.server, "text"), "xzbegin");
}

// One of the copies wrote more: what both wrote is compared, and the rest is new, or not there.
TEST(Contradiction, WhatIsKnownInPartIsComparedAsFarAsItIsKnown) {
  EXPECT_EQ(Copied().apart(typing(0, "ab"), typing(0, "axyz")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "axyz"), typing(0, "ab")), kTwin);
  EXPECT_EQ(Copied().apart(typing(0, "ab"), typing(0, "abyz")), kAgrees);
  EXPECT_EQ(Copied().apart(typing(0, "abyz"), typing(0, "ab")), kAgrees);
  EXPECT_EQ(Copied().apart(typing(0, "a\xf0\x9f\x98\x80"), typing(0, "a\xf0\x9f\x98\x80z")),
            kAgrees);
}

// What is here was cut by what others wrote into it, and a part of it is gone.
TEST(Contradiction, TextThatWasCutIsComparedPieceByPiece) {
  for (const auto& [text, told] : {std::pair<std::string, Told>{"abcdef", kAgrees},
                                   {"abXdef", kAgrees},  // which is gone here
                                   {"abcdeX", kTwin},
                                   {"Xbcdef", kTwin}}) {
    Copied copied;
    ASSERT_TRUE(copied.server.apply(edited(copied.first, kShared, typing(0, "abcdef"))));
    edited(copied.server, 8, typing(3, "--"));
    edited(copied.server, 8, [](Transaction& t) { return t.remove_text(t.root("text"), 2, 1); });
    EXPECT_EQ(told_by(copied.server, edited(copied.second, kShared, typing(0, text))), told)
        << text;
  }
}

TEST(Contradiction, IsToldOfEveryKindOfContent) {
  const auto pushing = [](const Value& value) {
    return [=](Transaction& t) { return t.push(t.root("list"), {value}); };
  };
  const auto setting = [](const Value& value) {
    return [=](Transaction& t) { return t.set(t.root("map"), "key", value); };
  };
  const auto embedding = [](const Value& value) {
    return [=](Transaction& t) { return t.insert_embed(t.root("text"), 0, value); };
  };
  const auto marking = [](const char* key, const Value& value) {
    return [=](Transaction& t) { return t.format(t.root("text"), 0, 2, {{key, value}}); };
  };
  const auto nesting = [](TypeKind kind) {
    return [=](Transaction& t) { return t.push(t.root("list"), {NewType{.kind = kind}}); };
  };
  static const uint8_t bytes[] = {1, 2, 3};
  EXPECT_EQ(Copied().apart(pushing(1), pushing(2)), kTwin);
  EXPECT_EQ(Copied().apart(pushing("a"), pushing(Value::array({1}))), kTwin);
  EXPECT_EQ(Copied().apart(setting(true), setting(false)), kTwin);
  EXPECT_EQ(Copied().apart(pushing(Value::object({{"a", 1}, {"b", 2}})),
                           pushing(Value::object({{"a", 2}, {"b", 1}}))),
            kTwin);
  EXPECT_EQ(Copied().apart(pushing(Value::array({1, 2})), pushing(Value::array({2, 1}))), kTwin);
  EXPECT_EQ(Copied().apart(setting(Value::bytes(Bytes(bytes, 2))),
                           setting(Value::bytes(Bytes(bytes + 1, 2)))),
            kTwin);
  EXPECT_EQ(Copied().apart(embedding(Value::object({{"image", "a"}})),
                           embedding(Value::object({{"image", "b"}}))),
            kTwin);
  EXPECT_EQ(Copied().apart(marking("bold", true), marking("em", true)), kTwin);
  EXPECT_EQ(Copied().apart(marking("color", "red"), marking("color", "blue")), kTwin);
  EXPECT_EQ(Copied().apart(nesting(TypeKind::map), nesting(TypeKind::text)), kTwin);
  EXPECT_EQ(Copied().apart(nesting(TypeKind::map), nesting(TypeKind::map)), kAgrees);
}

TEST(Contradiction, IsToldByWholeStatesAndByFormatV2) {
  Copied copied;
  Buffer one, other;
  one = edited(copied.first, kShared, typing(0, "x"));
  edited(copied.second, kShared, typing(0, "y"));
  ASSERT_TRUE(copied.server.apply(one));
  EXPECT_EQ(told_by(copied.server, state_of(copied.second)), kTwin);
  ASSERT_EQ(copied.second.diff_v2({}, other), Status::ok);
  const Result<Applied> applied = copied.server.apply_v2(other);
  ASSERT_TRUE(applied);
  EXPECT_TRUE(applied->contradicts);
}

TEST(Contradiction, OfWhatIsDeletedOnEitherSideNothingIsSaid) {
  const auto removing = [](Transaction& t) { return t.remove_text(t.root("text"), 0, 1); };
  Copied here;
  ASSERT_TRUE(here.server.apply(edited(here.first, kShared, typing(0, "x"))));
  ASSERT_TRUE(here.server.apply(edited(here.first, kShared, removing)));
  EXPECT_EQ(told_by(here.server, edited(here.second, kShared, typing(0, "y"))), kAgrees);
  Copied there;
  ASSERT_TRUE(there.server.apply(edited(there.first, kShared, typing(0, "x"))));
  edited(there.second, kShared, typing(0, "y"));
  edited(there.second, kShared, removing);
  EXPECT_EQ(told_by(there.server, state_of(there.second)), kAgrees);
}

// As another writer may: "key" before "a", and 1 as a float.
TEST(Contradiction, WhatIsWrittenInAnotherWayIsTheSame) {
  Doc doc;
  // client 1, list "l": [{a: 1, b: [2]}] by lib0, then by others.
  ASSERT_EQ(told_by(doc, from_hex("010101000801016c01"
                                  "76020161"
                                  "7d01"
                                  "0162"
                                  "75017d02"
                                  "00")),
            kAgrees);
  EXPECT_EQ(told_by(doc, from_hex("010101000801016c01"
                                  "76020162"
                                  "75017b4000000000000000"
                                  "0161"
                                  "7c3f800000"
                                  "00")),
            kAgrees);
  EXPECT_EQ(told_by(doc, from_hex("010101000801016c01"
                                  "76020162"
                                  "75017b4000000000000000"
                                  "0161"
                                  "7c40000000"
                                  "00")),
            (Told{true, 1}));
}

TEST(Contradiction, HalfOfAPairIsWhatAnyBoundaryLeftOfIt) {
  Copied copied;
  const Buffer smile = edited(copied.first, kShared, typing(0, "\xf0\x9f\x98\x80"));
  ASSERT_TRUE(copied.server.apply(smile));
  // Somebody writes into the middle of it: both halves become U+FFFD, here.
  ASSERT_TRUE(copied.second.apply(smile));
  edited(copied.second, 8, typing(1, "!"));
  ASSERT_TRUE(copied.server.apply(state_of(copied.second)));
  EXPECT_EQ(told_by(copied.server, smile), kAgrees);
  EXPECT_EQ(told_by(copied.first, state_of(copied.server)), kAgrees);
}

// ---- honest histories

size_t histories() {
  const char* wanted = std::getenv("FRESHET_HISTORIES");
  return wanted == nullptr ? 500 : static_cast<size_t>(std::atoll(wanted));
}

// Peers that edit and undo, and hear of each other in any order, again and again, in both formats:
// as updates, as merged ones, as what one lacks of another, or all of it.
class Honest {
 public:
  explicit Honest(uint32_t seed) : random_(seed) {
    const uint64_t ids[] = {1, 4'000'000'000, (uint64_t{1} << 53) - 1, 77};
    for (uint32_t i = 0; i < 2 + below(3); ++i) {
      docs_.emplace_back(Options{.collect_garbage = below(3) != 0});
      writers_.emplace_back(ids[i], seed * 31 + i);
      ids_.push_back(ids[i] - 1 + (ids[i] == 1 ? 1'000 : 0));
    }
    const UndoOptions options{.scope = {"text", "list", "map"}};
    for (size_t i = 0; i < docs_.size(); ++i) {
      undos_.push_back(std::make_unique<UndoHistory>(docs_[i], ids_[i], options));
    }
  }

  size_t play() {
    for (uint32_t left = 20 + below(40); left > 0; --left) {
      switch (below(6)) {
        case 0: write(writers_[below(size())]); break;
        case 1:
        case 2: edit(below(size())); break;
        case 3: hear_some(below(size())); break;
        case 4: hear_merged(below(size())); break;
        default: sync(below(size()), below(size()));
      }
    }
    return alarms_;
  }

 private:
  uint32_t below(size_t bound) {
    return std::uniform_int_distribution<uint32_t>(0, static_cast<uint32_t>(bound) - 1)(random_);
  }
  size_t size() const { return docs_.size(); }

  // By hand, of what this writer has heard: it hears of what the others of its kind wrote.
  void write(RandomPeer& writer) {
    for (const Buffer& update : written_) {
      if (below(2) == 0) writer.receive(update);
    }
    written_.push_back(writer.edit());
    log_.push_back(written_.back());
  }

  void edit(uint32_t who) {
    Buffer update;
    if (below(4) == 0) {
      const auto done = below(2) == 0 ? undos_[who]->undo(update) : undos_[who]->redo(update);
      ASSERT_TRUE(done);
    } else {
      Transaction t(docs_[who], ids_[who]);
      change(t);
      ASSERT_TRUE(t.commit(update));
    }
    if (!update.empty()) log_.push_back(update);
  }
  // What cannot be done is left out.
  void change(Transaction& t) {
    static const char* const kTexts[] = {"a", "hello", "плюс", "\xf0\x9f\x98\x80",
                                         "x\xf0\x9f\x98\x80y"};
    const SharedType text = t.root("text"), list = t.root("list"), map = t.root("map");
    const size_t at = below(8);
    const char* words = kTexts[below(std::size(kTexts))];
    const Value object = Value::object({{"b", Value(words)}, {"a", Value::array({1, 0.5})}});
    switch (below(9)) {
      case 0:
      case 1: return static_cast<void>(t.insert(text, at, words));
      case 2: return static_cast<void>(t.remove_text(text, at, 1 + below(3)));
      case 3: return static_cast<void>(t.format(text, at, 1 + below(3), {{"bold", true}}));
      case 4: return static_cast<void>(t.insert_embed(text, at, object));
      case 5: return static_cast<void>(t.insert(list, at, {Value(words), Value(1.5), object}));
      case 6: return static_cast<void>(t.remove(list, at, 1 + below(3)));
      case 7: return static_cast<void>(t.set(map, "key", object));
      default:
        return static_cast<void>(t.push(list, {NewType{.kind = TypeKind::map}, Value("end")}));
    }
  }

  void hear(uint32_t who, const Buffer& update) {
    Buffer v2, changes;
    const bool as_v2 = below(3) == 0;
    if (as_v2) {
      ASSERT_EQ(update_to_v2(update, v2), Status::ok);
    }
    const Result<Applied> applied = as_v2           ? docs_[who].apply_v2(v2)
                                    : below(4) == 0 ? docs_[who].apply(update, changes)
                                                    : docs_[who].apply(update);
    ASSERT_TRUE(applied);
    alarms_ += applied->contradicts ? 1 : 0;
  }

  void hear_some(uint32_t who) {
    for (uint32_t left = log_.empty() ? 0 : 1 + below(6); left > 0; --left) {
      hear(who, log_[below(log_.size())]);
    }
  }

  void hear_merged(uint32_t who) {
    std::vector<Bytes> some;
    for (const Buffer& update : log_) {
      if (below(2) == 0) some.push_back(update);
    }
    Buffer merged;
    ASSERT_EQ(merge_updates(some, merged, below(2) == 0 ? Garbage::keep : Garbage::collect),
              Status::ok);
    hear(who, merged);
  }

  // What the one lacks of the other, or may have lacked a while ago.
  void sync(uint32_t from, uint32_t to) {
    Buffer known, lacking;
    if (below(3) > 0) docs_[below(3) == 0 ? from : to].state_vector(known);
    if (below(2) == 0 && !known.empty()) known = vectors_.empty() ? known : vectors_.back();
    if (!known.empty()) vectors_.push_back(known);
    ASSERT_EQ(docs_[from].diff(known, lacking), Status::ok);
    hear(to, lacking);
  }

  std::mt19937 random_;
  std::vector<Doc> docs_;
  std::vector<RandomPeer> writers_;
  std::vector<uint64_t> ids_;
  std::vector<std::unique_ptr<UndoHistory>> undos_;
  std::vector<Buffer> written_, log_, vectors_;
  size_t alarms_ = 0;
};

TEST(Contradiction, NoRecordedHistoryIsTakenForOne) {
  for (const Fixture& fixture : read_fixtures()) {
    SCOPED_TRACE(fixture.name);
    Doc doc;
    for (const Buffer& update : fixture.updates) {
      EXPECT_EQ(told_by(doc, update), kAgrees);
      EXPECT_EQ(told_by(doc, update), kAgrees);
    }
    EXPECT_EQ(told_by(doc, fixture.state), kAgrees);
    for (const Buffer& update : fixture.updates) EXPECT_EQ(told_by(doc, update), kAgrees);
  }
}

TEST(Contradiction, NoHonestHistoryIsTakenForOne) {
  for (uint32_t seed = 0; seed < histories(); ++seed) {
    ASSERT_EQ(Honest(seed).play(), 0u) << "seed " << seed;
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace freshet::crdt
