#include "protocol-yjs/wire.h"

#include <gtest/gtest.h>

#include "frames.h"
#include "freshet/format/awareness.h"
#include "freshet/format/codec.h"

namespace freshet::yjs {
namespace {

constexpr size_t kEntries = 100;

std::vector<uint8_t> copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// What a function writes, and that it is one item of the size it reserved.
template <class Write>
std::vector<uint8_t> written(Write write) {
  std::vector<uint8_t> out;
  VectorSink sink(out);
  EXPECT_EQ(write(sink.sink()), Status::ok);
  return out;
}

std::vector<uint8_t> awareness(uint64_t count, std::initializer_list<std::string_view> states) {
  std::vector<uint8_t> out;
  Writer writer(out);
  writer.varuint(count);
  for (const std::string_view state : states) {
    writer.varuint(1);
    writer.varuint(2);
    writer.string(state);
  }
  return out;
}

Status read(const std::vector<uint8_t>& update, size_t max_entries = kEntries) {
  std::vector<freshet_presence> entries;
  return read_awareness(update, max_entries, entries);
}

TEST(Wire, ReadsAndWritesTheFramesOfYProtocolsByteForByte) {
  struct Row {
    const char* frame;
    MessageKind kind;
    const char* payload;
    Status (*write)(Bytes, Sink);
  };
  for (const Row& row : {
           Row{"empty.step1", MessageKind::step1, "empty.vector", write_step1},
           Row{"empty.step2", MessageKind::step2, "empty.update", write_step2},
           Row{"empty.frame", MessageKind::update, "empty.update", write_update},
           Row{"doc.step1", MessageKind::step1, "doc.vector", write_step1},
           Row{"doc.step2", MessageKind::step2, "doc.update", write_step2},
           Row{"doc.frame", MessageKind::update, "doc.update", write_update},
       }) {
    const std::vector<uint8_t> frame = fixture(row.frame);
    const std::vector<uint8_t> payload = fixture(row.payload);
    const auto message = read_message(frame);
    ASSERT_TRUE(message) << row.frame;
    EXPECT_EQ(message->kind, row.kind) << row.frame;
    EXPECT_EQ(copy(message->payload), payload) << row.frame;
    EXPECT_EQ(written([&](Sink out) { return row.write(payload, out); }), frame) << row.frame;
  }
}

TEST(Wire, ReadsAndWritesTheAwarenessOfYProtocolsByteForByte) {
  const std::vector<uint8_t> frame = fixture("awareness.frame");
  const auto message = read_message(frame);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, MessageKind::awareness);
  EXPECT_EQ(copy(message->payload), fixture("awareness.update"));

  std::vector<freshet_presence> entries;
  ASSERT_EQ(read_awareness(message->payload, kEntries, entries), Status::ok);
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].client, 7u);
  EXPECT_EQ(entries[0].clock, 0u);
  EXPECT_EQ(view(entries[0].json), "{}");
  EXPECT_EQ(entries[1].client, 3735928559u);
  EXPECT_EQ(entries[1].clock, 300u);
  EXPECT_EQ(view(entries[1].json), R"({"user":{"name":"Größe \"🌊\"","color":"#abc"}})");
  EXPECT_EQ(entries[2].client, kMaxSafeInteger);
  EXPECT_EQ(entries[2].clock, 2u);
  EXPECT_EQ(entries[2].json.data, nullptr);

  EXPECT_EQ(written([&](Sink out) { return write_awareness(entries, out); }), frame);
  EXPECT_EQ(written([&](Sink out) { return write_awareness({}, out); }), fixture("nobody.frame"));
}

TEST(Wire, KnowsTheFramesWithoutPayload) {
  const auto query = read_message(fixture("query.frame"));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->kind, MessageKind::query_awareness);
  const auto auth = read_message(fixture("auth.frame"));
  ASSERT_TRUE(auth);
  EXPECT_EQ(auth->kind, MessageKind::auth);
}

TEST(Wire, LooksAtNothingBehindTheFirstMessageOfAFrame) {
  std::vector<uint8_t> frame = fixture("doc.frame");
  const std::vector<uint8_t> second = fixture("doc.frame");
  frame.insert(frame.end(), second.begin(), second.end());
  const auto message = read_message(frame);
  ASSERT_TRUE(message);
  EXPECT_EQ(copy(message->payload), fixture("doc.update"));
}

TEST(Wire, RefusesFramesThatNoClientSends) {
  for (const char* hex : {
           "",                              // nothing
           "04", "7d00", "ff", "8001",      // types that do not exist, and an unfinished one
           "00", "0003", "000300", "0080",  // sync without a step, with an unknown one
           "0000", "000001", "00000200",    // a payload that is missing, or shorter than it says
           "0001", "000205aabb",            //
           "01", "0105", "010301",          // awareness likewise
           "0002ffffffffffffffffff7f00",    // a length past 2^53
       }) {
    EXPECT_EQ(read_message(from_hex(hex)).status(), Status::malformed) << hex;
  }
}

