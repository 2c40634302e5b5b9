#include "freshet/format/json.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet {
namespace {

constexpr unsigned kDepth = 64;

TEST(Json, TakesWhatTheGrammarTakes) {
  for (const char* text :
       {"null", "true", "false", "0", "-0", "12", "-1.5e+10", "0.5", "1E-3", "1e999", R"("")",
        R"("a\"\\\/\b\f\n\r\t\u00e9")", R"("größer 🌊")", "[]", "{}", " [ 1 , [ ] , { } ] ",
        R"({"a":{"b":[1,2,{"c":null}]},"a":1})", "\t{\"a\"\r\n: 1}\n", R"("cut \ud83d")"}) {
    EXPECT_TRUE(is_json(text, kDepth)) << text;
  }
}

TEST(Json, RefusesEverythingElse) {
  for (const char* text :
       {"",           " ",           "nul",       "nulll",       "True",        "undefined",
        "NaN",        "Infinity",    "01",        "-",           "+1",          "1.",
        ".5",         "1e",          "1e+",       "0x10",        "1 2",         "'a'",
        "\"",         "\"a",         R"("\x41")", R"("\u12g4")", R"("\u12)",    R"("\)",
        "\"\t\"",     "\"\n\"",      "[",         "]",           "[1",          "[1,",
        "[1,]",       "[,1]",        "[1 2]",     "[1}",         "{",           "}",
        "{1:2}",      R"({"a")",     R"({"a":)",  R"({"a":1)",   R"({"a":1,})", R"({,})",
        R"({"a" 1})", R"({"a":1]})", "[]]",       "{}null",      "/**/1",       "1//"}) {
    EXPECT_FALSE(is_json(text, kDepth)) << text;
  }
}

TEST(Json, RefusesABareZeroByte) {
  EXPECT_FALSE(is_json(std::string_view("\0", 1), kDepth));
  EXPECT_FALSE(is_json(std::string_view("1\0", 2), kDepth));
  EXPECT_FALSE(is_json(std::string_view("\"\0\"", 3), kDepth));
}

TEST(Json, NestsAsDeepAsItIsToldAndNoDeeper) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(is_json(nested(kDepth), kDepth));
  EXPECT_FALSE(is_json(nested(kDepth + 1), kDepth));
  EXPECT_FALSE(is_json(std::string(1'000'000, '['), kDepth));
  EXPECT_TRUE(is_json("[[],[],{}]", 2));
  EXPECT_FALSE(is_json("[[],[],{\"a\":{}}]", 2));
}

// The string scan looks at eight bytes at a time: everything that ends it, at every place.
TEST(Json, FindsTheEndOfAStringAtEveryPlace) {
  for (size_t before = 0; before < 20; ++before) {
    const std::string plain(before, 'x');
    EXPECT_TRUE(is_json("\"" + plain + "\"", kDepth)) << before;
    EXPECT_TRUE(is_json("\"" + plain + "\\n\xc3\xa9\"", kDepth)) << before;
    EXPECT_FALSE(is_json("\"" + plain, kDepth)) << before;
    EXPECT_FALSE(is_json("\"" + plain + "\x1f\"", kDepth)) << before;
    EXPECT_FALSE(is_json("\"" + plain + "\" x", kDepth)) << before;
  }
}

TEST(Json, GivesTheMembersOfAnObjectOneByOne) {
  JsonReader in(R"( { "a" : [1, {"x":2}] , "\u0062":"t" } )");
  ASSERT_EQ(in.next(), '{');
  ASSERT_TRUE(in.enter('{'));
  EXPECT_EQ(in.key(), R"("a")");
  EXPECT_EQ(in.value(kDepth), R"([1, {"x":2}])");
  EXPECT_EQ(in.key(), R"("\u0062")");
  EXPECT_EQ(in.value(kDepth), R"("t")");
  EXPECT_EQ(in.key(), "");
  EXPECT_TRUE(in.at_end());
}

TEST(Json, GoesIntoWhatIsNestedAndOutAgain) {
  JsonReader in(R"({"a":[1,2],"b":[]})");
  ASSERT_TRUE(in.enter('{'));
  EXPECT_EQ(in.key(), R"("a")");
  ASSERT_TRUE(in.enter('['));
  std::string seen;
  while (in.element()) seen += in.value(kDepth);
  EXPECT_EQ(seen, "12");
  EXPECT_EQ(in.key(), R"("b")");
  ASSERT_TRUE(in.enter('['));
  EXPECT_FALSE(in.element());
  EXPECT_EQ(in.key(), "");
  EXPECT_TRUE(in.at_end());
}

TEST(Json, StopsForGoodAtTheFirstFault) {
  for (const char* text :
       {R"({"a" 1})", R"({"a":1 "b":2})", R"({"a":})", R"({"a":1,})", R"([1])"}) {
    JsonReader in(text);
    in.enter('{');
    while (!in.key().empty()) in.value(kDepth);
    EXPECT_FALSE(in.ok()) << text;
    EXPECT_FALSE(in.at_end()) << text;
  }
}

TEST(Json, SaysWhatAStringMeans) {
  EXPECT_EQ(json_text(R"("")"), "");
  EXPECT_EQ(json_text(R"("a\"\\\/\b\f\n\r\t")"), "a\"\\/\b\f\n\r\t");
  EXPECT_EQ(json_text(R"("\u0024\u00e9\u20AC\ud83d\ude00")"), "$é€😀");
  for (const char* cut : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")"}) {
    EXPECT_EQ(json_text(cut), std::nullopt) << cut;
  }
}

TEST(Json, HalfACharacterCanBeReplacedAndTakesNothingWithIt) {
  EXPECT_EQ(json_text_replaced(R"("a\ud83d\u0041b")"), "a\uFFFDAb");
  EXPECT_EQ(json_text_replaced(R"("\ude00\ud83d\ud83d\ude00")"), "\uFFFD\uFFFD😀");
  EXPECT_EQ(json_text_replaced(R"("plain\n")"), "plain\n");
}

TEST(Json, WritesAStringThatMeansWhatItWasGiven) {
  const std::string text = "a\"\\\n\x01 größer 😀";
  std::string literal;
  append_json_string(literal, text);
  EXPECT_TRUE(is_json(literal, 1));
  EXPECT_EQ(json_text(literal), text);
}

}  // namespace
}  // namespace freshet
