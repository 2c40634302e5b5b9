// Crowds: many clients at one place. The shortcut finds what the scan would have found.
#include <gtest/gtest.h>

#include <random>

#include "fixtures.h"
#include "freshet/codec.h"
#include "invariants.h"
#include "replica.h"

namespace freshet::crdt {
namespace {

constexpr uint32_t kNever = 0xffffffff;

Doc doc_with(uint32_t crowd_steps) {
  Doc doc;
  // A test's own door: documents have no such setting.
  const_cast<Replica&>(doc.internals()).tree.crowd_steps = crowd_steps;
  return doc;
}

struct Unit {
  uint64_t client;
  uint64_t clock;
};

Buffer insertion(uint64_t client, uint64_t clock, const Unit* left, const Unit* right,
                 const std::string& text) {
  Buffer update;
  Writer out(update);
  for (const uint64_t number : {uint64_t{1}, uint64_t{1}, client, clock}) out.varuint(number);
  out.u8(static_cast<uint8_t>(4 | (left != nullptr ? 0x80 : 0) | (right != nullptr ? 0x40 : 0)));
  for (const Unit* unit : {left, right}) {
    if (unit == nullptr) continue;
    out.varuint(unit->client);
    out.varuint(unit->clock);
  }
  if (left == nullptr && right == nullptr) {
    out.varuint(1);
    out.string("t");
  }
  out.string(text);
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
std::vector<Buffer> wild_history(uint32_t seed) {
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
    updates.push_back(insertion(client, clock, left, right, text));
    units.reserve(units.size() + text.size());
    for (size_t i = 0; i < text.size(); ++i) units.push_back({client, clock++});
  }
  return updates;
}

TEST(Crowd, TheShortcutAgreesWithTheScanOnWildHistories) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Doc scanning = doc_with(kNever);
    Doc eager = doc_with(0);
    Doc later = doc_with(4);
    for (const Buffer& update : wild_history(seed)) {
      ASSERT_TRUE(scanning.apply(update));
      ASSERT_TRUE(eager.apply(update));
      ASSERT_TRUE(later.apply(update));
    }
    ASSERT_EQ(text_of(eager, "t"), text_of(scanning, "t"));
    ASSERT_EQ(text_of(later, "t"), text_of(scanning, "t"));
    ASSERT_EQ(to_hex(state_of(eager)), to_hex(state_of(scanning)));
    ASSERT_EQ(broken_invariant(eager), "");
  }
}

TEST(Crowd, ThousandsAtOnePlaceTakeFewStepsEach) {
  constexpr uint64_t kClients = 5000;
  std::mt19937 random(1);
  std::vector<uint64_t> clients;
  for (uint64_t i = 1; i <= kClients; ++i) clients.push_back(i * 7919);
  std::shuffle(clients.begin(), clients.end(), random);
  Doc doc, scanning = doc_with(kNever);
  for (const uint64_t client : clients) {
    const Buffer update = insertion(client, 0, nullptr, nullptr, std::to_string(client));
    ASSERT_TRUE(doc.apply(update));
    if (client % 8 != 0) continue;
    ASSERT_TRUE(scanning.apply(update));
  }
  EXPECT_LT(doc.stats().scan_steps, 5 * kClients);
  EXPECT_GT(scanning.stats().scan_steps, 5 * kClients);
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
