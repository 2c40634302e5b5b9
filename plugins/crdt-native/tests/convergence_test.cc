// Replicas that have seen the same updates hold the same document, whatever came in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "freshet/crdt/updates.h"
#include "invariants.h"
#include "random_peer.h"

namespace freshet::crdt {
namespace {

struct History {
  std::vector<Buffer> updates;
};

// A few peers that edit, and now and then hear of each other, in order.
History random_history(uint32_t seed) {
  std::mt19937 random(seed);
  const uint64_t ids[] = {1, 4'000'000'000, (uint64_t{1} << 53) - 1, 77};
  std::vector<RandomPeer> peers;
  std::vector<size_t> seen;
  for (uint32_t i = 0; i < 2 + seed % 3; ++i) {
    peers.emplace_back(ids[i], seed * 31 + i);
    seen.push_back(0);
  }
  History history;
  std::vector<size_t> author;
  for (uint32_t step = 0; step < 20 + seed % 60; ++step) {
    const size_t who = random() % peers.size();
    if (random() % 3 == 0) {
      for (; seen[who] < history.updates.size(); ++seen[who]) {
        if (author[seen[who]] != who) peers[who].receive(history.updates[seen[who]]);
      }
    }
    history.updates.push_back(peers[who].edit());
    author.push_back(who);
    EXPECT_TRUE(peers[who].happy());
  }
  return history;
}

// Runs joined as far as they can be, so that documents can be compared by their bytes.
std::string canonical_state(const Doc& doc) {
  Doc fresh;
  EXPECT_TRUE(fresh.apply(state_of(doc)));
  return to_hex(state_of(fresh));
}

Doc replay(const std::vector<Buffer>& updates, bool gc = true) {
  Doc doc({.collect_garbage = gc});
  for (const Buffer& update : updates) EXPECT_TRUE(doc.apply(update));
  return doc;
}

std::vector<Buffer> reordered(std::vector<Buffer> updates, uint32_t mode, std::mt19937& random) {
  switch (mode) {
    case 0: std::shuffle(updates.begin(), updates.end(), random); break;
    case 1: std::reverse(updates.begin(), updates.end()); break;
    case 2:  // windows
      for (size_t at = 0; at < updates.size(); at += 8) {
        const auto from = updates.begin() + static_cast<ptrdiff_t>(at);
        std::shuffle(from, from + static_cast<ptrdiff_t>(std::min<size_t>(8, updates.size() - at)),
                     random);
      }
      break;
    default: {  // duplicates
      const std::vector<Buffer> once = updates;
      updates.insert(updates.end(), once.begin(), once.end());
      std::shuffle(updates.begin(), updates.end(), random);
    }
  }
  return updates;
}

class Convergence : public testing::TestWithParam<uint32_t> {};

TEST_P(Convergence, AnyOrderOfDeliveryEndsInTheSameDocument) {
  for (uint32_t seed = GetParam() * 100; seed < (GetParam() + 1) * 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const History history = random_history(seed);
    const Doc in_order = replay(history.updates);
    ASSERT_EQ(broken_invariant(in_order), "");
    const std::string expected = canonical_state(in_order);
    std::mt19937 random(seed);
    for (uint32_t mode = 0; mode < 4; ++mode) {
      const Doc doc = replay(reordered(history.updates, mode, random));
      ASSERT_EQ(broken_invariant(doc), "") << "mode " << mode;
      ASSERT_EQ(doc.stats().pending_structs, 0u) << "mode " << mode;
      ASSERT_EQ(canonical_state(doc), expected) << "mode " << mode;
    }
  }
}

TEST_P(Convergence, EveryStepInDisorderKeepsTheInvariants) {
  for (uint32_t seed = GetParam() * 10; seed < (GetParam() + 1) * 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Doc doc;
    for (const Buffer& update : reordered(random_history(seed).updates, 0, random)) {
      ASSERT_TRUE(doc.apply(update));
      ASSERT_EQ(broken_invariant(doc), "");
    }
  }
}

TEST_P(Convergence, MergingPartsFirstChangesNothing) {
  for (uint32_t seed = GetParam() * 50; seed < (GetParam() + 1) * 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const History history = random_history(seed);
    const std::string expected = canonical_state(replay(history.updates));
    const std::vector<Buffer> updates = reordered(history.updates, 0, random);
    // Two halves of a shuffled history, each with gaps.
    std::vector<Bytes> left, right;
    for (size_t i = 0; i < updates.size(); ++i) (i % 2 == 0 ? left : right).push_back(updates[i]);
    Buffer merged_left, merged_right, merged;
    ASSERT_EQ(merge_updates(left, merged_left), Status::ok);
    ASSERT_EQ(merge_updates(right, merged_right), Status::ok);
    ASSERT_EQ(merge_updates(std::vector<Bytes>{merged_left, merged_right}, merged), Status::ok);
    ASSERT_EQ(canonical_state(replay({merged})), expected);
  }
}

TEST_P(Convergence, AStateVectorExchangeBringsTwoHalvesTogether) {
  for (uint32_t seed = GetParam() * 50; seed < (GetParam() + 1) * 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const History history = random_history(seed);
    Doc one, two;
    for (size_t i = 0; i < history.updates.size(); ++i) {
      ASSERT_TRUE((i % 3 == 0 ? one : two).apply(history.updates[i]));
    }
    Buffer for_two, for_one;
    ASSERT_EQ(one.diff(state_vector_of(two), for_two), Status::ok);
    ASSERT_EQ(two.diff(state_vector_of(one), for_one), Status::ok);
    ASSERT_TRUE(two.apply(for_two));
    ASSERT_TRUE(one.apply(for_one));
    const std::string expected = canonical_state(replay(history.updates));
    ASSERT_EQ(canonical_state(one), expected);
    ASSERT_EQ(canonical_state(two), expected);
  }
}

TEST_P(Convergence, ADocumentThatKeepsGarbageReadsTheSame) {
  for (uint32_t seed = GetParam() * 50; seed < (GetParam() + 1) * 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const History history = random_history(seed);
    const Doc collecting = replay(history.updates);
    const Doc keeping = replay(history.updates, false);
    std::string one, two;
    for (const auto& [root, shape] : {std::pair{"t", Shape::text}, {"l", Shape::array}}) {
      collecting.json(root, shape, one);
      keeping.json(root, shape, two);
    }
    ASSERT_EQ(one, two);
    ASSERT_EQ(canonical_state(collecting), canonical_state(keeping));
  }
}

// "hello", then something within it, and an update that says it stands after "hello" and before its
// second letter. Yjs puts it at different places, by what it holds as one item at that moment.
TEST(ForgedReferences, ToTheRightOfTheLeftConvergeAllTheSame) {
  const Buffer hello = from_hex(
      "0101010004010174"
      "0568656c6c6f00");
  const Buffer within = from_hex("01010300c401010102015800");
  const Buffer forged = from_hex("01010200c401040101012100");
  for (const auto& order : {std::array{within, forged}, std::array{forged, within}}) {
    Doc doc;
    ASSERT_TRUE(doc.apply(hello));
    for (const Buffer& update : order) ASSERT_TRUE(doc.apply(update));
    EXPECT_EQ(text_of(doc, "t"), "heXllo!");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Convergence, testing::Range(0u, 5u));

}  // namespace
}  // namespace freshet::crdt
