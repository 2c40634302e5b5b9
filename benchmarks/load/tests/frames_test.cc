#include <gtest/gtest.h>

#include <random>

#include "bytes_of.h"
#include "load/frames/frame_reader.h"
#include "load/frames/frame_writer.h"
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

}  // namespace
}  // namespace freshet::load
