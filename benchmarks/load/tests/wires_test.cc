// What the wires write and read, byte by byte, against what was recorded of real clients and
// servers.
#include <gtest/gtest.h>

#include "bytes_of.h"
#include "load/wires/base64.h"
#include "load/wires/hocuspocus_wire.h"
#include "load/wires/json_member.h"
#include "load/wires/pluv_wire.h"
#include "load/wires/yjs_wire.h"

namespace freshet::load {
namespace {

Person person() {
  return {.room = "r1869", .name = "ann", .client_id = 300, .document = {}, .session = {}};
}

// What was said, frame after frame, without masks.
std::vector<std::string> said(const std::vector<uint8_t>& out) {
  std::vector<std::string> all;
  for (size_t at = 0; at < out.size();) {
    size_t length = out[at + 1] & 0x7f, mask = at + 2;
    if (length == 126) {
      length = static_cast<size_t>(out[at + 2] << 8 | out[at + 3]);
      mask += 2;
    }
    std::string payload;
    for (size_t i = 0; i < length; ++i) {
      payload.push_back(static_cast<char>(out[mask + 4 + i] ^ out[mask + i % 4]));
    }
    all.push_back(payload);
    at = mask + 4 + length;
  }
  return all;
}

std::string text_of(std::string_view hex) { return std::string(as_text(bytes_of(hex))); }

struct Talk {
  explicit Talk(const Wire& of) : wire(of) {}

  unsigned answer(std::string_view message) {
    return wire.answer(wire.read(as_bytes(message), scratch), who, writer);
  }
  Heard read(std::string_view message) { return wire.read(as_bytes(message), scratch); }
  std::vector<std::string> take() {
    auto all = said(out);
    out.clear();
    return all;
  }

  const Wire& wire;
  Person who = person();
  std::vector<uint8_t> out, scratch;
  FrameWriter writer{out, 7};
};

constexpr const char* kShown =
    R"({"user":{"name":"ann"},"cursor":{"anchor":0,"head":0},"place":0})";

TEST(YjsWire, OpensWithStep1AndItsAwarenessAndAnswersStep1) {
  const YjsWire wire("/yjs");
  EXPECT_EQ(wire.target("a/b"), "/yjs/a/b");
  Talk talk(wire);
  wire.open(talk.who, talk.writer);
  const auto opened = talk.take();
  ASSERT_EQ(opened.size(), 2u);
  EXPECT_EQ(opened[0], text_of("00 00 01 00"));
  EXPECT_EQ(opened[1], text_of("01 45 01 ac02 01 40") + kShown);
  talk.answer(text_of("00 00 01 00"));
  EXPECT_EQ(talk.take(), (std::vector<std::string>{text_of("00 01 02 00 00")}));
  talk.who.document = bytes_of("01 01 01 00 04 01 01 74 01 61 00");
  talk.answer(text_of("00 00 01 00"));
  EXPECT_EQ(talk.take(),
            (std::vector<std::string>{text_of("00 01 0b 01 01 01 00 04 01 01 74 01 61 00")}));
}

TEST(YjsWire, ShowsItselfWithAClockThatGrows) {
  const YjsWire wire("");
  Talk talk(wire);
  wire.show(talk.who, talk.writer);
  wire.renew(talk.who, talk.writer);
  const auto shown = talk.take();
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].substr(2, 4), text_of("01 ac02 01"));
  EXPECT_EQ(shown[1].substr(2, 4), text_of("01 ac02 02"));
}

TEST(YjsWire, SaysNothingOfItselfWithoutAwareness) {
  const YjsWire wire("", Awareness::none);
  Talk talk(wire);
  wire.open(talk.who, talk.writer);
  wire.renew(talk.who, talk.writer);
  EXPECT_EQ(talk.take(), (std::vector<std::string>{text_of("00 00 01 00")}));
}

TEST(HocuspocusWire, SaysNothingOfItselfWithoutAwareness) {
  const HocuspocusWire wire("/", "t", Awareness::none);
  Talk talk(wire);
  wire.open(talk.who, talk.writer);
  wire.renew(talk.who, talk.writer);
  EXPECT_EQ(talk.take().size(), 2u) << "its token and step 1";
}

