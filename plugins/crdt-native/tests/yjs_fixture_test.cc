// The engine answers what Yjs answered, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>

#include "fixtures.h"
#include "freshet/crdt/updates.h"

namespace freshet::crdt {
namespace {

class YjsFixture : public testing::TestWithParam<Fixture> {};

Doc doc_of(const std::vector<Buffer>& updates) {
  Doc doc;
  for (const Buffer& update : updates) EXPECT_TRUE(doc.apply(update));
  return doc;
}

TEST_P(YjsFixture, IsTheSameStateVectorAndState) {
  const Doc doc = doc_of(GetParam().updates);
  EXPECT_EQ(to_hex(state_vector_of(doc)), to_hex(GetParam().state_vector));
  EXPECT_EQ(to_hex(state_of(doc)), to_hex(GetParam().state));
}

TEST_P(YjsFixture, IsTheSameWhenEncodedAgainFromTheCache) {
  const Doc doc = doc_of(GetParam().updates);
  const Buffer first = state_of(doc);
  EXPECT_EQ(to_hex(state_of(doc)), to_hex(first));
}

TEST_P(YjsFixture, GivesAPeerWhatItLacks) {
  const Doc doc = doc_of(GetParam().updates);
  for (const auto& [vector, diff] : GetParam().diffs) {
    Buffer out;
    EXPECT_EQ(doc.diff(vector, out), Status::ok);
    EXPECT_EQ(to_hex(out), to_hex(diff)) << "for state vector " << to_hex(vector);
  }
}

TEST_P(YjsFixture, ReadsTheSameAsJson) {
  const Doc doc = doc_of(GetParam().updates);
  for (const Fixture::View& view : GetParam().views) {
    std::string json;
    doc.json(view.root, view.shape, json);
    EXPECT_EQ(json, view.json) << "root " << view.root;
  }
}

TEST_P(YjsFixture, CountsEveryUpdateOfAWriterAsCanonical) {
  Doc doc;
  for (const Buffer& update : GetParam().updates) {
    const Result<Applied> applied = doc.apply(update);
    ASSERT_TRUE(applied);
    EXPECT_TRUE(applied->canonical) << to_hex(update);
    EXPECT_TRUE(applied->changed) << to_hex(update);
    EXPECT_FALSE(applied->parked) << to_hex(update);
    EXPECT_TRUE(applied->whole) << to_hex(update);
  }
  const Result<Applied> whole = Doc().apply(GetParam().state);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->canonical);
}

TEST_P(YjsFixture, KnowsADuplicate) {
  Doc doc = doc_of(GetParam().updates);
  for (const Buffer& update : GetParam().updates) {
    const Result<Applied> applied = doc.apply(update);
    ASSERT_TRUE(applied);
    EXPECT_FALSE(applied->changed) << to_hex(update);
  }
  EXPECT_EQ(to_hex(state_of(doc)), to_hex(GetParam().state));
}

TEST_P(YjsFixture, ConvergesInAnyOrderOfDelivery) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<Buffer> updates = GetParam().updates;
    if (seed % 2 == 1) {
      updates.insert(updates.end(), GetParam().updates.begin(), GetParam().updates.end());
    }
    std::shuffle(updates.begin(), updates.end(), random);
    const Doc doc = doc_of(updates);
    ASSERT_EQ(to_hex(state_vector_of(doc)), to_hex(GetParam().state_vector));
    // Runs may have been joined elsewhere; a fresh document joins all it can.
    const Doc loaded = doc_of({state_of(doc)});
    const Doc expected = doc_of({GetParam().state});
    ASSERT_EQ(to_hex(state_of(loaded)), to_hex(state_of(expected)));
    ASSERT_EQ(doc.stats().pending_structs, 0u);
    ASSERT_FALSE(doc.stats().pending_deletes);
  }
}

TEST_P(YjsFixture, MergesWithoutADocumentToTheSame) {
  const std::vector<Bytes> views(GetParam().updates.begin(), GetParam().updates.end());
  Buffer merged;
  ASSERT_EQ(merge_updates(views, merged), Status::ok);
  EXPECT_EQ(to_hex(merged), to_hex(GetParam().state));
}

// In windows of any size, an update alone included.
TEST_P(YjsFixture, SquashesToTheSame) {
  const std::vector<Bytes> views(GetParam().updates.begin(), GetParam().updates.end());
  for (size_t size = 1; size <= views.size(); ++size) {
    Doc doc;
    for (size_t at = 0; at < views.size(); at += size) {
      const auto window = std::span(views).subspan(at, std::min(size, views.size() - at));
      Buffer squashed;
      ASSERT_EQ(squash_updates(window, squashed), Status::ok) << "windows of " << size;
      const Result<Applied> applied = doc.apply(squashed);
      ASSERT_TRUE(applied && applied->whole && applied->canonical) << to_hex(squashed);
    }
    EXPECT_EQ(to_hex(state_of(doc_of({state_of(doc)}))),
              to_hex(state_of(doc_of({GetParam().state}))))
        << "windows of " << size;
  }
}

TEST_P(YjsFixture, DiffsBytesAsItDiffsADocument) {
  for (const auto& [vector, diff] : GetParam().diffs) {
    Buffer out;
    ASSERT_EQ(diff_update(GetParam().state, vector, out), Status::ok);
    EXPECT_EQ(to_hex(out), to_hex(diff));
  }
}

TEST_P(YjsFixture, ReencodesToWhatSaysTheSame) {
  for (const Buffer& update : GetParam().updates) {
    Buffer out;
    ASSERT_EQ(reencode(update, out), Status::ok);
    Buffer again;
    ASSERT_EQ(reencode(out, again), Status::ok);
    EXPECT_EQ(to_hex(out), to_hex(again));
  }
  std::vector<Buffer> reencoded;
  for (const Buffer& update : GetParam().updates) {
    ASSERT_EQ(reencode(update, reencoded.emplace_back()), Status::ok);
  }
  EXPECT_EQ(to_hex(state_of(doc_of(reencoded))), to_hex(GetParam().state));
}

TEST_P(YjsFixture, TellsTheStateVectorOfAnUpdate) {
  Buffer vector;
  ASSERT_EQ(state_vector_of(Bytes(GetParam().state), vector), Status::ok);
  EXPECT_EQ(to_hex(vector), to_hex(GetParam().state_vector));
}

INSTANTIATE_TEST_SUITE_P(Recorded, YjsFixture, testing::ValuesIn(read_fixtures()),
                         [](const auto& param) {
                           std::string name = param.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace freshet::crdt
