#include "protocol-yjs/json.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::yjs {
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

}  // namespace
}  // namespace freshet::yjs
