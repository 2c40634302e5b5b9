#include "protocol-pluv/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::pluv {
namespace {

std::string encoded(std::string_view text) {
  std::string out(base64_room(text.size()), '\0');
  auto* begin = reinterpret_cast<uint8_t*>(out.data());
  out.resize(static_cast<size_t>(put_base64(begin, as_bytes(text)) - begin));
  return out;
}

// RFC 4648 §10.
constexpr std::pair<std::string_view, std::string_view> kVectors[] = {{"", ""},
                                                                      {"f", "Zg=="},
                                                                      {"fo", "Zm8="},
                                                                      {"foo", "Zm9v"},
                                                                      {"foob", "Zm9vYg=="},
                                                                      {"fooba", "Zm9vYmE="},
                                                                      {"foobar", "Zm9vYmFy"}};

TEST(Base64, IsThatOfTheRfcBothWays) {
  for (const auto& [plain, text] : kVectors) {
    EXPECT_EQ(encoded(plain), text);
    std::vector<uint8_t> out{1};
    EXPECT_TRUE(decode_base64(text, out)) << text;
    EXPECT_EQ(as_text(out), plain);
  }
}

TEST(Base64, TakesNothingElse) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zm8", "Z===", "====", "Zg==Zg==", "Z=g=", " Zm9v", "Zm9v\n", "Zm9v    ",
        "Zm-_", "Zm9\xc3", "Zm9v=", "Zm9!"}) {
    std::vector<uint8_t> out;
    EXPECT_FALSE(decode_base64(text, out)) << text;
  }
}

TEST(Base64, HasRoomForMoreThanOnePart) {
  const std::string large(size_t{3} << 24, 'x');
  const std::string text = encoded(large + "end");
  std::vector<uint8_t> out;
  ASSERT_TRUE(decode_base64(text, out));
  EXPECT_EQ(out.size(), large.size() + 3);
  EXPECT_TRUE(as_text(out).ends_with("xend"));
}

}  // namespace
}  // namespace freshet::pluv
