#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "bytes_of.h"
#include "load/frames/frame_reader.h"
#include "load/frames/frame_writer.h"
#include "load/frames/inbox.h"
#include "load/frames/upgrade.h"
#include "load/limits.h"

namespace freshet::load {
namespace {

using Outcome = FrameReader::Outcome;

TEST(FrameReader, TakesTheFramesOfTheRfc) {
  const auto in = bytes_of("81 05 48 65 6c 6c 6f 89 05 48 65 6c 6c 6f");
  Bytes left(in);
  FrameReader reader;
  Frame frame{};
  ASSERT_EQ(reader.next(left, frame), Outcome::frame);
  EXPECT_EQ(frame.opcode, Opcode::text);
  EXPECT_EQ(as_text(frame.payload), "Hello");
  ASSERT_EQ(reader.next(left, frame), Outcome::frame);
  EXPECT_EQ(frame.opcode, Opcode::ping);
  EXPECT_EQ(reader.next(left, frame), Outcome::incomplete);
  EXPECT_TRUE(left.empty());
}

TEST(FrameReader, JoinsFragmentsAroundAPing) {
  const auto in = bytes_of("01 03 48 65 6c 89 00 80 02 6c 6f");
  Bytes left(in);
  FrameReader reader;
  Frame frame{};
  ASSERT_EQ(reader.next(left, frame), Outcome::frame);
  EXPECT_EQ(frame.opcode, Opcode::ping);
  ASSERT_EQ(reader.next(left, frame), Outcome::frame);
  EXPECT_EQ(frame.opcode, Opcode::text);
  EXPECT_EQ(as_text(frame.payload), "Hello");
}

TEST(FrameReader, WaitsForTheRestHoweverItIsCut) {
  for (const size_t length : std::initializer_list<size_t>{0, 1, 125, 126, 65'535, 65'536}) {
    std::vector<uint8_t> in;
    add_server_frame(in, Opcode::binary, std::vector<uint8_t>(length, 7));
    for (const size_t cut : {size_t{1}, size_t{2}, size_t{3}, in.size() - 1}) {
      if (cut >= in.size()) continue;
      FrameReader reader;
      Frame frame{};
      Bytes part = Bytes(in).first(cut);
      EXPECT_EQ(reader.next(part, frame), Outcome::incomplete);
      EXPECT_EQ(part.size(), cut) << "what is kept for the next time";
      Bytes whole(in);
      ASSERT_EQ(reader.next(whole, frame), Outcome::frame);
      EXPECT_EQ(frame.payload.size(), length);
    }
  }
}

TEST(FrameReader, SaysWhatNoClientCouldRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"c1 00", "a frame with an extension that was not asked for"},
      {"81 80 00 00 00 00", "a masked frame"},
      {"82 7f 00 00 00 00 04 00 00 01", "a frame over 64 MiB"},
      {"80 00", "fragments out of order"},
      {"01 00 01 00", "fragments out of order"},
      {"01 00 81 00", "fragments out of order"},
      {"09 00", "a control frame in fragments"},
  };
  for (const auto& [hex, why] : cases) {
    const auto in = bytes_of(hex);
    Bytes left(in);
    FrameReader reader;
    Frame frame{};
    EXPECT_EQ(reader.next(left, frame), Outcome::broken) << hex;
    EXPECT_EQ(reader.why(), why);
  }
}

TEST(FrameReader, BoundsWhatFragmentsMake) {
  std::vector<uint8_t> in;
  add_server_frame(in, Opcode::binary, std::vector<uint8_t>(kMaxFrameBytes / 2 + 1));
  FrameReader reader;
  Frame frame{};
  in[0] = 0x02;
  Bytes first(in);
  ASSERT_EQ(reader.next(first, frame), Outcome::incomplete);
  in[0] = 0x80;
  Bytes second(in);
  EXPECT_EQ(reader.next(second, frame), Outcome::broken);
  EXPECT_EQ(reader.why(), "a message over 64 MiB");
}

