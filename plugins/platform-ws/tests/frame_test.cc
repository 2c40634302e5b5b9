// The frame codec, by the case groups that conformance suites for WebSocket servers know: framing,
// pings, reserved bits, opcodes, fragmentation, UTF-8, closing, sizes. Every case is fed whole and
// in pieces of 1, 2, 3, 7 and 1000 bytes.
#include "platform-ws/websocket/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "freshet/abi/close.h"
#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

constexpr size_t kLimit = 100'000;

// "text:hello", "binary:...", "ping:...", "pong", "close:1000", "failure:1002", one after another.
using Said = std::vector<std::string>;

std::string described(const Incoming& said) {
  const std::string payload(as_text(said.payload));
  switch (said.kind) {
    case Incoming::Kind::message: return (said.text ? "text:" : "binary:") + payload;
    case Incoming::Kind::ping: return "ping:" + payload;
    case Incoming::Kind::pong: return "pong:" + payload;
    case Incoming::Kind::close: return "close:" + std::to_string(said.code) + ":" + payload;
    case Incoming::Kind::failure: return "failure:" + std::to_string(said.code);
    case Incoming::Kind::nothing: break;
  }
  return "nothing";
}

// Feeds `bytes` as a connection does: what the reader leaves comes again in front of the next
// piece.
Said read_in_pieces(std::string_view bytes, size_t piece) {
  FrameReader reader(kLimit);
  Said out;
  std::string carry;
  while (!bytes.empty()) {
    const std::string_view next = bytes.substr(0, piece);
    bytes.remove_prefix(next.size());
    // Exactly as large as promised, so that a sanitizer sees a read too far.
    const size_t size = carry.size() + next.size();
    const auto buffer = std::make_unique<uint8_t[]>(size + kReadAheadBytes);
    std::copy(carry.begin(), carry.end(), buffer.get());
    std::copy(next.begin(), next.end(), buffer.get() + carry.size());
    std::span<uint8_t> in(buffer.get(), size);
    for (;;) {
      const Incoming said = reader.next(in);
      if (said.kind == Incoming::Kind::nothing) break;
      if (said.kind == Incoming::Kind::message) {
        // The 64 bytes behind a message can be read.
        volatile uint8_t last = *(said.payload.data() + said.payload.size() + kReadAheadBytes - 1);
        static_cast<void>(last);
      }
      out.push_back(described(said));
      if (said.kind == Incoming::Kind::failure || said.kind == Incoming::Kind::close) return out;
    }
    EXPECT_LE(in.size(), kCarryBytes);
    carry = as_text(in);
  }
  return out;
}

void expect(const std::string& bytes, const Said& wanted) {
  for (const size_t piece :
       {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{1000}, kLimit * 2}) {
    const Said got = read_in_pieces(bytes, piece);
    EXPECT_TRUE(got == wanted) << "in pieces of " << piece << ", got " << got.size() << " of "
                               << wanted.size() << ", last "
                               << (got.empty() ? "nothing" : got.back().substr(0, 60));
  }
}

std::string frame(int opcode, std::string_view payload, bool fin = true) {
  return Client::frame(opcode, payload, fin);
}

std::string close_frame(uint16_t code, std::string_view reason = "") {
  return frame(
      8, std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + std::string(reason));
}

// ---- framing ------------------------------------------------------------------------------------

TEST(Frames, MessagesOfEveryLengthEncodingArriveAsSent) {
  for (const size_t size : {0u, 1u, 125u, 126u, 127u, 128u, 65535u, 65536u, 99'999u, 100'000u}) {
    const std::string text(size, '*');
    std::string binary(size, '\xfe');
    for (size_t i = 0; i < size; ++i) binary[i] = static_cast<char>(i * 7);
    expect(frame(1, text) + frame(2, binary), {"text:" + text, "binary:" + binary});
  }
}

TEST(Frames, UnmaskingIsTheSameAtEveryLengthAndPhase) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 200; ++size) {
    for (size_t phase = 0; phase < 4; ++phase) {
      std::vector<uint8_t> data(size), wanted(size);
      const std::array<uint8_t, 4> key = {0x12, 0xff, 0x00, 0x7a};
      for (size_t i = 0; i < size; ++i) {
        data[i] = static_cast<uint8_t>(random());
        wanted[i] = static_cast<uint8_t>(data[i] ^ key[(phase + i) % 4]);
      }
      unmask(data, key, phase);
      EXPECT_EQ(data, wanted) << size << " bytes, phase " << phase;
    }
  }
}

TEST(Frames, AMessageThatLiesWholeInTheInputIsAViewIntoIt) {
  FrameReader reader(kLimit);
  std::string bytes = frame(2, "hello") + std::string(kReadAheadBytes, '\0');
  std::span<uint8_t> in(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size() - kReadAheadBytes);
  const Incoming said = reader.next(in);
  EXPECT_EQ(static_cast<const void*>(said.payload.data()), bytes.data() + 6);
  EXPECT_TRUE(in.empty());
}

