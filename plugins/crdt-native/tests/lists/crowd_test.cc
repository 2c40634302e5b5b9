// Crowds: many clients at one place. The order of a list finds what the scan would have found.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "api/internals.h"
#include "fixtures.h"
#include "freshet/crdt/transaction.h"
#include "freshet/crdt/undo.h"
#include "freshet/format/codec.h"
#include "invariants.h"

namespace freshet::crdt {
namespace {

constexpr uint64_t kNever = ~uint64_t{0};

Doc doc_with(uint64_t crowd_steps, uint32_t block_items = 256) {
  Doc doc;
  // A test's own door: documents have no such setting.
  Tree& tree = Internals::of(doc).tree;
  tree.placement.crowd_steps = crowd_steps;
  tree.placement.order_block_items = block_items;
  return doc;
}

struct Unit {
  uint64_t client;
  uint64_t clock;
};

// One string struct, as update v1 has it; the parent is told where no neighbour tells it.
void write_insertion(Writer& out, const Unit* left, const Unit* right, const std::string& text,
                     bool keyed) {
  out.u8(static_cast<uint8_t>(4 | (left != nullptr ? 0x80 : 0) | (right != nullptr ? 0x40 : 0) |
                              (keyed ? 0x20 : 0)));
  for (const Unit* unit : {left, right}) {
    if (unit == nullptr) continue;
    out.varuint(unit->client);
    out.varuint(unit->clock);
  }
  if (left == nullptr && right == nullptr) {
    out.varuint(1);
    out.string("t");
    if (keyed) out.string("k");
  }
  out.string(text);
}

Buffer insertion(uint64_t client, uint64_t clock, const Unit* left, const Unit* right,
                 const std::string& text, bool keyed = false) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, client, clock}) out.varuint(number);
  write_insertion(out, left, right, text, keyed);
  out.u8(0);
  return update;
}

Buffer deletion(uint64_t client, uint64_t clock, uint64_t len) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, client, uint64_t{1}, clock, len}) {
    out.varuint(number);
  }
  return update;
}

// Origins from anywhere, right origins from anywhere else: worse than any honest client. A few
// places are favoured, so that crowds gather there.
std::vector<Buffer> wild_history(uint32_t seed, bool keyed) {
  std::mt19937 random(seed);
  std::vector<uint64_t> clocks(20);
  std::vector<Unit> units;
  std::vector<Buffer> updates;
  for (uint32_t step = 0; step < 150; ++step) {
    const uint64_t client = 1 + random() % clocks.size();
    uint64_t& clock = clocks[client - 1];
    if (!units.empty() && random() % 6 == 0) {
      const Unit unit = units[random() % units.size()];
      updates.push_back(deletion(unit.client, unit.clock, 1 + random() % 3));
      continue;
    }
    const auto pick = [&]() -> const Unit* {
      const size_t among = random() % 3 == 0 ? units.size() : std::min<size_t>(units.size(), 4);
      return among == 0 || random() % 4 == 0 ? nullptr : &units[random() % among];
    };
    const Unit* left = pick();
    const Unit* right = random() % 2 == 0 ? nullptr : pick();
    const std::string text(1 + random() % 3, static_cast<char>('a' + random() % 26));
    updates.push_back(insertion(client, clock, left, right, text, keyed));
    units.reserve(units.size() + text.size());
    for (size_t i = 0; i < text.size(); ++i) units.push_back({client, clock++});
  }
  return updates;
}

