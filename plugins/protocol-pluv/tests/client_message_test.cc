#include "protocol-pluv/client_message.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "freshet/format/json.h"
#include "protocol-pluv/limits.h"

namespace freshet::pluv {
namespace {

struct Read {
  explicit Read(std::string json) : text(std::move(json)), flaw(read_message(text, message)) {}
  std::string text;
  ClientMessage message;
  Flaw flaw;
};

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(ClientMessage, ReadsWhatAStockClientSends) {
  const Read begin(R"({"type":"$initializeSession","data":{"presence":{"x":1},"update":"AAA="}})");
  EXPECT_EQ(begin.flaw.text, "");
  EXPECT_EQ(begin.message.kind, ClientKind::initialize_session);
  EXPECT_EQ(begin.message.presence, R"({"x":1})");
  EXPECT_EQ(begin.message.update, (std::vector<uint8_t>{0, 0}));

  EXPECT_EQ(Read(R"({"type":"$getOthers","data":{}})").message.kind, ClientKind::get_others);
  EXPECT_EQ(Read(R"({"type":"$ping","data":{}})").message.kind, ClientKind::ping);

  const Read moved(R"({"data":{"presence":{"cursor":null}},"type":"$updatePresence"})");
  EXPECT_EQ(moved.message.kind, ClientKind::update_presence);
  EXPECT_EQ(moved.message.presence, R"({"cursor":null})");

  const Read edit(R"({"type":"$updateStorage","data":{"origin":null,"update":"AAA="}})");
  EXPECT_EQ(edit.message.kind, ClientKind::update_storage);
  EXPECT_FALSE(edit.message.initialized);
  EXPECT_TRUE(Read(R"({"type":"$updateStorage","data":{"origin":"$initialized","update":""}})")
                  .message.initialized);
}

TEST(ClientMessage, AClientWithoutStorageOffersNoUpdate) {
  for (const char* update : {R"("")", "null"}) {
    const Read read(R"({"type":"$initializeSession","data":{"presence":{},"update":)" +
                    std::string(update) + "}}");
    EXPECT_EQ(read.flaw.text, "") << update;
    EXPECT_TRUE(read.message.update.empty());
  }
}

TEST(ClientMessage, AnEventsDataIsPassedOnAsItCame) {
  const Read read(R"({ "type" : "moved" , "data" : { "a" : [1,  2], "b":"\ud83d" } , "x":1 })");
  EXPECT_EQ(read.flaw.text, "");
  EXPECT_EQ(read.message.kind, ClientKind::event);
  EXPECT_EQ(read.message.name, "moved");
  EXPECT_EQ(read.message.data, R"({ "a" : [1,  2], "b":"\ud83d" })");
  EXPECT_EQ(Read(R"({"type":"e","data":null})").message.data, "null");
  EXPECT_EQ(Read(R"({"type":"e","data":[]})").message.data, "[]");
  EXPECT_EQ(Read(R"({"type":"__proto__","data":{"__proto__":{}}})").flaw.text, "");
}

TEST(ClientMessage, SaysWhatIsWrong) {
  for (const char* text : {"", "no json", "{", R"({"type":"a","data":{}}x)", "{\"type\":\"a\",}"}) {
    EXPECT_NE(Read(text).flaw.text.find("no JSON"), std::string_view::npos) << text;
  }
  for (const char* text : {"null", "42", "\"x\"", "[]", R"({"data":{}})", R"({"type":1,"data":{}})",
                           R"({"type":null,"data":{}})"}) {
    EXPECT_NE(Read(text).flaw.text.find("type"), std::string_view::npos) << text;
  }
  for (const char* data : {"1", "\"x\"", "true"}) {
    const Read read(R"({"type":"a","data":)" + std::string(data) + "}");
    EXPECT_NE(read.flaw.text.find("data"), std::string_view::npos) << data;
  }
  EXPECT_NE(Read(R"({"type":"a"})").flaw.text.find("data"), std::string_view::npos);
}

TEST(ClientMessage, NobodySpeaksInTheServersName) {
  for (const char* name : {"$storageUpdated", "$exit", "$registered", "$error", "$", "$ping ",
                           "\\u0024exit", "$saved"}) {
    const Read read(R"({"type":")" + std::string(name) + R"(","data":{}})");
    EXPECT_NE(read.flaw.text.find("server's"), std::string_view::npos) << name;
  }
}

// Parsers of other hands take the last of two equal keys, and so do we.
TEST(ClientMessage, TheLastOfTwoTypesCounts) {
  EXPECT_NE(Read(R"({"type":"a","type":"$exit","data":{}})").flaw.text, "");
  EXPECT_NE(Read(R"({"type":"a","\u0074ype":"$exit","data":{}})").flaw.text, "");
  EXPECT_EQ(Read(R"({"type":"$exit","type":"a","data":{}})").message.name, "a");
}

TEST(ClientMessage, PresenceIsAnObject) {
  for (const char* value : {"1", "\"x\"", "[]", "true", "null"}) {
    const Read read(R"({"type":"$updatePresence","data":{"presence":)" + std::string(value) + "}}");
    EXPECT_NE(read.flaw.text.find("presence"), std::string_view::npos) << value;
    EXPECT_FALSE(read.flaw.final);
  }
  EXPECT_NE(Read(R"({"type":"$updatePresence","data":null})").flaw.text, "");
}

// ---- msgpack

using Json = nlohmann::json;

struct Unpacked {
  explicit Unpacked(const Json& json) : Unpacked(Json::to_msgpack(json)) {}
  explicit Unpacked(std::vector<uint8_t> bytes)
      : frame(std::move(bytes)), flaw(read_message(Bytes(frame), text, message)) {}
  std::vector<uint8_t> frame;
  MsgpackText text;
  ClientMessage message;
  Flaw flaw;
};

Json message(const std::string& type, Json data) {
  return Json{{"type", type}, {"data", std::move(data)}};
}

TEST(ClientMessage, InMsgpackTheMessagesAreTheSameAndUpdatesAreBytes) {
  const Unpacked begin(
      message("$initializeSession", {{"presence", {{"x", 1}}}, {"update", Json::binary({0, 0})}}));
  EXPECT_EQ(begin.flaw.text, "");
  EXPECT_EQ(begin.message.kind, ClientKind::initialize_session);
  EXPECT_EQ(begin.message.presence, R"({"x":1})");
  EXPECT_EQ(begin.message.update, (std::vector<uint8_t>{0, 0}));

  EXPECT_EQ(Unpacked(message("$getOthers", Json::object())).message.kind, ClientKind::get_others);
  EXPECT_EQ(Unpacked(message("$ping", Json::object())).message.kind, ClientKind::ping);

  const Unpacked moved(message("$updatePresence", {{"presence", {{"cursor", nullptr}}}}));
  EXPECT_EQ(moved.message.kind, ClientKind::update_presence);
  EXPECT_EQ(moved.message.presence, R"({"cursor":null})");

  const Unpacked edit(
      message("$updateStorage", {{"origin", "$initialized"}, {"update", Json::binary({1, 2, 3})}}));
  EXPECT_EQ(edit.message.kind, ClientKind::update_storage);
  EXPECT_TRUE(edit.message.initialized);
  EXPECT_EQ(edit.message.update, (std::vector<uint8_t>{1, 2, 3}));

  const Unpacked event(message("moved", {1, "a\"b", {{"deep", {true, -7, 0.5}}}}));
  EXPECT_EQ(event.message.kind, ClientKind::event);
  EXPECT_EQ(event.message.name, "moved");
  EXPECT_EQ(event.message.data, R"([1,"a\"b",{"deep":[true,-7,0.5]}])");
}

TEST(ClientMessage, InMsgpackAClientWithoutStorageOffersNoUpdate) {
  for (const Json& none : {Json(""), Json(nullptr), Json::binary({})}) {
    const Unpacked read(message("$initializeSession", {{"presence", nullptr}, {"update", none}}));
    EXPECT_EQ(read.flaw.text, "") << none;
    EXPECT_TRUE(read.message.update.empty());
  }
}

TEST(ClientMessage, BytesAreNowhereButInAnUpdate) {
  const Json bytes = Json::binary({1});
  for (const Json& wrong :
       {message("event", bytes), message("event", {{"x", bytes}}), message("event", {bytes}),
        message("event", {{"update", bytes}}), message("$ping", {{"update", bytes}}),
        message("$updateStorage", {{"update", {bytes}}}),
        message("$updatePresence", {{"presence", {{"update", bytes}}}}),
        Json{{"type", "event"}, {"update", bytes}, {"data", nullptr}}}) {
    EXPECT_NE(Unpacked(wrong).flaw.text, "") << wrong;
  }
  const Unpacked in_text(message("$updateStorage", {{"update", "AAA="}}));
  EXPECT_NE(in_text.flaw.text, "");
  EXPECT_TRUE(in_text.flaw.final);
}

// {"data": {"update": bytes}, "type": …, "data": {"origin": null}}
TEST(ClientMessage, InMsgpackTooTheLastOfTwoCounts) {
  const auto pair = [](const std::string& key, const Json& value) {
    std::vector<uint8_t> out = Json::to_msgpack(key);
    const std::vector<uint8_t> packed = Json::to_msgpack(value);
    out.insert(out.end(), packed.begin(), packed.end());
    return out;
  };
  const auto with_last = [&](const Json& last) {
    std::vector<uint8_t> frame = {0x83};
    for (const auto& each : {pair("data", {{"update", Json::binary({1, 2})}}),
                             pair("type", "$updateStorage"), pair("data", last)}) {
      frame.insert(frame.end(), each.begin(), each.end());
    }
    return Unpacked(frame);
  };
  EXPECT_TRUE(with_last({{"origin", nullptr}}).flaw.final) << "an update that is not there";
  EXPECT_EQ(with_last({{"update", Json::binary({3})}}).message.update, std::vector<uint8_t>{3});
  EXPECT_TRUE(with_last({{"update", nullptr}}).message.update.empty());
}

TEST(ClientMessage, InMsgpackWhatIsWrongIsSaidInTheSameWords) {
  EXPECT_NE(Unpacked(message("$exit", Json::object())).flaw.text.find("server's"),
            std::string_view::npos);
  EXPECT_NE(Unpacked(message("a", 1)).flaw.text.find("data"), std::string_view::npos);
  EXPECT_NE(Unpacked(Json::array()).flaw.text.find("type"), std::string_view::npos);
  EXPECT_NE(Unpacked(std::vector<uint8_t>{0xc1}).flaw.text.find("msgpack"), std::string_view::npos);
}

// ---- updates and bounds

// Its sender believes it was taken: going on would leave the two documents apart.
TEST(ClientMessage, AnUpdateThatIsNoneIsFinal) {
  for (const char* value : {"1", "{}", "\"AA\"", "\"not base64!\"", "\"\\ud83d\""}) {
    const Read read(R"({"type":"$updateStorage","data":{"origin":null,"update":)" +
                    std::string(value) + "}}");
    EXPECT_NE(read.flaw.text, "") << value;
    EXPECT_TRUE(read.flaw.final) << value;
  }
  EXPECT_TRUE(Read(R"({"type":"$updateStorage","data":{}})").flaw.final);
}

TEST(ClientMessage, BoundsDepthAndNames) {
  // The message itself is one level.
  const auto event = [](const std::string& data) {
    return Read(R"({"type":"a","data":)" + data + "}").flaw.text;
  };
  EXPECT_EQ(event(nested(kMaxDepth)), "");
  EXPECT_NE(event(nested(kMaxDepth + 1)), "");
  EXPECT_NE(event(nested(50'000)), "");
  const auto named = [](size_t size) {
    return Read(R"({"type":")" + std::string(size, 'n') + R"(","data":{}})").flaw.text;
  };
  EXPECT_EQ(named(kMaxEventNameBytes), "");
  EXPECT_NE(named(kMaxEventNameBytes + 1), "");
  EXPECT_NE(named(0), "");
  EXPECT_NE(Read(R"({"type":"\ud83d","data":{}})").flaw.text, "") << "half a character";
}

}  // namespace
}  // namespace freshet::pluv