TEST(FrameWriter, MasksWhatItSends) {
  std::vector<uint8_t> out;
  FrameWriter writer(out, 1);
  writer.add(Opcode::text, as_bytes("Hello"));
  ASSERT_EQ(out.size(), 11u);
  EXPECT_EQ(out[0], 0x81);
  EXPECT_EQ(out[1], 0x85);
  EXPECT_NE(out[2] | out[3] | out[4] | out[5], 0) << "servers pass over a mask of zeros";
  std::string text;
  for (size_t i = 0; i < 5; ++i) text.push_back(static_cast<char>(out[6 + i] ^ out[2 + i % 4]));
  EXPECT_EQ(text, "Hello");
}

TEST(Upgrade, AsksAndUnderstandsAsTheRfcHasIt) {
  const std::string request = upgrade_request("127.0.0.1:4747", "/yjs/plans");
  EXPECT_TRUE(request.starts_with("GET /yjs/plans HTTP/1.1\r\nHost: 127.0.0.1:4747\r\n"))
      << request;
  const std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "SEC-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  EXPECT_EQ(read_upgrade(as_bytes(answer).first(answer.size() - 1)).outcome,
            UpgradeAnswer::Outcome::incomplete);
  const std::string more = answer + "\x82";
  const UpgradeAnswer read = read_upgrade(as_bytes(more));
  EXPECT_EQ(read.outcome, UpgradeAnswer::Outcome::upgraded);
  EXPECT_EQ(read.bytes, answer.size());
}

