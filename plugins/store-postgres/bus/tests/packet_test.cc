// What a payload says, byte by byte.
#include "store-postgres/bus/packet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store-postgres/bus/limits.h"

namespace freshet::postgres {

namespace {

using namespace std::string_view_literals;

constexpr NodeId kNode = {1, 2, 3, 4, 5, 6, 7, 8};

std::string base64(std::string_view bytes) { return to_base64(as_bytes(bytes)); }

// "node|topic=bytes topic#row", or how it is no packet.
std::string shown(std::string_view payload) {
  PacketReader in;
  if (!in.open(payload)) return "none";
  std::string out(as_text(in.node()));
  out += in.is_note() ? "|note" : "|";
  while (const auto message = in.next()) {
    out += std::string(message->topic) + (message->whole.empty() ? "#" : "=") +
           (message->whole.empty() ? std::to_string(message->row)
                                   : std::string(as_text(message->whole))) +
           " ";
  }
  return out + (in.ok() ? "" : "damaged");
}

}  // namespace

TEST(Packet, IsWrittenAsTheGrammarSays) {
  Packets packets(kNode);
  packets.add("r", as_bytes("hi"));
  packets.add_row("s", 300);
  EXPECT_EQ(packets.take(), std::vector{base64("\1\1\2\3\4\5\6\7\x8\1\1r\0\2hi\1s\1\xac\2"sv)});
  EXPECT_TRUE(packets.empty());
  packets.add_note();
  EXPECT_EQ(packets.take(), std::vector{base64("\1\1\2\3\4\5\6\7\x8\2")});
}

TEST(Packet, IsReadAsTheGrammarSays) {
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\0\2hi\1s\1\xac\2"sv)), "abcdefgh|r=hi s#300 ");
  EXPECT_EQ(shown(base64("\1abcdefgh\5")), "abcdefgh|note");
}

TEST(Packet, OfWhatIsDamagedOnlyTheWholeMessagesCount) {
  EXPECT_EQ(shown(""), "none");
  EXPECT_EQ(shown("hello"), "none");
  EXPECT_EQ(shown("?"), "none");
  EXPECT_EQ(shown(base64("\2abcdefgh\5\1r\0\2hi"sv)), "none") << "another version";
  EXPECT_EQ(shown(base64("\1abcdefgh"sv)), "none");
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\0\2hi\1s"sv)), "abcdefgh|r=hi damaged");
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\0\3hi"sv)), "abcdefgh|damaged");
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\2\3hi"sv)), "abcdefgh|damaged") << "another kind";
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\0\0"sv)), "abcdefgh|damaged") << "without a byte";
  EXPECT_EQ(shown(base64("\1abcdefgh\5\0\0\1x"sv)), "abcdefgh|damaged") << "without a topic";
  EXPECT_EQ(shown(base64("\1abcdefgh\5\1r\1\0"sv)), "abcdefgh|damaged") << "row 0";
}

TEST(Packet, NoPayloadIsTooLongForTheServerOrEqualToAnother) {
  Packets packets(kNode);
  size_t messages = 0;
  for (size_t size = 1; size <= kCheapBytes; size = size * 5 / 4 + 1) {
    for (int twice = 0; twice < 2; ++twice, ++messages) {
      packets.add("topic", std::vector<uint8_t>(size, 7));
    }
  }
  const std::vector<uint8_t> largest(kMaxPacketBytes - 18 - 3 - 1 - 2, 9);
  ASSERT_TRUE(Packets::fits("tt", largest));
  packets.add("tt", largest);
  std::vector<std::string> payloads = packets.take();
  PacketReader in;
  size_t read = 0;
  for (const std::string& payload : payloads) {
    EXPECT_LT(payload.size(), 8000u);
    ASSERT_TRUE(in.open(payload));
    while (in.next()) ++read;
    EXPECT_TRUE(in.ok());
  }
  EXPECT_EQ(read, messages + 1);
  EXPECT_GT(payloads.back().size(), 7980u) << "a packet is not filled";
  std::ranges::sort(payloads);
  EXPECT_EQ(std::ranges::adjacent_find(payloads), payloads.end());
}

TEST(Packet, WhatIsCheapFitsWithALongTopic) {
  EXPECT_TRUE(Packets::fits(std::string(255, 't'), std::vector<uint8_t>(kCheapBytes)));
  EXPECT_FALSE(Packets::fits("t", std::vector<uint8_t>(kMaxPacketBytes)));
}

TEST(PacketBase64, IsThatOfTheStandardWithoutPadding) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}};
  std::vector<uint8_t> out;
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(base64(bytes), text);
    ASSERT_TRUE(from_base64(text, out));
    EXPECT_EQ(as_text(out), bytes);
  }
  for (const char* wrong : {"Z", "Zm9vY", "Zg==", "Zm 9", "Zm9-"}) {
    EXPECT_FALSE(from_base64(wrong, out)) << wrong;
  }
}

}  // namespace freshet::postgres