TEST(Crowd, TheOrderAgreesWithTheScanOnWildHistories) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Doc scanning = doc_with(kNever);
    Doc eager = doc_with(0, 2 + seed % 7);
    Doc later = doc_with(60, 4);
    Doc watched = doc_with(0, 2 + seed % 5);
    Buffer changes;
    const bool keyed = seed % 4 == 3;
    for (const Buffer& update : wild_history(seed, keyed)) {
      ASSERT_TRUE(scanning.apply(update));
      ASSERT_TRUE(eager.apply(update));
      ASSERT_TRUE(later.apply(update));
      ASSERT_TRUE(watched.apply(update, changes));
    }
    ASSERT_EQ(text_of(eager, "t"), text_of(scanning, "t"));
    ASSERT_EQ(text_of(later, "t"), text_of(scanning, "t"));
    ASSERT_EQ(text_of(watched, "t"), text_of(scanning, "t"));
    ASSERT_EQ(to_hex(state_of(eager)), to_hex(state_of(scanning)));
    ASSERT_EQ(to_hex(state_of(watched)), to_hex(state_of(scanning)));
    // Nobody writes text into a key: a cut leaves an old value alive, in Yjs as here.
    if (keyed) continue;
    ASSERT_EQ(broken_invariant(eager), "");
    ASSERT_EQ(broken_invariant(watched), "");
  }
}

// A transaction moves items in ways of its own: it cuts them, keeps the pieces apart until it ends,
// and puts what was deleted back.
Buffer edited(Doc& doc, UndoHistory& history, std::mt19937 random) {
  Buffer update;
  if (random() % 4 == 0) {
    EXPECT_TRUE(random() % 3 == 0 ? history.redo(update) : history.undo(update));
    return update;
  }
  Transaction edit(doc, 7);
  const auto text = edit.root("t");
  for (uint32_t i = 0; i < 3; ++i) {
    const uint64_t length = edit.length(text);
    const uint64_t at = random() % (length + 1);
    if (random() % 3 == 0) {
      EXPECT_EQ(edit.remove_text(text, at, random() % 5), Status::ok);
    } else {
      EXPECT_EQ(edit.insert(text, at, "here"), Status::ok);
    }
  }
  EXPECT_TRUE(edit.commit(update));
  return update;
}

TEST(Crowd, EditsInACrowdEndAsWithoutItsOrder) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Doc scanning = doc_with(kNever);
    Doc ordered = doc_with(0, 2 + seed % 7);
    const UndoOptions scope{.scope = {"t"}};
    UndoHistory theirs(scanning, 7, scope), ours(ordered, 7, scope);
    for (const Buffer& update : wild_history(seed, false)) {
      ASSERT_TRUE(scanning.apply(update));
      ASSERT_TRUE(ordered.apply(update));
      if (random() % 8 > 0) continue;
      ASSERT_EQ(to_hex(edited(ordered, ours, random)), to_hex(edited(scanning, theirs, random)));
      ASSERT_EQ(text_of(ordered, "t"), text_of(scanning, "t"));
    }
    ASSERT_EQ(to_hex(state_of(ordered)), to_hex(state_of(scanning)));
    ASSERT_EQ(broken_invariant(ordered), "");
  }
}

// One hostile update: each struct by a client of its own, whose id is given.
class Hostile {
 public:
  void insert(uint64_t client, const Unit* left, const Unit* right) {
    Writer out(structs_[client]);
    write_insertion(out, left, right, "x", false);
  }
  Buffer bytes() const {
    Buffer update;
    Writer out(update);
    out.varuint(structs_.size());
    for (auto it = structs_.rbegin(); it != structs_.rend(); ++it) {
      for (const uint64_t number : {uint64_t{1}, it->first, uint64_t{0}}) out.varuint(number);
      out.raw(it->second);
    }
    out.u8(0);
    return update;
  }

 private:
  std::map<uint64_t, Buffer> structs_;
};

// Of a conflict scan, for each byte of an update; docs/crdt.md names it.
constexpr uint64_t kStepsPerByte = 64;

void expect_few_steps(const std::vector<Buffer>& updates, const char* what) {
  Doc doc;
  uint64_t bytes = 0;
  for (const Buffer& update : updates) {
    ASSERT_TRUE(doc.apply(update)) << what;
    bytes += update.size();
  }
  const uint64_t steps = doc.stats().scan_steps;
  EXPECT_LT(steps, kStepsPerByte * bytes) << what << ": " << steps / bytes << " steps per byte";
  EXPECT_EQ(broken_invariant(doc), "") << what;
}

