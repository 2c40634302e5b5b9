#include "freshet/format/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace freshet {

namespace {

bool valid(std::string_view text) { return valid_utf8(as_bytes(text)); }

// The encoding of any number, well-formed or not.
std::string encoded(uint32_t code, int length) {
  std::string out;
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (length == 1) put(code);
  if (length == 2) put(0xc0 | (code >> 6));
  if (length == 3) put(0xe0 | (code >> 12));
  if (length == 4) put(0xf0 | (code >> 18));
  for (int shift = 6 * (length - 2); length > 1 && shift >= 0; shift -= 6) {
    put(0x80 | ((code >> shift) & 0x3f));
  }
  return out;
}

}  // namespace

TEST(Utf8, TakesEveryScalarValueInItsShortestForm) {
  for (uint32_t code = 0; code <= 0x10ffff; ++code) {
    const int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    ASSERT_EQ(valid(encoded(code, length)), !surrogate) << std::hex << code;
  }
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  const struct {
    std::string_view bytes;
    const char* what;
  } table[] = {
      {"\x80", "a continuation alone"},
      {"\xbf", "a continuation alone"},
      {"\xc3", "a lead alone"},
      {"\xe2\x82", "cut after two of three"},
      {"\xf0\x9f\x8c", "cut after three of four"},
      {"\xc3\x28", "a lead without its continuation"},
      {"\xe2\x28\xa1", "the second byte is none"},
      {"\xe2\x82\x28", "the third byte is none"},
      {"\xf0\x9f\x8c\x28", "the fourth byte is none"},
      {"\xc0\x80", "NUL in two bytes"},
      {"\xc1\xbf", "overlong in two"},
      {"\xe0\x80\x80", "overlong in three"},
      {"\xe0\x9f\xbf", "overlong in three"},
      {"\xf0\x80\x80\x80", "overlong in four"},
      {"\xf0\x8f\xbf\xbf", "overlong in four"},
      {"\xed\xa0\x80", "the first surrogate"},
      {"\xed\xbf\xbf", "the last surrogate"},
      {"\xed\xa0\xbd\xed\xb8\x80", "a pair of surrogates"},
      {"\xf4\x90\x80\x80", "past U+10FFFF"},
      {"\xf5\x80\x80\x80", "a lead that has no use"},
      {"\xf8\x88\x80\x80\x80", "five bytes"},
      {"\xfe", "no lead at all"},
      {"\xff", "no lead at all"},
  };
  for (const auto& [bytes, what] : table) {
    EXPECT_FALSE(valid(bytes)) << what;
    // Wherever it stands: in the bytes looked at eight at a time, and after them.
    for (size_t before = 1; before < 18; ++before) {
      EXPECT_FALSE(valid(std::string(before, 'a') + std::string(bytes) + "tail of the text"))
          << what << " after " << before;
    }
  }
}

TEST(Utf8, TakesTheEmptyTextAndNul) {
  EXPECT_TRUE(valid(""));
  EXPECT_TRUE(valid_utf8(Bytes{}));
  EXPECT_TRUE(valid(std::string_view("\0", 1)));
}

TEST(Utf8, RandomTextIsValidUntilOneByteIsMadeBad) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    std::string text;
    size_t units = 0;
    for (uint64_t left = 1 + random() % 30; left > 0; --left) {
      const char* const pieces[] = {"a", "plain ascii", "\xc3\xa4", "\xe2\x82\xac",
                                    "\xf0\x9f\x8c\x8a"};
      const size_t lengths[] = {1, 11, 1, 1, 2};
      const size_t pick = random() % 5;
      text += pieces[pick];
      units += lengths[pick];
    }
    ASSERT_TRUE(valid(text)) << "seed " << seed;
    ASSERT_EQ(utf16_length(as_bytes(text)), units) << "seed " << seed;
    text[random() % text.size()] = '\xff';
    ASSERT_FALSE(valid(text)) << "seed " << seed;
  }
}

}  // namespace freshet