TEST(Frames, HeadersOfOursUseTheShortestLength) {
  std::array<uint8_t, kMaxFrameHeader> out{};
  EXPECT_EQ(write_frame_header(out, Opcode::text, 125), 2u);
  EXPECT_EQ(out[0], 0x81);
  EXPECT_EQ(out[1], 125);
  EXPECT_EQ(write_frame_header(out, Opcode::binary, 126), 4u);
  EXPECT_EQ(out[1], 126);
  EXPECT_EQ(out[3], 126);
  EXPECT_EQ(write_frame_header(out, Opcode::binary, 65535), 4u);
  EXPECT_EQ(write_frame_header(out, Opcode::binary, 65536), 10u);
  EXPECT_EQ(out[1], 127);
  EXPECT_EQ(out[7], 1);
  EXPECT_EQ(write_frame_header(out, Opcode::ping, 0), 2u);
  EXPECT_EQ(out[0], 0x89);
}

TEST(Frames, ALengthThatIsNotInItsShortestFormFails) {
  const std::string key(4, '\0');
  expect(std::string("\x82\xfe\x00\x7d", 4) + key + std::string(125, 'x'), {"failure:1002"});
  expect(std::string("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff", 10) + key, {"failure:1002"});
}

TEST(Frames, ALengthWithItsHighestBitSetFails) {
  expect(std::string("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 10), {"failure:1002"});
}

TEST(Frames, AFrameWithoutAMaskFails) {
  expect(std::string("\x81\x05hello", 7), {"failure:1002"});
  expect(std::string("\x89\x00", 2), {"failure:1002"});
}

TEST(Frames, AMessageOverTheLimitFailsAtItsHeader) {
  const std::string over = frame(2, std::string(kLimit + 1, 'x')).substr(0, 14);
  expect(over, {"failure:4413"});
}

TEST(Frames, FragmentsThatAreTogetherOverTheLimitFail) {
  expect(frame(2, std::string(kLimit, 'x'), false) + frame(0, "x"), {"failure:4413"});
}

// ---- control frames -----------------------------------------------------------------------------

TEST(Frames, PingsAndPongsArriveWithTheirPayload) {
  const std::string most(125, '\xfe');
  expect(frame(9, "") + frame(9, "hello") + frame(9, most),
         {"ping:", "ping:hello", "ping:" + most});
  expect(frame(10, "unasked") + frame(9, "x"), {"pong:unasked", "ping:x"});
}

TEST(Frames, AControlFrameOver125BytesFails) {
  for (const int opcode : {8, 9, 10})
    expect(frame(opcode, std::string(126, 'x')), {"failure:1002"});
}

TEST(Frames, AFragmentedControlFrameFails) {
  for (const int opcode : {8, 9, 10}) expect(frame(opcode, "x", false), {"failure:1002"});
}

TEST(Frames, EveryReservedBitFails) {
  for (int bits = 1; bits < 8; ++bits) {
    for (const int opcode : {0, 1, 2, 8, 9, 10}) {
      std::string bytes = frame(opcode, "hello");
      bytes[0] = static_cast<char>(static_cast<uint8_t>(bytes[0]) | bits << 4);
      expect(frame(1, "before") + bytes, {"text:before", "failure:1002"});
    }
  }
}

TEST(Frames, EveryReservedOpcodeFails) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    expect(frame(1, "before") + frame(opcode, ""), {"text:before", "failure:1002"});
  }
}

// ---- fragments ----------------------------------------------------------------------------------

TEST(Frames, FragmentsBecomeOneMessage) {
  expect(frame(1, "Hel", false) + frame(0, "lo ", false) + frame(0, "there"), {"text:Hello there"});
  expect(frame(2, "", false) + frame(0, "", false) + frame(0, ""), {"binary:"});
}

TEST(Frames, ControlFramesMayStandBetweenFragments) {
  expect(frame(1, "a", false) + frame(9, "p") + frame(0, "b", false) + frame(10, "q") +
             frame(0, "c") + frame(2, "next"),
         {"ping:p", "pong:q", "text:abc", "binary:next"});
}

TEST(Frames, ManySmallFragmentsAndLargeOnesKeepTheirOrder) {
  std::string wanted, bytes;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<size_t>(i), static_cast<char>('a' + i % 26));
    bytes += frame(i == 0 ? 2 : 0, piece, i == 299);
    wanted += piece;
  }
  expect(bytes + frame(1, "after"), {"binary:" + wanted, "text:after"});
}

TEST(Frames, AContinuationWithoutAMessageFails) {
  expect(frame(0, "x"), {"failure:1002"});
  expect(frame(0, "x", false), {"failure:1002"});
  expect(frame(1, "a", false) + frame(0, "b") + frame(0, "c"), {"text:ab", "failure:1002"});
}

