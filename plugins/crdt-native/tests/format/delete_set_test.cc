// Delete sets and state vectors, byte by byte, in both formats.
#include "format/delete_set.h"

#include <gtest/gtest.h>

#include "fixtures.h"
#include "format/columns.h"
#include "format/state_vector.h"

namespace freshet::crdt {
namespace {

// Adds what it reads, or says what it is told to.
struct Collector {
  Reader& in;
  ClientTable& table;
  DeleteSet& set;
  uint32_t number = kNoClient;

  Status clients(uint64_t) const { return Status::ok; }
  Status client() {
    number = table.intern(in.varuint());
    return Status::ok;
  }
  Status ranges(uint64_t count) const { return count > 3 ? Status::too_large : Status::ok; }
  Status range(RangesOfClient::Range range) const {
    set.add(number, static_cast<uint32_t>(range.clock), static_cast<uint32_t>(range.len));
    return Status::ok;
  }
};

class DeleteSetTest : public ::testing::Test {
 protected:
  Status read(const Buffer& bytes, DeleteForm form) {
    Reader in(bytes);
    return read_delete_set(in, form, Collector{in, table_, set_});
  }
  Buffer written(DeleteForm form) {
    Buffer bytes;
    Writer out(bytes);
    set_.join(table_);
    set_.write(table_, DeleteSetWriter(out, form));
    return bytes;
  }

  ClientTable table_{1};
  DeleteSet set_;
};

// Client 9 deleted 1 to 3 and 7; client 4 deleted 0 to 1.
const Buffer kV1 = {2, 9, 2, 1, 3, 7, 1, 4, 1, 0, 2};
const Buffer kV2 = {2, 9, 2, 1, 2, 3, 0, 4, 1, 0, 1};

TEST_F(DeleteSetTest, IsReadAndWrittenInBothForms) {
  ASSERT_EQ(read(kV1, DeleteForm::v1), Status::ok);
  EXPECT_EQ(written(DeleteForm::v1), kV1);
  EXPECT_EQ(written(DeleteForm::v2), kV2);
  set_.clear();
  ASSERT_EQ(read(kV2, DeleteForm::v2), Status::ok);
  EXPECT_EQ(written(DeleteForm::v1), kV1);
}

TEST_F(DeleteSetTest, JoinsWhatTouchesInWhateverOrderItCame) {
  ASSERT_EQ(read({3, 4, 1, 1, 1, 9, 3, 7, 1, 3, 1, 1, 2, 4, 1, 0, 1}, DeleteForm::v1), Status::ok);
  EXPECT_EQ(written(DeleteForm::v1), kV1);
}

TEST_F(DeleteSetTest, ContainsARangeThatOneOfItsOwnHolds) {
  ASSERT_EQ(read(kV1, DeleteForm::v1), Status::ok);
  set_.join();
  const uint32_t nine = table_.find(9), four = table_.find(4);
  EXPECT_TRUE(set_.contains({nine, 1, 3}));
  EXPECT_TRUE(set_.contains({nine, 2, 1}));
  EXPECT_TRUE(set_.contains({four, 0, 2}));
  EXPECT_FALSE(set_.contains({nine, 0, 2}));
  EXPECT_FALSE(set_.contains({nine, 3, 2}));
  EXPECT_FALSE(set_.contains({nine, 1, 7})) << "the gap is no part of it";
  EXPECT_FALSE(set_.contains({four, 1, 2}));
  EXPECT_FALSE(set_.contains({table_.intern(5), 0, 1}));
}

TEST_F(DeleteSetTest, WithoutItsEndIsMalformed) {
  for (const auto& [bytes, form] :
       {std::pair(kV1, DeleteForm::v1), std::pair(kV2, DeleteForm::v2)}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(read({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}, form),
                Status::malformed)
          << size;
    }
  }
}

TEST_F(DeleteSetTest, IsTooLargeWhenItsReaderSaysSo) {
  EXPECT_EQ(read({1, 9, 4, 1, 1, 3, 1, 5, 1, 7, 1}, DeleteForm::v1), Status::too_large);
}

TEST(StateVectorTest, IsWrittenWithIdsDescendingAndNothingTwice) {
  ClientTable table(1);
  StateVector states;
  for (const uint64_t id : {4u, 300u, 9u}) states.set(table.intern(id), static_cast<uint32_t>(id));
  states.set(table.find(9), 0);
  states.set(table.find(9), 7);
  Buffer bytes;
  Writer out(bytes);
  states.write(table, out);
  EXPECT_EQ(bytes, (Buffer{3, 0xac, 2, 0xac, 2, 9, 7, 4, 4}));
}

TEST(StateVectorTest, TellsOnlyOfClientsThatTheTableKnowsAndTheLastWordCounts) {
  ClientTable table(1);
  const uint32_t known = table.intern(9), silent = table.intern(8);
  const auto states = read_state_vector(Buffer{3, 9, 5, 7, 6, 9, 4}, table);
  ASSERT_TRUE(states);
  EXPECT_EQ(states->of(known), 4u);
  EXPECT_EQ(states->of(silent), 0u);
  EXPECT_EQ(table.find(7), kNoClient);
}

TEST(StateVectorTest, OfNoBytesKnowsNothingAndIsNoneWithoutItsEnd) {
  ClientTable table(1);
  const uint32_t known = table.intern(9);
  ASSERT_TRUE(read_state_vector(Bytes(), table));
  EXPECT_EQ(read_state_vector(Bytes(), table)->of(known), 0u);
  for (const Buffer& bytes : {Buffer{1}, Buffer{1, 9}, Buffer{2, 9, 5}, Buffer{0x80}}) {
    EXPECT_EQ(read_state_vector(bytes, table).status(), Status::malformed);
  }
}

}  // namespace
}  // namespace freshet::crdt
