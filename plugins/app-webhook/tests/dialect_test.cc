#include "app-webhook/dialect/dialect.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "app-webhook/dialect/entry.h"
#include "app-webhook/sending/backoff.h"
#include "app-webhook/signing/canonical_json.h"
#include "app-webhook/signing/signature.h"
#include "freshet/sink.h"

namespace freshet::webhook {
namespace {

using Json = nlohmann::json;

freshet_str str(std::string_view text) { return to_c(text); }

Options options(Dialect dialect) {
  Options out;
  out.secret = "whsec";
  out.dialect = dialect;
  out.states = ~0u;
  out.room_destroyed = out.storage_destroyed = true;
  return out;
}

freshet_notice notice(uint32_t kind, std::string_view user = {}) {
  freshet_notice out{};
  out.size = sizeof(out);
  out.kind = kind;
  out.room = str("r1");
  out.unix_ms = 1'700'000'000'123;
  out.session = 7;
  out.user = user.empty() ? freshet_str{nullptr, 0} : str(user);
  return out;
}

// Taken with pluv's own code; see fixtures/README.md.
Json vectors() {
  std::ifstream in(FIXTURES "/pluv-webhook-vectors.json");
  return Json::parse(in);
}

// ---- pluv

TEST(Pluv, SignsEveryBodyOfTheVectorsAsPluvDoes) {
  const Json all = vectors();
  int good = 0, bad = 0;
  for (const Json& row : all["rows"]) {
    const std::string name = row["name"];
    const auto body = canonical(row["request"]["body"].get<std::string>());
    if (!body || row["request"]["signature"].is_null()) continue;
    const std::string mine = "sha256=" + hmac_sha256(all["secret"].get<std::string>(), *body);
    // Refused for its signature, or taken for it.
    const bool is_same = row["request"]["signature"] == mine;
    EXPECT_EQ(is_same, row["status"] != 401) << name;
    (is_same ? good : bad)++;
  }
  EXPECT_GE(good, 9);
  EXPECT_GE(bad, 2);
}

// The body that some notice makes is the one of this row, and so is its signature.
void expect_row(const std::string& name, const std::string& body) {
  const Json all = vectors();
  for (const Json& row : all["rows"]) {
    if (row["name"] != name) continue;
    EXPECT_EQ(Json::parse(body), Json::parse(row["request"]["body"].get<std::string>())) << name;
    EXPECT_EQ(body, *canonical(body)) << "not in canonical form";
    const Options o = options(Dialect::pluv);
    EXPECT_EQ(Speech(o).signature(body, 1),
              "x-pluv-signature-256: " + row["request"]["signature"].get<std::string>());
    return;
  }
  ADD_FAILURE() << "no row " << name;
}

// As it is sent while the room's document is this.
std::string sent(const std::string& text, std::string_view state) {
  const auto entry = read_entry(text);
  if (!entry) return "damaged";
  return entry->storage_at ? with_storage(*entry, as_bytes(state)) : text;
}

constexpr std::string_view kEmpty("\0\0", 2);

// The same, with the document of the vectors, which is an empty one and by us told as null.
std::string sent_as_vector(const std::string& text) {
  std::string out = sent(text, "ab");
  return out.replace(out.find("YWI="), 4, "AAA=");
}

TEST(Pluv, SaysOfEachNoticeWhatTheVectorsSay) {
  const Options o = options(Dialect::pluv);
  const Speech speech(o);
  expect_row("initial-storage (none)", speech.initial_storage("r1", 1));
  const auto deleted = speech.entries(notice(FRESHET_ROOM_DELETED));
  ASSERT_EQ(deleted.size(), 2u);
  expect_row("room-destroyed", sent(deleted[0], kEmpty));
  expect_row("storage-destroyed", sent_as_vector(deleted[1]));
  EXPECT_EQ(sent(deleted[1], ""),
            R"({"data":{"room":"r1","storage":null},"event":"storage-destroyed"})");
  const auto came =
      speech.entries(notice(FRESHET_USER_CONNECTED, R"({"name":"N","id":"u1","extra":1})"));
  ASSERT_EQ(came.size(), 1u);
  expect_row("user-connected", sent(came[0], kEmpty));
  const auto went = speech.entries(notice(FRESHET_USER_DISCONNECTED, R"({"id":"u1","name":"N"})"));
  ASSERT_EQ(went.size(), 1u);
  expect_row("user-disconnected", sent_as_vector(went[0]));
}

TEST(Pluv, TellsTheStateAsBase64AndOfAnEmptyRoomAsNull) {
  const Options o = options(Dialect::pluv);
  const Speech speech(o);
  const auto deleted = speech.entries(notice(FRESHET_ROOM_DELETED));
  EXPECT_EQ(Json::parse(sent(deleted[1], "abcd"))["data"]["storage"], "YWJjZA==");
  const auto went = speech.entries(notice(FRESHET_USER_DISCONNECTED, R"({"id":"u"})"));
  EXPECT_TRUE(Json::parse(sent(went.at(0), kEmpty))["data"]["storage"].is_null());
}

TEST(Pluv, SaysNullWhereTheStateIsNotWanted) {
  Options o = options(Dialect::pluv);
  o.states = 0;
  const auto deleted = Speech(o).entries(notice(FRESHET_ROOM_DELETED));
  EXPECT_EQ(deleted.at(1), R"({"data":{"room":"r1","storage":null},"event":"storage-destroyed"})");
}

TEST(Pluv, HasNoWordsForWhoeverIsNobodyAndForWhatPluvDoesNotTell) {
  const Options o = options(Dialect::pluv);
  const Speech speech(o);
  EXPECT_TRUE(speech.entries(notice(FRESHET_USER_CONNECTED)).empty());
  EXPECT_TRUE(speech.entries(notice(FRESHET_USER_CONNECTED, "\"ann\"")).empty());
  EXPECT_TRUE(speech.entries(notice(FRESHET_STORAGE_UPDATED)).empty());
  EXPECT_TRUE(speech.entries(notice(FRESHET_ROOM_MESSAGE, R"({"id":"u"})")).empty());
}

TEST(Pluv, WritesARoomsNameAsJsonHasIt) {
  const Options o = options(Dialect::pluv);
  EXPECT_EQ(Speech(o).initial_storage("a\"b\n\xc3\xa9", 1),
            "{\"data\":{\"room\":\"a\\\"b\\n\xc3\xa9\"},\"event\":\"initial-storage\"}");
}

// ---- freshet

TEST(Freshet, NamesEveryEventAndSaysWhen) {
  const Options o = options(Dialect::freshet);
  const Speech speech(o);
  const Json one = Json::parse(
      sent(speech.entries(notice(FRESHET_USER_CONNECTED, R"({"id":"u"})")).at(0), "abcd"));
  EXPECT_EQ(one["time"], 1'700'000'000'123);
  EXPECT_EQ(one["event"], "user-connected");
  EXPECT_EQ(one["room"], "r1");
  EXPECT_EQ(one["data"], Json::parse(R"({"session":7,"user":{"id":"u"},"storage":"YWJjZA=="})"));
  const Json two = Json::parse(sent(speech.entries(notice(FRESHET_USER_CONNECTED)).at(0), ""));
  EXPECT_EQ(one["id"].get<std::string>().size(), 32u);
  EXPECT_NE(one["id"], two["id"]);
  EXPECT_TRUE(two["data"]["user"].is_null());
}

TEST(Freshet, TellsTheEndOfARoomAgainUnderTheSameId) {
  const Options o = options(Dialect::freshet);
  const auto id_of_end = [&](uint64_t id, std::string_view room, uint64_t unix_ms) {
    freshet_notice end = notice(FRESHET_ROOM_DELETED);
    end.id = id;
    end.room = str(room);
    end.unix_ms = unix_ms;
    return Json::parse(sent(Speech(o).entries(end).at(0), ""))["id"].get<std::string>();
  };
  const std::string once = id_of_end(17, "r1", 1);
  EXPECT_EQ(once.size(), 32u);
  EXPECT_EQ(id_of_end(17, "r1", 2), once);
  EXPECT_NE(id_of_end(18, "r1", 1), once);
  EXPECT_NE(id_of_end(17, "r2", 1), once);
  EXPECT_NE(id_of_end(0, "r1", 1), id_of_end(0, "r1", 1));  // of a server alone
}

TEST(Freshet, LeavesTheStateOutWhereItIsNotWanted) {
  Options o = options(Dialect::freshet);
  o.states = 0;
  const Json json = Json::parse(Speech(o).entries(notice(FRESHET_ROOM_DELETED)).at(0));
  EXPECT_EQ(json["event"], "room-deleted");
  EXPECT_EQ(json["data"], Json::object());
}

TEST(Freshet, TellsMessagesByTheirKind) {
  Options o = options(Dialect::freshet);
  o.states = 0;
  const Speech speech(o);
  freshet_notice message = notice(FRESHET_ROOM_MESSAGE);
  message.message = FRESHET_MESSAGE_EVENT;
  message.name = str("wave");
  message.data = to_c(as_bytes(R"({"to": "bo"})"));
  EXPECT_EQ(Json::parse(speech.entries(message).at(0))["data"],
            Json::parse(R"({"session":7,"user":null,"kind":"event","name":"wave",
                            "value":{"to":"bo"}})"));
  message.message = FRESHET_MESSAGE_UPDATE;
  message.data = to_c(as_bytes("abcd"));
  EXPECT_EQ(Json::parse(speech.entries(message).at(0))["data"]["update"], "YWJjZA==");
  message.message = FRESHET_MESSAGE_PRESENCE;
  message.data = {nullptr, 0};
  EXPECT_TRUE(Json::parse(speech.entries(message).at(0))["data"]["value"].is_null());
}

TEST(Freshet, SignsTheTimeOfSendingWithTheBody) {
  const Options o = options(Dialect::freshet);
  EXPECT_EQ(Speech(o).signature("{}", 1'700'000'000'999),
            "x-freshet-signature: t=1700000000,v1=" + hmac_sha256("whsec", "1700000000.{}"));
}

TEST(Signature, IsHmacSha256) {
  // RFC 4231, test cases 2 and 6: a short key, and one longer than a block.
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// ---- answers

TEST(Answers, SayWhetherAnEventWasTaken) {
  const Options pluv = options(Dialect::pluv), ours = options(Dialect::freshet);
  const auto judge = [](const Options& o, long status, const std::string& body) {
    return Speech(o).judge({"", status, body}).verdict;
  };
  EXPECT_EQ(judge(ours, 200, ""), Verdict::taken);
  EXPECT_EQ(judge(ours, 204, ""), Verdict::taken);
  EXPECT_EQ(judge(pluv, 200, R"({"ok":true,"data":{}})"), Verdict::taken);
  EXPECT_EQ(judge(pluv, 200, R"({"ok":false})"), Verdict::unavailable);
  EXPECT_EQ(judge(pluv, 200, "<html>"), Verdict::unavailable);
  EXPECT_EQ(judge(pluv, 200, "[]"), Verdict::unavailable);
  for (const long refused : {301L, 400L, 401L, 404L, 410L, 422L}) {
    EXPECT_EQ(judge(ours, refused, ""), Verdict::refused) << refused;
  }
  for (const long later : {408L, 425L, 429L, 500L, 502L, 503L, 0L, 101L}) {
    EXPECT_EQ(judge(ours, later, ""), Verdict::unavailable) << later;
  }
  const Judgement gone = Speech(ours).judge({"Connection refused", 0, ""});
  EXPECT_EQ(gone.verdict, Verdict::unavailable);
  EXPECT_EQ(gone.reason, "Connection refused");
}

TEST(Answers, GiveAFirstState) {
  const Options pluv = options(Dialect::pluv), ours = options(Dialect::freshet);
  std::string state, reason;
  const auto read = [&](const Options& o, long status, const std::string& body, bool cut = false) {
    return Speech(o).read_initial_storage({"", status, body, cut}, state, reason);
  };
  EXPECT_EQ(read(pluv, 200, R"({"ok":true,"data":{"storage":"YWJjZA=="}})"), Status::ok);
  EXPECT_EQ(state, "abcd");
  EXPECT_EQ(read(pluv, 200, R"({"ok":true,"data":{"storage":null}})"), Status::not_found);
  EXPECT_EQ(read(pluv, 200, R"({"ok":true,"data":{}})"), Status::malformed);
  EXPECT_EQ(read(pluv, 200, R"({"ok":true,"data":{"storage":7}})"), Status::malformed);
  EXPECT_EQ(read(pluv, 200, R"({"ok":true,"data":{"storage":"*"}})"), Status::malformed);
  EXPECT_EQ(read(pluv, 200, R"({"ok":true})"), Status::malformed);
  EXPECT_EQ(read(pluv, 404, ""), Status::retry);
  EXPECT_EQ(read(ours, 200, R"({"storage":"YWJjZA=="})"), Status::ok);
  EXPECT_EQ(read(ours, 200, R"({"storage":""})"), Status::not_found);
  EXPECT_EQ(read(ours, 200, "", true), Status::too_large);
  EXPECT_EQ(read(ours, 404, ""), Status::not_found);
  EXPECT_EQ(read(ours, 500, ""), Status::retry);
  EXPECT_EQ(read(ours, 200, "not json"), Status::malformed);
}

TEST(Backoff, DoublesUpToItsBoundAndLeavesHalfToChance) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto within = [&](uint64_t failures, uint64_t whole) {
      const uint64_t ms = backoff_ms(failures, 100, 1000, random);
      EXPECT_LE(ms, whole);
      EXPECT_GE(ms, whole / 2);
    };
    within(1, 100);
    within(2, 200);
    within(4, 800);
    within(5, 1000);
    within(UINT64_MAX, 1000);
  }
  EXPECT_LE(backoff_ms(1, 5000, 1000, random), 1000u);
}

}  // namespace
}  // namespace freshet::webhook
