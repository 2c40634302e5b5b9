#include "freshet/sink.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace freshet {

namespace {

std::string text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST(VectorSink, AppendsWhatIsWrittenOrFilledInPlace) {
  std::vector<uint8_t> out = {'>'};
  const VectorSink sink(out);
  EXPECT_EQ(sink.sink().write("abc"), Status::ok);
  uint8_t* place = sink.sink().reserve(10);
  ASSERT_NE(place, nullptr);
  std::memcpy(place, "defgh", 5);
  EXPECT_EQ(sink.sink().commit(5), Status::ok);
  EXPECT_EQ(text(out), ">abcdefgh");
}

TEST(VectorSink, RefusesAnItemOverItsLimitAndKeepsWhatItHas) {
  std::vector<uint8_t> out;
  const VectorSink sink(out, 3);
  EXPECT_EQ(sink.sink().write("abcd"), Status::too_large);
  EXPECT_EQ(sink.sink().reserve(4), nullptr);
  EXPECT_EQ(sink.sink().write("abc"), Status::ok);
  EXPECT_EQ(text(out), "abc");
}

TEST(VectorSink, RefusesACommitOverWhatWasReserved) {
  std::vector<uint8_t> out;
  const VectorSink sink(out);
  ASSERT_NE(sink.sink().reserve(2), nullptr);
  EXPECT_EQ(sink.sink().commit(3), Status::internal);
  EXPECT_TRUE(out.empty());
}

TEST(ItemSink, HandsOverOneItemAfterTheOther) {
  std::vector<std::string> items;
  const ItemSink receiver([&](Bytes item) {
    items.emplace_back(as_text(item));
    return Status::ok;
  });
  const Sink sink(receiver.c());
  EXPECT_EQ(sink.write("one"), Status::ok);
  EXPECT_EQ(sink.write(""), Status::ok);
  uint8_t* place = sink.reserve(8);
  ASSERT_NE(place, nullptr);
  std::memcpy(place, "three", 5);
  EXPECT_EQ(sink.commit(5), Status::ok);
  EXPECT_EQ(items, (std::vector<std::string>{"one", "", "three"}));
}

TEST(ItemSink, PassesTheReceiversAnswerBackAndKeepsItsLimit) {
  const ItemSink receiver([](Bytes) { return Status::limit; }, 4);
  const Sink sink(receiver.c());
  EXPECT_EQ(sink.write("four"), Status::limit);
  EXPECT_EQ(sink.write("fives"), Status::too_large);
  EXPECT_EQ(sink.reserve(5), nullptr);
  ASSERT_NE(sink.reserve(2), nullptr);
  EXPECT_EQ(sink.commit(3), Status::internal);
}

}  // namespace freshet