TEST(YjsWire, ReadsWhatServersSay) {
  const YjsWire wire("");
  Talk talk(wire);
  EXPECT_EQ(talk.read(text_of("00 01 02 00 00")).word, Word::state);
  const std::string update = text_of("00 02 02 00 00");
  EXPECT_EQ(talk.read(update).word, Word::update);
  EXPECT_EQ(copy_of(talk.read(update).body), bytes_of("00 00"));
  EXPECT_EQ(talk.read(text_of("01 01 00")).word, Word::presence);
  EXPECT_EQ(talk.read(text_of("03")).word, Word::nothing);
  const std::string denied = text_of("02 00 02 6e6f");
  EXPECT_EQ(talk.read(denied).word, Word::refused);
  EXPECT_EQ(talk.read(denied).text, "no");
  for (const char* broken : {"", "00 03 00", "00 02 05 00", "09", "80"}) {
    EXPECT_EQ(talk.read(text_of(broken)).word, Word::broken) << broken;
  }
}

TEST(YjsWire, SendsAnEditAsAnUpdate) {
  const YjsWire wire("");
  Talk talk(wire);
  wire.edit(talk.who, bytes_of("00 00"), talk.writer);
  EXPECT_EQ(talk.take(), (std::vector<std::string>{text_of("00 02 02 00 00")}));
}

const std::string kAddress = text_of("05 7231383639");

TEST(HocuspocusWire, SaysItsTokenFirstThenStep1ThenItsAwareness) {
  const HocuspocusWire wire("/", "t");
  EXPECT_EQ(wire.target("anything"), "/");
  Talk talk(wire);
  wire.open(talk.who, talk.writer);
  const auto opened = talk.take();
  ASSERT_EQ(opened.size(), 3u);
  EXPECT_EQ(opened[0], kAddress + text_of("02 00 01 74 05") + "4.8.0");
  EXPECT_EQ(opened[1], kAddress + text_of("00 00 01 00"));
  EXPECT_EQ(opened[2], kAddress + text_of("01 45 01 ac02 01 40") + kShown);
}

TEST(HocuspocusWire, AnswersStep1WithAStep2ThatIsAcknowledged) {
  const HocuspocusWire wire("/", "");
  Talk talk(wire);
  EXPECT_EQ(talk.answer(kAddress + text_of("00 00 01 00")), 1u);
  EXPECT_EQ(talk.take(), (std::vector<std::string>{kAddress + text_of("00 01 02 00 00")}));
  EXPECT_EQ(talk.answer(text_of("09")), 0u);
  EXPECT_EQ(talk.take(), (std::vector<std::string>{text_of("0a")}));
  wire.edit(talk.who, bytes_of("00 00"), talk.writer);
  EXPECT_EQ(talk.take(), (std::vector<std::string>{kAddress + text_of("00 02 02 00 00")}));
}

TEST(HocuspocusWire, ReadsWhatWasRecordedOfItsServer) {
  const HocuspocusWire wire("/", "");
  Talk talk(wire);
  const std::pair<const char*, Word> cases[] = {
      {"02 02 0a 726561642d7772697465", Word::nothing},  // "read-write"
      {"02 00", Word::registered},                       // once more, please
      {"00 00 01 00", Word::asked},
      {"00 01 02 00 00", Word::state},
      {"00 02 02 00 00", Word::update},
      {"04 02 02 00 00", Word::update},
      {"01 01 00", Word::presence},
      {"08 01", Word::saved_next},
      {"08 00", Word::refused},
      {"02 01 11 7065726d697373696f6e2d64656e696564", Word::refused},
      {"07 10 526573657420436f6e6e656374696f6e", Word::refused},
      {"0f", Word::broken},
      {"00 05 00", Word::broken},
  };
  for (const auto& [hex, word] : cases)
    EXPECT_EQ(talk.read(kAddress + text_of(hex)).word, word) << hex;
  const std::string reset = kAddress + text_of("07 10 526573657420436f6e6e656374696f6e");
  EXPECT_EQ(talk.read(reset).text, "Reset Connection");
}

TEST(PluvWire, WalksThroughTheDialogueOfAJoin) {
  const PluvWire wire("/pluv", Acks::ask);
  EXPECT_EQ(wire.target("r"), "/pluv/r?acks=1");
  Talk talk(wire);
  wire.open(talk.who, talk.writer);
  EXPECT_TRUE(talk.take().empty()) << "the server speaks first";
  talk.answer(
      R"({"connectionId":"p_b6","room":"r","user":null,"type":"$registered",)"
      R"("data":{"presence":null,"sessionId":"p_b6","state":null,"timers":{"presence":null}}})");
  const auto begun = talk.take();
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_TRUE(begun[0].starts_with(
      R"({"type":"$initializeSession","data":{"presence":{"cursor":null},"update":"AQGs)"))
      << begun[0];
  EXPECT_EQ(
      talk.answer(R"({"type":"$storageReceived","data":{"changeKind":"unchanged","state":"AAA="},)"
                  R"("connectionId":"p_b6","room":"r","user":null})"),
      1u);
  EXPECT_EQ(talk.take(),
            (std::vector<std::string>{
                R"({"type":"$updateStorage","data":{"origin":"$initialized","update":"AAA="}})"}));
  const auto joined = [](const std::string& who) {
    return R"({"type":"$userJoined","data":{"connectionId":")" + who +
           R"(","user":{"connectionId":"x"}}})";
  };
  talk.answer(joined("p_other"));
  EXPECT_TRUE(talk.take().empty());
  talk.answer(joined("p_b6"));
  EXPECT_EQ(talk.take(), (std::vector<std::string>{R"({"type":"$getOthers","data":{}})"}));
}

