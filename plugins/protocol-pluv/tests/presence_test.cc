#include "protocol-pluv/presence.h"

#include <gtest/gtest.h>

namespace freshet::pluv {
namespace {

TEST(Presence, APatchReplacesMembersAndKeepsTheRest) {
  EXPECT_EQ(laid_over("", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(laid_over(R"({"a":1,"b":{"x":1}})", R"({"b":{"y":2},"c":null})"),
            R"({"a":1,"b":{"y":2},"c":null})");
  EXPECT_EQ(laid_over(R"({"a":1})", "{}"), R"({"a":1})");
  EXPECT_EQ(laid_over("", "{}"), "{}");
}

TEST(Presence, AKeyIsTheSameHoweverItIsWritten) {
  EXPECT_EQ(laid_over(R"({"a":1})", R"({"\u0061":2})"), R"({"a":2})");
  EXPECT_EQ(laid_over("", R"({"a":1,"a":2})"), R"({"a":2})");
  EXPECT_EQ(laid_over(R"({"__proto__":1})", R"({"__proto__":2})"), R"({"__proto__":2})");
  EXPECT_EQ(laid_over(R"({"\ud83d":1})", R"({"\ud83d":2})"), R"({"\ud83d":2})");
}

TEST(Presence, WhatIsNoObjectIsNoPresence) {
  EXPECT_EQ(laid_over("", "[]"), "");
  EXPECT_EQ(laid_over("{}", "1"), "");
  EXPECT_EQ(object_or(R"( {"a":1})", "null"), R"( {"a":1})");
  for (const char* other : {"1", "\"x\"", "[]", "null", "true"}) {
    EXPECT_EQ(object_or(other, "null"), "null") << other;
  }
}

}  // namespace
}  // namespace freshet::pluv