TEST(Wire, RefusesEveryUnfinishedFrame) {
  for (const char* name : {"doc.step1", "doc.step2", "doc.frame", "awareness.frame"}) {
    const std::vector<uint8_t> frame = fixture(name);
    for (size_t size = 0; size < frame.size(); ++size) {
      EXPECT_EQ(read_message(Bytes(frame).first(size)).status(), Status::malformed)
          << name << " cut to " << size;
    }
  }
}

TEST(Awareness, RefusesEveryUnfinishedUpdate) {
  const std::vector<uint8_t> update = fixture("awareness.update");
  for (size_t size = 0; size < update.size(); ++size) {
    EXPECT_EQ(read({update.begin(), update.begin() + static_cast<ptrdiff_t>(size)}),
              Status::malformed)
        << "cut to " << size;
  }
}

TEST(Awareness, TakesNoStateThatIsNotJson) {
  EXPECT_EQ(read(awareness(1, {"{}"})), Status::ok);
  for (const std::string_view state :
       {"", "{", "{}x", "undefined", "\"\xff\"", "\"\xed\xa0\x80\""}) {
    EXPECT_EQ(read(awareness(1, {state})), Status::malformed) << state;
    EXPECT_EQ(read(awareness(2, {"{}", state})), Status::malformed) << state;
  }
}

TEST(Awareness, TakesNullForGoneHoweverItIsSpaced) {
  for (const std::string_view state : {"null", " null", "null\n", "\t null \r"}) {
    std::vector<freshet_presence> entries;
    const auto update = awareness(1, {state});
    ASSERT_EQ(read_awareness(update, kEntries, entries), Status::ok);
    EXPECT_EQ(entries.at(0).json.data, nullptr) << state;
  }
  std::vector<freshet_presence> entries;
  const auto update = awareness(2, {"\"null\"", "[null]"});
  ASSERT_EQ(read_awareness(update, kEntries, entries), Status::ok);
  EXPECT_EQ(view(entries.at(0).json), "\"null\"");
  EXPECT_EQ(view(entries.at(1).json), "[null]");
}

TEST(Awareness, ReservesNothingForEntriesThatAreNotThere) {
  EXPECT_EQ(read(awareness(1, {})), Status::malformed);
  EXPECT_EQ(read(awareness(kMaxSafeInteger, {"{}"})), Status::malformed);
}

TEST(Awareness, TakesAsManyEntriesAsItIsAllowed) {
  const auto three = awareness(3, {"{}", "{}", "{}"});
  EXPECT_EQ(read(three, 3), Status::ok);
  EXPECT_EQ(read(three, 2), Status::too_large);
}

TEST(Awareness, BoundsTheSizeAndTheDepthOfAState) {
  const std::string full = "\"" + std::string(kMaxAwarenessStateBytes - 2, 'x') + "\"";
  EXPECT_EQ(read(awareness(1, {full})), Status::ok);
  EXPECT_EQ(read(awareness(1, {full + " "})), Status::too_large);
  const auto nested = [](unsigned depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(read(awareness(1, {nested(kMaxAwarenessStateDepth)})), Status::ok);
  EXPECT_EQ(read(awareness(1, {nested(kMaxAwarenessStateDepth + 1)})), Status::malformed);
}

TEST(Awareness, LooksAtNothingBehindTheLastEntry) {
  auto update = awareness(1, {"{}"});
  update.insert(update.end(), {1, 2, 3});
  std::vector<freshet_presence> entries;
  ASSERT_EQ(read_awareness(update, kEntries, entries), Status::ok);
  EXPECT_EQ(entries.size(), 1u);
}

TEST(Awareness, ForgetsWhatTheVectorHeldBefore) {
  std::vector<freshet_presence> entries(5);
  ASSERT_EQ(read_awareness(from_hex("00"), kEntries, entries), Status::ok);
  EXPECT_TRUE(entries.empty());
}

TEST(Wire, WritesNothingPastTheBoundOfItsReceiver) {
  std::vector<uint8_t> out;
  VectorSink sink(out, 16);
  const std::vector<uint8_t> payload(14, 0xaa);
  EXPECT_EQ(write_update(payload, sink.sink()), Status::too_large);
  EXPECT_EQ(write_update(Bytes(payload).first(13), sink.sink()), Status::ok);
  EXPECT_EQ(out.size(), 16u);
  const freshet_presence entry{1, 1, to_c("\"0123456789\"")};
  EXPECT_EQ(write_awareness({&entry, 1}, sink.sink()), Status::too_large);
}

}  // namespace
}  // namespace freshet::yjs
