#include "protocol-hocuspocus/stateless.h"

#include <gtest/gtest.h>

namespace freshet::hocuspocus {
namespace {

void expect(std::string_view text, std::string_view name, std::string_view json) {
  const Event event = event_of(text);
  EXPECT_EQ(event.name, name) << text;
  EXPECT_EQ(event.json, json) << text;
  EXPECT_EQ(text_of(event.name, event.json), text) << "as it was sent";
}

TEST(Stateless, ATextIsAnEvent) {
  expect("", "stateless", "\"\"");
  expect("hi", "stateless", "\"hi\"");
  expect("a \"b\"\n\\ \x7f \xf0\x9f\x8c\x8a", "stateless",
         "\"a \\\"b\\\"\\u000a\\\\ \x7f \xf0\x9f\x8c\x8a\"");
  expect("{\"n\":1}", "stateless", "\"{\\\"n\\\":1}\"");
}

TEST(Stateless, ATextThatNamesAnEventIsThatEvent) {
  expect(R"({"type":"chat","data":{"n":1}})", "chat", R"({"n":1})");
  expect(R"({"type":"chat","data":null})", "chat", "null");
  expect(R"({"type":"chat","data":"} , {"})", "chat", R"("} , {")");
  expect(R"({"type":"chat","data":{ "n" : 1 }})", "chat", R"({ "n" : 1 })");
}

TEST(Stateless, OneThatOnlyLooksLikeItIsAText) {
  for (const char* text : {R"({"type": "chat","data":1})", R"({"type":"chat","data":1,"more":2})",
                           R"({"data":1,"type":"chat"})", R"({"type":"chat"})",
                           R"({"type":"","data":1})", R"({"type":"$exit","data":1})",
                           R"({"type":"a\"b","data":1})", R"({"type":"stateless","data":1})",
                           R"({"type":"chat","data":})", R"({"type":"chat","data": 1})",
                           R"({"type":"chat","data":1}})", R"({"type":"chat","data":01})"}) {
    const Event event = event_of(text);
    EXPECT_EQ(event.name, "stateless") << text;
    EXPECT_EQ(text_of(event.name, event.json), text);
  }
  const std::string deep =
      R"({"type":"chat","data":)" + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(event_of(deep).name, "stateless");
  const std::string wordy = R"({"type":")" + std::string(257, 'x') + R"(","data":1})";
  EXPECT_EQ(event_of(wordy).name, "stateless");
}

TEST(Stateless, WhatOthersSendIsSaidAsJson) {
  EXPECT_EQ(text_of("say \"hi\"", "[1]"), R"({"type":"say \"hi\"","data":[1]})");
  EXPECT_EQ(text_of("stateless", R"({"n":1})"), R"({"n":1})") << "an app's, which is no text";
  EXPECT_EQ(text_of("stateless", R"("half \ud83d")"), "half \xef\xbf\xbd");
}

}  // namespace
}  // namespace freshet::hocuspocus