constexpr uint64_t kMany = 30'000;

std::vector<uint64_t> shuffled_ids(uint64_t first) {
  std::vector<uint64_t> ids;
  for (uint64_t i = 0; i < kMany; ++i) ids.push_back(first + i);
  std::shuffle(ids.begin(), ids.end(), std::mt19937(1));
  return ids;
}

TEST(Crowd, AHundredThousandAtOnePlaceTakeFewStepsPerByte) {
  Hostile crowd;
  for (uint64_t client = 1; client <= 100'000; ++client)
    crowd.insert(client * 40'009, nullptr, nullptr);
  expect_few_steps({crowd.bytes()}, "forged clients");
  std::vector<Buffer> one_by_one;
  for (const uint64_t client : shuffled_ids(1)) {
    one_by_one.push_back(insertion(client, 0, nullptr, nullptr, "x"));
  }
  expect_few_steps(one_by_one, "one by one");
}

// A long chain, each letter behind the one before and by another client; then somebody behind each
// letter, with so large an id that all of the rest has to be passed.
TEST(Crowd, BehindEveryLetterOfALongChainTakesFewStepsPerByte) {
  std::vector<Buffer> updates;
  Unit last{};
  for (uint64_t client = 1; client <= kMany; ++client) {
    updates.push_back(insertion(client, 0, client == 1 ? nullptr : &last, nullptr, "x"));
    last = {client, 0};
  }
  uint64_t id = 10 * kMany;
  for (const uint64_t at : shuffled_ids(1)) {
    const Unit unit{at, 0};
    updates.push_back(insertion(id++, 0, &unit, nullptr, "y"));
  }
  expect_few_steps(updates, "chain");
}

// Siblings that are all different in their right origins; then somebody among them who looks at all
// of them, with ids below, between and above theirs.
TEST(Crowd, SiblingsThatDifferTakeFewStepsPerByte) {
  const Unit root{1, 0};
  std::vector<Buffer> updates{insertion(1, 0, nullptr, nullptr, "x")};
  Unit right{};
  for (const uint64_t client : shuffled_ids(10 * kMany)) {
    updates.push_back(insertion(client, 0, &root, updates.size() == 1 ? nullptr : &right, "x"));
    right = {client, 0};
  }
  for (uint64_t i = 0; i < kMany / 3; ++i) {
    for (const uint64_t client : {20 * kMany - i, 10 * kMany - 1 - i, 21 * kMany + i}) {
      updates.push_back(insertion(client, 0, &root, nullptr, "y"));
    }
  }
  expect_few_steps(updates, "siblings");
}

TEST(Crowd, OriginsFromAnywhereTakeFewStepsPerByte) {
  std::mt19937 random(7);
  std::vector<Buffer> updates;
  for (uint64_t i = 0; i < kMany; ++i) {
    const uint64_t known = std::max<uint64_t>(i, 1);
    const Unit left{1 + random() % known, 0}, right{1 + random() % known, 0};
    const uint64_t die = random() % 4;
    updates.push_back(insertion(i + 1, 0, i == 0 || die == 0 ? nullptr : &left,
                                i == 0 || die < 3 ? nullptr : &right, "x"));
  }
  expect_few_steps(updates, "anywhere");
}

TEST(Crowd, ManyAtOnceTypingRunsEndInOrderOfTheirIds) {
  Doc doc;
  std::string expected;
  for (uint64_t client = 100; client > 0; --client) {
    ASSERT_TRUE(doc.apply(insertion(client, 0, nullptr, nullptr, "<")));
  }
  for (uint64_t client = 1; client <= 100; ++client) {
    const Unit first{client, 0};
    ASSERT_TRUE(doc.apply(insertion(client, 1, &first, nullptr, std::to_string(client))));
    expected += "<" + std::to_string(client);
  }
  EXPECT_EQ(text_of(doc, "t"), expected);
}

}  // namespace
}  // namespace freshet::crdt