TEST(Upgrade, SaysHowItWasRefused) {
  const auto why = [](std::string_view answer) {
    const UpgradeAnswer read = read_upgrade(as_bytes(answer));
    EXPECT_EQ(read.outcome, UpgradeAnswer::Outcome::refused);
    return read.why;
  };
  EXPECT_EQ(why("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
            "refused with \"HTTP/1.1 403 Forbidden\"");
  EXPECT_EQ(why("HTTP/1.1 101 Ok\r\nSec-WebSocket-Accept: wrong\r\n\r\n"),
            "an answer to the upgrade that is none of a WebSocket server");
  EXPECT_EQ(why(std::string(kMaxHeadBytes + 1, 'a')), "an endless answer to the upgrade");
}

constexpr size_t kLong = 16 * kLeastSharedBytes;

// A server's frame of so many bytes, of letters that `seed` begins.
std::vector<uint8_t> long_frame(size_t payload_bytes, uint8_t seed) {
  std::vector<uint8_t> payload(payload_bytes), out;
  for (size_t i = 0; i < payload_bytes; ++i) payload[i] = static_cast<uint8_t>(seed + i % 251);
  add_server_frame(out, Opcode::binary, payload);
  return out;
}

// A connection that reads what it is sent in pieces, and the frames it has seen.
struct Reading {
  explicit Reading(SharedFrame& shared) : inbox(shared) {}

  void receive(Bytes piece) {
    const auto room = inbox.room(scratch);
    ASSERT_LE(piece.size(), room.size());
    std::copy(piece.begin(), piece.end(), room.begin());
    for (Bytes in = inbox.add(piece.size()); !in.empty(); in = inbox.more()) {
      Bytes left = in;
      for (Frame frame{}; frames.next(left, frame) == FrameReader::Outcome::frame;)
        seen.emplace_back(frame.payload.begin(), frame.payload.end());
      inbox.done(in.size() - left.size());
    }
  }

  Inbox inbox;
  FrameReader frames;
  std::vector<uint8_t> scratch = std::vector<uint8_t>(kReadBytes);
  std::vector<std::vector<uint8_t>> seen;
};

TEST(Inbox, KeepsTheBeginningOfAFrameUntilTheRestComes) {
  SharedFrame shared;
  Reading one(shared);
  const auto frame = long_frame(300, 1);
  one.receive(Bytes(frame).first(1));
  one.receive(Bytes(frame).subspan(1, 200));
  EXPECT_TRUE(one.seen.empty());
  auto rest = std::vector<uint8_t>(frame.begin() + 201, frame.end());
  rest.insert(rest.end(), frame.begin(), frame.end());
  one.receive(rest);
  ASSERT_EQ(one.seen.size(), 2u);
  EXPECT_EQ(one.seen[0], one.seen[1]);
  EXPECT_EQ(shared.readers(), 0u);
}

TEST(Inbox, KeepsALongFrameOnceForAllWhoGetItWhoeverIsAhead) {
  SharedFrame shared;
  const auto frame = long_frame(kLong + 70'000, 3);
  std::vector<std::unique_ptr<Reading>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<Reading>(shared));
  std::vector<size_t> at(all.size());
  // By turns, each with pieces of its own size, and a short frame behind it.
  auto sent = frame;
  const auto behind = long_frame(9, 7);
  sent.insert(sent.end(), behind.begin(), behind.end());
  for (bool more = true; more;) {
    more = false;
    for (size_t i = 0; i < all.size(); ++i) {
      const size_t bytes = std::min<size_t>(40'000 + 31'000 * i, sent.size() - at[i]);
      if (bytes == 0) continue;
      all[i]->receive(Bytes(sent).subspan(at[i], bytes));
      at[i] += bytes;
      more = true;
      EXPECT_LE(all[i]->inbox.kept_bytes(), 100u) << "it is the room's";
    }
  }
  for (const auto& one : all) {
    ASSERT_EQ(one->seen.size(), 2u);
    EXPECT_EQ(one->seen[0].size(), kLong + 70'000);
    EXPECT_EQ(one->seen[0], all[0]->seen[0]);
    EXPECT_EQ(one->seen[1].size(), 9u);
  }
  EXPECT_EQ(shared.readers(), 0u);
}

TEST(Inbox, KeepsToItselfALongFrameThatIsAnotherOne) {
  SharedFrame shared;
  Reading one(shared), other(shared), third(shared);
  const auto first = long_frame(kLong, 1);
  auto second = first;
  second[kLong - 5] ^= 1;  // parts from it late
  const auto longer = long_frame(kLong + 1, 1);
  for (size_t at = 0; at < longer.size(); at += 200'000) {
    const auto piece = [&](const std::vector<uint8_t>& frame) {
      return Bytes(frame).subspan(at, std::min<size_t>(200'000, frame.size() - at));
    };
    one.receive(piece(first));
    other.receive(piece(second));
    third.receive(piece(longer));
  }
  ASSERT_EQ(one.seen.size(), 1u);
  ASSERT_EQ(other.seen.size(), 1u);
  ASSERT_EQ(third.seen.size(), 1u);
  EXPECT_NE(one.seen[0], other.seen[0]);
  EXPECT_EQ(third.seen[0].size(), kLong + 1);
  EXPECT_TRUE(std::equal(first.end() - 1000, first.end(), one.seen[0].end() - 1000));
  EXPECT_TRUE(std::equal(second.end() - 1000, second.end(), other.seen[0].end() - 1000));
}

TEST(Inbox, ThatEndsInTheMiddleLeavesTheFrameToTheOthers) {
  SharedFrame shared;
  const auto frame = long_frame(kLong, 1), next = long_frame(kLong, 9);
  {
    Reading one(shared);
    one.receive(Bytes(frame).first(200'000));
    EXPECT_EQ(shared.readers(), 1u);
  }
  EXPECT_EQ(shared.readers(), 0u);
  Reading one(shared);
  for (size_t at = 0; at < next.size(); at += 200'000)
    one.receive(Bytes(next).subspan(at, std::min<size_t>(200'000, next.size() - at)));
  ASSERT_EQ(one.seen.size(), 1u);
  EXPECT_EQ(one.seen[0].front(), 9);
}

}  // namespace
}  // namespace freshet::load
