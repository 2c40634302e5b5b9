#include "protocol-hocuspocus/wire.h"

#include <gtest/gtest.h>

#include "frames.h"
#include "protocol-hocuspocus/limits.h"

namespace freshet::hocuspocus {
namespace {

template <class Write>
std::string written(Write write) {
  std::vector<uint8_t> out;
  VectorSink sink(out);
  EXPECT_EQ(write(sink.sink()), Status::ok);
  return hex(out);
}

void expect(std::string_view text, Kind kind, std::string_view payload = "") {
  const std::vector<uint8_t> bytes = frame(text);
  const auto message = read_message(bytes);
  ASSERT_TRUE(message) << text;
  EXPECT_EQ(message->kind, kind) << text;
  EXPECT_EQ(hex(message->payload), hex(frame(payload))) << text;
}

// The hex of a session that was recorded between a provider and a server of theirs.
TEST(Wire, ReadsWhatProvidersSend) {
  expect("'r1869' 02 00 '' ", Kind::token);
  expect("'r1869' 02 00 't'", Kind::token, "74");
  expect("'r1869' 02 00 't' '4.8.0'", Kind::token, "74");
  expect("'r1869' 00 00 01 00", Kind::step1, "00");
  expect("'r1869' 00 01 02 0000", Kind::step2, "0000");
  expect("'r1869' 00 02 02 0000", Kind::update, "0000");
  expect("'r1869' 04 02 02 0000", Kind::update, "0000");
  expect("'r1869' 01 01 00", Kind::awareness, "00");
  expect("'r1869' 03", Kind::query_awareness);
  expect("'r1869' 05 'hi'", Kind::stateless, "6869");
  expect("'r1869' 06 'hi'", Kind::broadcast_stateless);
  expect("'r1869' 07", Kind::close);
  expect("09", Kind::ping);
  expect("0a", Kind::pong);
}

TEST(Wire, WhatItDoesNotKnowHasAnAddressAllTheSame) {
  for (const char* text : {"'den' 08 01", "'den' 0b", "'den' 7f", "'den' 00", "'den' 00 03 00",
                           "'den' 00 00 02 00", "'den' 02 01 'no'", "'den' 02 00 05 'x'",
                           "'den' 02 00 01 ff", "'den' 05 01 ff", "'den' 01"}) {
    expect(text, Kind::unknown);
    const std::vector<uint8_t> bytes = frame(text);
    EXPECT_EQ(read_message(bytes)->address, "den") << text;
  }
}

TEST(Wire, WithoutAnAddressItIsNoMessage) {
  for (const char* text : {"", "01", "'den'", "05 'x'", "ff", "ffffffffffffffffff01"}) {
    EXPECT_EQ(read_message(frame(text)).status(), Status::malformed) << text;
  }
  std::vector<uint8_t> long_one = prefix_of(std::string(kMaxAddressBytes, 'x'));
  long_one.push_back(3);
  EXPECT_TRUE(read_message(long_one));
  long_one = prefix_of(std::string(kMaxAddressBytes + 1, 'x'));
  long_one.push_back(3);
  EXPECT_EQ(read_message(long_one).status(), Status::malformed);
}

TEST(Wire, AnAddressIsANameAndPerhapsASession) {
  EXPECT_EQ(document_of("den"), "den");
  EXPECT_EQ(document_of(std::string_view("den\0abc", 7)), "den");
  EXPECT_EQ(document_of(std::string_view("den\0a\0b", 7)), "den");
  EXPECT_EQ(document_of(std::string_view("\0a", 2)), "");
  EXPECT_LE(prefix_of(std::string(kMaxAddressBytes, 'x')).size(), FRESHET_PREFIX_BYTES);
}

// As the bytes of a server of theirs.
TEST(Wire, WritesWhatServersSend) {
  EXPECT_EQ(written([](Sink out) { return write_authenticated(Scope::read_write, out); }),
            "02020a726561642d7772697465");
  EXPECT_EQ(written([](Sink out) { return write_authenticated(Scope::read_only, out); }),
            "020208726561646f6e6c79");
  EXPECT_EQ(written([](Sink out) { return write_denied("permission-denied", out); }),
            "0201117065726d697373696f6e2d64656e696564");
  EXPECT_EQ(written([](Sink out) { return write_token_wanted(out); }), "0200");
  EXPECT_EQ(written([](Sink out) { return write_close("Reset Connection", out); }),
            "0710526573657420436f6e6e656374696f6e");
  EXPECT_EQ(written([](Sink out) { return write_sync_status(Saved::yes, out); }), "0801");
  EXPECT_EQ(written([](Sink out) { return write_sync_status(Saved::no, out); }), "0800");
  EXPECT_EQ(written([](Sink out) { return write_step1(frame("00"), out); }), "00000100");
  EXPECT_EQ(written([](Sink out) { return write_step2(frame("0000"), out); }), "0001020000");
  EXPECT_EQ(written([](Sink out) { return write_update(frame("0000"), out); }), "0002020000");
  EXPECT_EQ(written([](Sink out) { return write_awareness({}, out); }), "010100");
  EXPECT_EQ(written([](Sink out) { return write_stateless("hi", out); }), "05026869");
}

}  // namespace
}  // namespace freshet::hocuspocus
