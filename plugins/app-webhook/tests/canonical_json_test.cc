#include "app-webhook/signing/canonical_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace freshet::webhook {
namespace {

// What String(x) prints in Node 20.
TEST(Number, IsWrittenAsJavaScriptWritesIt) {
  const std::pair<double, const char*> numbers[] = {
      {0, "0"},
      {-0.0, "0"},
      {1, "1"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {100, "100"},
      {123456789012345680000.0, "123456789012345680000"},
      {1e21, "1e+21"},
      {1.5e21, "1.5e+21"},
      {1e-6, "0.000001"},
      {1.5e-6, "0.0000015"},
      {1e-7, "1e-7"},
      {1.25e-7, "1.25e-7"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {9007199254740993.0, "9007199254740992"},
      {0.1 + 0.2, "0.30000000000000004"},
      {1234.5678, "1234.5678"},
      {-1e-10, "-1e-10"},
  };
  for (const auto& [number, text] : numbers) EXPECT_EQ(number_text(number), text);
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number_text(std::nan("")), "null");
}

TEST(Canonical, SortsKeysAndLeavesOutSpaces) {
  EXPECT_EQ(*canonical(R"( { "b" : [ 1 , { "d" : null , "c" : true } ] , "a" : "x" } )"),
            R"({"a":"x","b":[1,{"c":true,"d":null}]})");
  EXPECT_EQ(*canonical("[]"), "[]");
  EXPECT_EQ(*canonical("{}"), "{}");
  EXPECT_EQ(*canonical("\"x\""), "\"x\"");
}

TEST(Canonical, WritesNumbersAnewAndStringsWithTheFewestEscapes) {
  EXPECT_EQ(*canonical("[1.0, 1e2, 12345678901234567890, -0, 1E-7]"),
            "[1,100,12345678901234567000,0,1e-7]");
  EXPECT_EQ(*canonical(R"(["\u00e9\/\u2028", "\u0001\n\t\"\\\u007f"])"),
            "[\"\xc3\xa9/\xe2\x80\xa8\",\"\\u0001\\n\\t\\\"\\\\\x7f\"]");
}

TEST(Canonical, OrdersKeysByTheirUtf16Units) {
  // U+1D306 is D834 DF06 in UTF-16, and so before U+E000 and U+FFFD; U+0062 before all.
  EXPECT_EQ(*canonical("{\"\xef\xbf\xbd\":1,\"\xee\x80\x80\":2,\"\xf0\x9d\x8c\x86\":3,\"b\":4,"
                       "\"10\":5,\"9\":6,\"\":7,\"ba\":8}"),
            "{\"\":7,\"10\":5,\"9\":6,\"b\":4,\"ba\":8,\"\xf0\x9d\x8c\x86\":3,"
            "\"\xee\x80\x80\":2,\"\xef\xbf\xbd\":1}");
}

TEST(Canonical, TakesNothingThatIsNoJsonOrTooDeep) {
  for (const char* text : {"", "{", "{\"a\":}", "[1,]", "nul", "\"\xff\"", "1 2"}) {
    EXPECT_FALSE(canonical(text)) << text;
  }
  EXPECT_TRUE(canonical(std::string(60, '[') + std::string(60, ']')));
  EXPECT_FALSE(canonical(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace freshet::webhook
