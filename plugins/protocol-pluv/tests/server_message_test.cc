#include "protocol-pluv/server_message.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "freshet/abi/crdt.h"

namespace freshet::pluv {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kAnn = 0x1a2b, kBob = 7;
constexpr std::string_view kAnnUser = R"({"id":"ann"})";
const std::string kAnnId = "p_00000000001a2b", kBobId = "p_00000000000007";

freshet_delivery delivery(uint32_t kind) {
  freshet_delivery d{};
  d.size = sizeof(d);
  d.kind = kind;
  d.format = FRESHET_UPDATE_V1;
  d.room = to_c(std::string_view("room \"1\""));
  d.from = {kAnn, to_c(kAnnUser), 0};
  return d;
}

std::vector<Json> said_in(Format format, freshet_delivery d) {
  d.variant = static_cast<uint32_t>(format);
  std::vector<Json> out;
  const ItemSink sink([&](Bytes message) {
    out.push_back(format == Format::json ? Json::parse(as_text(message))
                                         : Json::from_msgpack(message.begin(), message.end()));
    return Status::ok;
  });
  const Status status = write_delivery(d, Sink(sink.c()));
  EXPECT_TRUE(status == Status::ok || (status == Status::not_found && out.empty()));
  return out;
}

// An update is bytes in msgpack, and base64 in JSON: here for the three that are told in tests.
void name_updates(Json& message) {
  if (!message.at("data").is_object() || !message.at("data").contains("state")) return;
  Json& state = message.at("data").at("state");
  if (!state.is_binary()) return;
  const std::vector<uint8_t> bytes = state.get_binary();  // gone with what it stands in
  if (bytes == std::vector<uint8_t>{0, 0}) state = "AAA=";
  if (bytes == std::vector<uint8_t>{1, 2, 3, 4}) state = "AQIDBA==";
}

// The messages it becomes; each must be JSON, and say the same in msgpack.
std::vector<Json> said(const freshet_delivery& d) {
  std::vector<Json> out = said_in(Format::json, d), packed = said_in(Format::msgpack, d);
  for (Json& message : packed) name_updates(message);
  EXPECT_EQ(packed, out);
  return out;
}

Json data_of_only(const freshet_delivery& d, const std::string& type) {
  const auto messages = said(d);
  EXPECT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages.at(0).at("type"), type);
  EXPECT_EQ(messages.at(0).at("room"), "room \"1\"");
  EXPECT_TRUE(messages.at(0).at("connectionId").is_string()) << "clients pass over null";
  return messages.at(0).at("data");
}

TEST(ServerMessage, AJoinerHearsWhoItIsFirst) {
  freshet_delivery d = delivery(FRESHET_JOINED);
  d.document = FRESHET_DOCUMENT_EMPTY;
  const auto message = said(d).at(0);
  EXPECT_EQ(message.at("connectionId"), kAnnId);
  EXPECT_EQ(message.at("user"), Json::parse(kAnnUser));
  EXPECT_EQ(message.at("data"), Json::parse(R"({"presence":null,"sessionId":")" + kAnnId +
                                            R"(","state":null,"timers":{"presence":null}})"));
}

TEST(ServerMessage, AReturningUserHearsWhatItShowedAndThatThereIsContent) {
  freshet_delivery d = delivery(FRESHET_JOINED);
  d.document = FRESHET_DOCUMENT_KEPT;
  d.shown = to_c(std::string_view(R"({"c":1})"));
  const Json data = data_of_only(d, "$registered");
  EXPECT_EQ(data.at("presence"), Json::parse(R"({"c":1})"));
  EXPECT_EQ(data.at("state"), "AAA=");
}

TEST(ServerMessage, StorageComesWithWhatBecameOfTheOffer) {
  const uint8_t update[] = {1, 2, 3, 4};
  freshet_delivery d = delivery(FRESHET_DIFF);
  d.from = {};
  d.bytes = to_c(Bytes(update));
  for (const auto& [document, kind] : {std::pair{FRESHET_DOCUMENT_EMPTY, "empty"},
                                       {FRESHET_DOCUMENT_SEEDED, "initialized"},
                                       {FRESHET_DOCUMENT_KEPT, "unchanged"}}) {
    d.document = static_cast<uint8_t>(document);
    const Json data = data_of_only(d, "$storageReceived");
    EXPECT_EQ(data, (Json{{"changeKind", kind}, {"state", "AQIDBA=="}}));
  }
  d.format = 9;
  const ItemSink sink([](Bytes) { return Status::ok; });
  EXPECT_EQ(write_delivery(d, Sink(sink.c())), Status::unsupported);
}

TEST(ServerMessage, AnEditIsFromItsAuthor) {
  const uint8_t update[] = {0, 0};
  freshet_delivery d = delivery(FRESHET_UPDATE);
  d.bytes = to_c(Bytes(update));
  const auto message = said(d).at(0);
  EXPECT_EQ(message.at("type"), "$storageUpdated");
  EXPECT_EQ(message.at("data"), (Json{{"state", "AAA="}}));
  EXPECT_EQ(message.at("connectionId"), kAnnId);
  EXPECT_EQ(message.at("user").at("id"), "ann");
}