TEST(PluvWire, WritesWhatTheClientWrites) {
  const PluvWire wire("", Acks::none);
  EXPECT_EQ(wire.target("r"), "/r");
  Talk talk(wire);
  wire.edit(talk.who, bytes_of("00 00"), talk.writer);
  talk.who.place = 4;
  talk.who.state = 9;
  wire.show(talk.who, talk.writer);
  wire.renew(talk.who, talk.writer);
  EXPECT_EQ(talk.take(),
            (std::vector<std::string>{
                R"({"type":"$updateStorage","data":{"origin":null,"update":"AAA="}})",
                R"({"type":"$updatePresence","data":{"presence":{"cursor":9,"place":4}}})",
                R"({"type":"$ping","data":{}})"}));
}

TEST(PluvWire, ReadsWhatServersSay) {
  const PluvWire wire("", Acks::ask);
  Talk talk(wire);
  const std::string update =
      R"({"data":{"state":"AQE="},"type":"$storageUpdated","connectionId":"p"})";
  EXPECT_EQ(talk.read(update).word, Word::update);
  EXPECT_EQ(copy_of(talk.read(update).body), bytes_of("01 01"));
  const std::string saved = R"({"type":"$saved","data":{"update":12}})";
  EXPECT_EQ(talk.read(saved).word, Word::saved_through);
  EXPECT_EQ(talk.read(saved).number, 12u);
  EXPECT_EQ(talk.read(R"({"type":"$presenceUpdated","data":{}})").word, Word::presence);
  EXPECT_EQ(talk.read(R"({"type":"$pong","data":{}})").word, Word::nothing);
  const std::string error = R"({"type":"$error","data":{"message":"Not authorized"}})";
  EXPECT_EQ(talk.read(error).word, Word::refused);
  EXPECT_EQ(talk.read(error).text, "Not authorized");
  for (const char* broken : {"", "[]", R"({"type":"$storageUpdated","data":{"state":"A"}})",
                             R"({"type":"$saved","data":{"update":"1"}})"}) {
    EXPECT_EQ(talk.read(broken).word, Word::broken) << broken;
  }
}

TEST(JsonMember, IsFoundBehindWhateverStandsBeforeIt) {
  const std::string_view object =
      R"( { "a\"type" : "x\\" , "n":-1.5e3, "list":[{"type":"inner"},"]"], "type" : "outer","last":{} } )";
  EXPECT_EQ(json_text(object, "type"), "outer");
  EXPECT_EQ(json_member(object, "n"), "-1.5e3");
  EXPECT_EQ(json_member(object, "list"), R"([{"type":"inner"},"]"])");
  EXPECT_EQ(json_member(object, "last"), "{}");
  EXPECT_EQ(json_member(object, "inner"), std::nullopt);
  for (const char* wrong :
       {"", "{", "{}", R"({"a")", R"({"a":})", R"({"a":"b)", R"({"a":[1)", "[1]"}) {
    EXPECT_EQ(json_member(wrong, "a").value_or("none"), "none") << wrong;
  }
  EXPECT_EQ(json_text(R"({"a":"b\n"})", "a"), "") << "only what needs no unescaping";
  const std::string deep = R"({"a":)" + std::string(65, '[') + std::string(65, ']') + "}";
  EXPECT_EQ(json_member(deep, "a"), std::nullopt);
}

TEST(Base64, IsThatOfTheRfc) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    std::string text;
    append_base64(as_bytes(plain), text);
    EXPECT_EQ(text, coded);
    std::vector<uint8_t> bytes;
    EXPECT_TRUE(read_base64(coded, bytes));
    EXPECT_EQ(as_text(bytes), plain);
  }
  std::vector<uint8_t> bytes;
  for (const char* wrong : {"A", "AAA", "A===", "AA-A", "AA=A"})
    EXPECT_FALSE(read_base64(wrong, bytes)) << wrong;
}

}  // namespace
}  // namespace freshet::load
