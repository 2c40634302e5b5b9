// The values of JSON in msgpack, there and back; the other side is nlohmann's.
#include "protocol-pluv/msgpack_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "protocol-pluv/limits.h"

namespace freshet::pluv {
namespace {

using Json = nlohmann::json;
using Packed = std::vector<uint8_t>;

Json there(std::string_view json) {
  std::string out;
  append_msgpack(out, json);
  return Json::from_msgpack(out);
}

// Not JSON: "refused".
std::string back(const Packed& frame) {
  MsgpackText out;
  return read_msgpack(frame, out) ? out.json : "refused";
}

std::string brackets(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

Packed nested_frame(size_t depth) {
  Packed out(depth, 0x91);
  out.back() = 0x90;
  return out;
}

TEST(MsgpackValue, EveryValueOfJsonIsTheSameThereAndBack) {
  for (const char* json : {"null",
                           "true",
                           "false",
                           "0",
                           "1",
                           "-1",
                           "127",
                           "128",
                           "-32",
                           "-33",
                           "255",
                           "65536",
                           "4294967296",
                           "9007199254740993",
                           "18446744073709551615",
                           "-9223372036854775808",
                           "0.5",
                           "-2.5e-7",
                           "1e300",
                           R"("")",
                           R"("größer 😀 \"\\\u0001")",
                           "[]",
                           "{}",
                           "[[],{}]",
                           R"([1,[2,[3]],"x"])",
                           R"({"a":{"b":[null,true]},"c":"","":0})"}) {
    const Json value = Json::parse(json);
    EXPECT_EQ(there(json), value) << json;
    EXPECT_EQ(Json::parse(back(Json::to_msgpack(value))), value) << json;
    std::string ours;
    append_msgpack(ours, json);
    EXPECT_EQ(Json::parse(back(Packed(ours.begin(), ours.end()))), value) << json;
  }
  EXPECT_EQ(there(" [ 1 , { \"a\" : [ ] } ] "), Json::parse(R"([1,{"a":[]}])"));
}

TEST(MsgpackValue, LongOnesToo) {
  Json value = {{"text", std::string(70'000, 'x')}, {"list", Json::array()}};
  for (int i = 0; i < 70'000; ++i) value["list"].push_back(i);
  EXPECT_EQ(there(value.dump()), value);
  EXPECT_EQ(Json::parse(back(Json::to_msgpack(value))), value);
}

TEST(MsgpackValue, NumbersThatFitNothingAreWhatJavaScriptMakesOfThem) {
  EXPECT_EQ(there("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(there("-1e999"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(there("1e-999"), 0.0);
  EXPECT_EQ(there("18446744073709551616"), 18446744073709551616.0);
}

TEST(MsgpackValue, HalfACharacterBecomesTheReplacementCharacter) {
  EXPECT_EQ(there(R"({"\ud83d":"a\ude00b"})"), (Json{{"\uFFFD", "a\uFFFDb"}}));
}

TEST(MsgpackValue, WhatJsonCannotSayIsRefused) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const Packed& frame :
       {Packed{}, Packed{0xc1}, Packed{0xd4, 1, 2}, Packed{0xc4, 1, 0}, Packed{0x81, 1, 2},
        Packed{0x81, 0xc0, 2}, Packed{0x81, 0x90, 2}, Packed{0x81, 0xc4, 0, 2}, Packed{0xa1, 0xff},
        Packed{0xa2, 'a'}, Packed{0x92, 1}, Packed{1, 2}, Packed{0xdd, 0xff, 0xff, 0xff, 0xff, 1},
        Json::to_msgpack(Json(inf)), Json::to_msgpack(Json(std::nan("")))}) {
    EXPECT_EQ(back(frame), "refused");
  }
}

TEST(MsgpackValue, BoundsDepth) {
  // The message itself is one level.
  EXPECT_EQ(back(nested_frame(kMaxDepth + 1)), brackets(kMaxDepth + 1));
  EXPECT_EQ(back(nested_frame(kMaxDepth + 2)), "refused");
  EXPECT_EQ(back(nested_frame(100'000)), "refused");
  EXPECT_EQ(there(brackets(kMaxDepth)), Json::parse(brackets(kMaxDepth)));
  EXPECT_EQ(there("[" + brackets(kMaxDepth) + "]").dump().find("null"), kMaxDepth);
}

// A frame of 1 byte values is what grows most.
TEST(MsgpackValue, TheTextIsNoMoreThanSixTimesTheFrame) {
  for (const Packed& frame : {Json::to_msgpack(Json(std::vector<bool>(10'000, false))),
                              Json::to_msgpack(Json(std::string(10'000, '\x01')))}) {
    EXPECT_LE(back(frame).size(), frame.size() * 6);
  }
}

}  // namespace
}  // namespace freshet::pluv