TEST(ServerMessage, PeopleComeChangeAndGo) {
  const freshet_presence entries[] = {{kAnn, 1, to_c(std::string_view(R"({"x":1})"))},
                                      {kBob, 4, to_c(std::string_view("[\"no object\"]"))},
                                      {9, 2, {nullptr, 0}}};
  const freshet_source sources[] = {{kAnn, to_c(kAnnUser), 1}, {kBob, {nullptr, 0}, 0}, {9, {}, 0}};
  freshet_delivery d = delivery(FRESHET_PRESENCE);
  d.presence = entries;
  d.presence_count = 3;
  d.sources = sources;
  const uint64_t changed_ms[] = {0, 1'795'301'663'874, 0};
  d.changed_ms = changed_ms;
  const auto messages = said(d);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].at("type"), "$userJoined");
  EXPECT_EQ(messages[0].at("connectionId"), kAnnId);
  EXPECT_EQ(messages[0].at("data"),
            Json::parse(R"({"connectionId":")" + kAnnId +
                        R"(","user":{"id":"ann"},"presence":{"x":1},"timers":{"presence":null}})"));
  EXPECT_EQ(messages[1].at("type"), "$presenceUpdated");
  EXPECT_EQ(messages[1].at("connectionId"), kBobId);
  EXPECT_EQ(messages[1].at("data"),
            Json::parse(R"({"presence":{},"timers":{"presence":1795301663874}})"))
      << "awareness need not be an object, pluv's presence must";
  EXPECT_EQ(messages[2].at("type"), "$exit");
  EXPECT_EQ(messages[2].at("data").at("sessionId"), messages[2].at("connectionId"));

  d.whole = 1;
  d.to = kAnn;
  const Json others = data_of_only(d, "$othersReceived").at("others");
  EXPECT_EQ(others.size(), 1u) << "not the asker, nor the gone";
  EXPECT_EQ(others.at(kBobId).at("connectionId"), kBobId);
  EXPECT_EQ(others.at(kBobId).at("user"), nullptr);
  EXPECT_EQ(others.at(kBobId).at("room"), "room \"1\"");
}

TEST(ServerMessage, InMsgpackAnUpdateIsItsBytes) {
  const std::vector<uint8_t> update(70'000, 0xff);
  for (const uint32_t kind : {FRESHET_DIFF, FRESHET_UPDATE}) {
    freshet_delivery d = delivery(kind);
    d.bytes = to_c(Bytes(update));
    const Json state = said_in(Format::msgpack, d).at(0).at("data").at("state");
    ASSERT_TRUE(state.is_binary());
    EXPECT_EQ(static_cast<const std::vector<uint8_t>&>(state.get_binary()), update);
  }
}

TEST(ServerMessage, WhatGoesToOneAloneIsTheSameInBothFormats) {
  const Addressee json{Format::json, kAnnId, "den", kAnnUser};
  Addressee packed = json;
  packed.format = Format::msgpack;
  const auto same = [](const std::string& text, const std::string& binary) {
    EXPECT_EQ(Json::from_msgpack(binary), Json::parse(text));
  };
  same(pong(json), pong(packed));
  same(error(json, "why"), error(packed, "why"));
  same(saved(json, 7), saved(packed, 7));
}

TEST(ServerMessage, NobodyElseIsAnAnswerToo) {
  freshet_delivery d = delivery(FRESHET_PRESENCE);
  d.whole = 1;
  EXPECT_EQ(data_of_only(d, "$othersReceived"), Json::parse(R"({"others":{}})"));
}

TEST(ServerMessage, AnEventKeepsItsNameAndData) {
  freshet_delivery d = delivery(FRESHET_EVENT);
  d.event = to_c(std::string_view("a \"name\""));
  d.bytes = to_c(as_bytes(std::string_view(R"({"deep":[1,{"x":null}]})")));
  const auto message = said(d).at(0);
  EXPECT_EQ(message.at("type"), "a \"name\"");
  EXPECT_EQ(message.at("data"), Json::parse(R"({"deep":[1,{"x":null}]})"));
  EXPECT_EQ(message.at("user").at("id"), "ann");
}

TEST(ServerMessage, RefusalsAndSavesNameTheUpdateTheyAreAbout) {
  freshet_delivery d = delivery(FRESHET_REFUSED);
  d.ticket = 3;
  d.status = FRESHET_DENIED;
  constexpr const char* kWhy = "You may only read in this room.";
  EXPECT_EQ(data_of_only(d, "$error"), (Json{{"message", kWhy}}));
  d.refused = FRESHET_REFUSED_UPDATE;
  EXPECT_EQ(data_of_only(d, "$error"),
            (Json{{"message", kWhy}, {"event", "$updateStorage"}, {"update", 3}}));
  d.refused = FRESHET_REFUSED_EVENT;
  d.event = to_c(std::string_view("wave"));
  EXPECT_EQ(data_of_only(d, "$error"), (Json{{"message", kWhy}, {"event", "wave"}, {"call", 3}}));
  d.ticket = 0;
  d.refused = FRESHET_REFUSED_PRESENCE;
  EXPECT_EQ(data_of_only(d, "$error"), (Json{{"message", kWhy}, {"event", "$updatePresence"}}));
  d = delivery(FRESHET_SAVED);
  d.ticket = 2;
  EXPECT_EQ(data_of_only(d, "$saved"), (Json{{"update", 2}}));
  d.ticket = 0;
  EXPECT_TRUE(said(d).empty());
  EXPECT_TRUE(said(delivery(FRESHET_KEEPALIVE)).empty());
}

}  // namespace
}  // namespace freshet::pluv
