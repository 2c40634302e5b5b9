// What rooms say to each other on a bus, as bytes.
#include "core/cluster/bus_message.h"

#include <gtest/gtest.h>

#include "freshet/format/codec.h"
#include "freshet/store.h"

namespace freshet::bus {
namespace {

constexpr freshet_writer kWriter{{7, 8, 9}, 3};

std::vector<uint8_t> bytes_of(const std::vector<Part>& parts, const From& from = {kWriter, 5, 6}) {
  std::vector<uint8_t> written;
  for (const Part& part : parts) write(written, part);
  return message_of(from, written);
}

template <class Kind>
Kind only(const std::vector<uint8_t>& bytes) {
  const Result<Message> message = read(bytes);
  if (!message || message->parts.size() != 1) return {};
  const auto* part = std::get_if<Kind>(&message->parts.front());
  return part == nullptr ? Kind{} : *part;
}

TEST(BusMessage, SaysWhoSpeaksInWhichOpeningOfTheRoom) {
  const std::vector<uint8_t> bytes = bytes_of({Gone{}, Here{.asks = true}});
  const Result<Message> message = read(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(same(message->from.writer, kWriter));
  EXPECT_EQ(message->from.stream, 5u);
  EXPECT_EQ(message->from.number, 6u);
  ASSERT_EQ(message->parts.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Gone>(message->parts[0]));
  EXPECT_TRUE(std::get<Here>(message->parts[1]).asks);
  EXPECT_TRUE(same(*writer_of(bytes), freshet_writer{{7, 8, 9}, 0}));
}

TEST(BusMessage, AnEditComesAsItWasSaid) {
  const std::vector<uint8_t> update{1, 2, 3};
  freshet_epoch epoch{{4, 5}};
  const std::vector<uint8_t> bytes = bytes_of({Edit{.number = 12,
                                                    .epoch = epoch,
                                                    .client = 99,
                                                    .user = R"({"id":"ann"})",
                                                    .user_id = "ann",
                                                    .update = update}});
  const Edit edit = only<Edit>(bytes);
  EXPECT_EQ(edit.number, 12u);
  ASSERT_TRUE(edit.epoch);
  EXPECT_TRUE(same(*edit.epoch, epoch));
  EXPECT_EQ(edit.client, 99u);
  EXPECT_EQ(edit.user_id, "ann");
  EXPECT_TRUE(std::ranges::equal(edit.update, update));
  const std::vector<uint8_t> of_nothing = bytes_of({Edit{.number = 1}});
  EXPECT_FALSE(only<Edit>(of_nothing).epoch);
}

TEST(BusMessage, SomebodyWhoIsGoneIsToldFromOneWhoShowsNothing) {
  const std::vector<uint8_t> gone = bytes_of({Person{.member = 1, .client = 2, .clock = 3}});
  EXPECT_FALSE(only<Person>(gone).json);
  const std::vector<uint8_t> there =
      bytes_of({Person{.member = 1, .client = 2, .clock = 3, .json = "null", .user = "{}"}});
  EXPECT_EQ(only<Person>(there).json, "null");
  EXPECT_EQ(only<Person>(there).user, "{}");
}

TEST(BusMessage, WhatAnotherReleaseAddsIsPassedOver) {
  std::vector<uint8_t> parts;
  Writer out(parts);
  out.varuint(1'000);  // a kind that nobody knows
  out.bytes(std::vector<uint8_t>{1, 2, 3});
  out.varuint(6);  // Gone, with a field behind what is known
  out.bytes(std::vector<uint8_t>{42});
  const Result<Message> message = read(message_of({kWriter, 1, 1}, parts));
  ASSERT_TRUE(message);
  ASSERT_EQ(message->parts.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Gone>(message->parts.front()));
}

TEST(BusMessage, OfAnotherVersionItIsNotRead) {
  std::vector<uint8_t> bytes = bytes_of({Gone{}});
  bytes.front() = 2;
  EXPECT_EQ(read(bytes).status(), Status::unsupported);
  EXPECT_FALSE(writer_of(bytes));
}

TEST(BusMessage, WhatIsCutShortIsNone) {
  const std::vector<uint8_t> whole =
      bytes_of({Stored{{}, 1, 2, 2, 3, 4, true}, Event{.name = "wave", .json = "1", .client = 7}});
  ASSERT_TRUE(read(whole));
  const size_t header = bytes_of({}).size();
  size_t of_whole_parts = 0;
  for (size_t size = 1; size < whole.size(); ++size) {
    const Result<Message> message = read(Bytes(whole).first(size));
    if (!message) continue;
    EXPECT_GE(size, header);
    ++of_whole_parts;
  }
  EXPECT_EQ(of_whole_parts, 2u) << "with no part, and with the first";
}

TEST(BusMessage, ACommitSaysBehindWhoseRowItIs) {
  const std::vector<uint8_t> bytes =
      bytes_of({Stored{{}, 1, 2, 2, 3, 4, true, RowWriter{{{7, 8}, 9}, 300}}});
  const Stored stored = only<Stored>(bytes);
  ASSERT_TRUE(stored.before);
  EXPECT_TRUE(same(stored.before->by, freshet_writer{{7, 8}, 9}));
  EXPECT_EQ(stored.before->number, 300u);
}

TEST(BusMessage, ACommitOfAnOlderNodeSaysLess) {
  std::vector<uint8_t> parts;
  write(parts, Stored{{}, 1, 2, 2, 3, 4, true});
  parts.pop_back();  // what is new
  --parts[1];        // the length
  const std::vector<uint8_t> bytes = message_of({kWriter, 1, 1}, parts);
  EXPECT_EQ(only<Stored>(bytes).last_seq, 4u);
  EXPECT_FALSE(only<Stored>(bytes).before);
}

TEST(BusMessage, ACommitThatEndsBeforeItBeginsIsNone) {
  EXPECT_FALSE(read(bytes_of({Stored{{}, 2, 1, 2, 3, 4, true}})));
  EXPECT_FALSE(read(bytes_of({Stored{{}, 1, 2, 2, 4, 3, true}})));
}

}  // namespace
}  // namespace freshet::bus