TEST(Frames, ANewMessageInsideAFragmentedOneFails) {
  expect(frame(1, "a", false) + frame(1, "b"), {"failure:1002"});
  expect(frame(2, "a", false) + frame(9, "") + frame(2, "b"), {"ping:", "failure:1002"});
}

// ---- text ---------------------------------------------------------------------------------------

TEST(Frames, TextMayBeCutInsideACharacter) {
  const std::string text = "Hello-µ@ßöäüàá-UTF-8!! \xf0\x9f\x8c\x8a";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    expect(frame(1, text.substr(0, cut), false) + frame(0, text.substr(cut)), {"text:" + text});
  }
}

TEST(Frames, EveryValidBoundaryOfUtf8IsTaken) {
  for (const char* text :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    expect(frame(1, text), {"text:" + std::string(text)});
    expect(frame(1, text, false) + frame(0, "."), {"text:" + std::string(text) + "."});
  }
  expect(frame(1, std::string("a\0b", 3)), {"text:" + std::string("a\0b", 3)});
}

TEST(Frames, TextThatIsNotUtf8Fails) {
  for (const char* bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff", "\xc2", "\xe2\x82",
        "\xf0\x9f\x8c", "\xc2\x41", "\xe2\x28\xa1", "\xf8\x88\x80\x80\x80"}) {
    expect(frame(1, "fine"), {"text:fine"});
    expect(frame(1, "12345678" + std::string(bad)), {"failure:1007"});
    expect(frame(1, "1", false) + frame(0, bad), {"failure:1007"});
  }
}

TEST(Frames, BadTextFailsBeforeItsMessageIsWhole) {
  // In an earlier fragment, and inside a frame of which most is still to come.
  expect(frame(1, "a\xff", false), {"failure:1007"});
  expect(frame(1, "\xce\xba\xed\xa0\x80", false) + frame(9, ""), {"failure:1007"});
  const std::string begun = frame(1, "\xf4\x90" + std::string(50'000, 'x')).substr(0, 100);
  EXPECT_EQ(read_in_pieces(begun, 50), Said{"failure:1007"});
}

TEST(Frames, BinaryNeedNotBeUtf8) { expect(frame(2, "\xff\xc0"), {"binary:\xff\xc0"}); }

// ---- closing ------------------------------------------------------------------------------------

TEST(Frames, ACloseFrameTellsItsCodeAndReason) {
  expect(frame(8, ""), {"close:1005:"});
  expect(close_frame(1000), {"close:1000:"});
  expect(close_frame(4999, "bye ö"), {"close:4999:bye ö"});
  expect(close_frame(1000, std::string(123, 'r')), {"close:1000:" + std::string(123, 'r')});
}

TEST(Frames, ACloseFrameWithHalfACodeFails) { expect(frame(8, "\x03"), {"failure:1002"}); }

TEST(Frames, EveryCodeThatMayTravelIsTakenAndNoOther) {
  for (uint32_t code = 0; code <= 65535; ++code) {
    const bool wanted = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                        (code >= 3000 && code <= 4999);
    ASSERT_EQ(valid_close_code(static_cast<uint16_t>(code)), wanted) << code;
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    expect(close_frame(static_cast<uint16_t>(code)), {"failure:1002"});
  }
}

TEST(Frames, ACloseReasonThatIsNotUtf8Fails) {
  expect(close_frame(1000, "\xce\xba\xff"), {"failure:1007"});
  expect(close_frame(1000, "\xe2\x82"), {"failure:1007"});
}

TEST(Frames, AfterAFailureEverythingFailsAlike) {
  FrameReader reader(kLimit);
  std::string bad = frame(3, "");
  std::span<uint8_t> in(reinterpret_cast<uint8_t*>(bad.data()), bad.size());
  EXPECT_EQ(described(reader.next(in)), "failure:1002");
  std::string good = frame(1, "x");
  in = {reinterpret_cast<uint8_t*>(good.data()), good.size()};
  EXPECT_EQ(described(reader.next(in)), "failure:1002");
}

// ---- all together -------------------------------------------------------------------------------

TEST(Frames, RandomTrafficReadsTheSameInEveryPartition) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return random() % n; };
    std::string bytes;
    Said wanted;
    std::string message;
    bool in_message = false, text = false;
    for (int i = 0; i < 30; ++i) {
      std::string payload(below(4) == 0 ? below(3000) : below(20),
                          static_cast<char>('a' + below(26)));
      if (below(4) == 0) {
        payload.resize(std::min<size_t>(payload.size(), 125));
        bytes += frame(9, payload);
        wanted.push_back("ping:" + payload);
        continue;
      }
      if (!in_message) text = below(2) == 0;
      const bool fin = below(2) == 0;
      bytes += frame(in_message ? 0 : text ? 1 : 2, payload, fin);
      message += payload;
      in_message = !fin;
      if (fin) wanted.push_back((text ? "text:" : "binary:") + std::exchange(message, {}));
    }
    expect(bytes, wanted);
  }
}

}  // namespace
}  // namespace freshet::ws::testing
