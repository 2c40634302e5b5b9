// Procedures: what a client gets when it sends an event that an app answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/apps/procedures.h"
#include "core/tests/report/kept_log.h"
#include "core/tests/rooms/pluv_peer.h"
#include "freshet/app.h"
#include "freshet/testing.h"

namespace freshet::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kMessage = R"({"type": "object", "required": ["message"],
    "properties": {"message": {"type": "string", "maxLength": 20}}})";

// An app that a plugin author would write.
class Chat final : public App {
 public:
  Chat() {
    router_.add("sendMessage").input(kMessage).broadcast([](const Call& call, Events& events) {
      return events.send("receiveMessage", call.input());
    });
    router_.add("whoAmI").self(
        [](const Call& call, Events& events) { return events.send("you", call.user()); });
    router_.add("whoIsHere").sync([](const Call& call, Events& events) {
      return events.send("here", call.sessions());
    });
    router_.add("read").wants_document().self(
        [](const Call& call, Events& events) { return events.send("document", call.document()); });
    router_.add("both")
        .broadcast([](const Call&, Events& events) { return events.send("toAll", "1"); })
        .self([](const Call&, Events& events) { return events.send("toOne", "2"); });
    router_.add("edit").broadcast([](const Call& call, Events& events) {
      FRESHET_CHECK(events.send("edited", "null"));
      return events.edit(call.input());
    });
    router_.add("show").self(
        [](const Call& call, Events& events) { return events.show(call.input()); });
    router_.add("evict").self([](const Call& call, Events& events) {
      JsonReader in(call.input());
      in.enter('[');
      in.element();
      return events.evict(std::stoull(std::string(in.value(1))));
    });
    router_.add("fail").self([](const Call&, Events& events) {
      FRESHET_CHECK(events.send("never", "1"));
      return events.fail("Not today.");
    });
    router_.add("throws").self(
        [](const Call&, Events&) -> Status { throw std::runtime_error("a secret"); });
    router_.add("forges").self(
        [](const Call&, Events& events) { return events.send("$registered", "{}"); });
    router_.add("garbles").self(
        [](const Call&, Events& events) { return events.send("fine", "{\"a\":"); });
  }
  AppWants wants() override { return {}; }
  const Router* router() const override { return &router_; }

 private:
  Router router_;
};

class Procedures : public ::testing::Test {
 protected:
  Procedures() : world({.auth = &auth, .apps = {bound.table()}}) {}

  // Who is registered and initialized, with nothing left of what it was told on the way.
  std::unique_ptr<PluvPeer> come(const std::string& user) {
    auto peer = std::make_unique<PluvPeer>(world, "?token=" + user);
    ids[user] = peer->only("$registered").at("connectionId");
    peer->begin({{"at", user}});
    peer->built();
    peer->heard.clear();
    return peer;
  }
  // Data of what somebody was told by that name.
  static std::vector<Json> data_of(PluvPeer& peer, const std::string& type) {
    std::vector<Json> out;
    for (const Json& message : peer.take(type)) out.push_back(message.at("data"));
    return out;
  }
  static std::string error_of(PluvPeer& peer) {
    return peer.only("$error").at("data").at("message").get<std::string>();
  }

  Chat chat;
  ::freshet::testing::FakeHost host;
  Bound<App> bound{chat, host.host()};
  TokenAuth auth;
  World world;
  std::map<std::string, std::string> ids;
};

TEST_F(Procedures, BroadcastGoesToEverybodyInTheNameOfTheCaller) {
  auto ann = come("ann"), bob = come("bob");
  ann->heard.clear();
  ann->say("sendMessage", {{"message", "hi"}});
  for (PluvPeer* peer : {ann.get(), bob.get()}) {
    const Json message = peer->only("receiveMessage");
    EXPECT_EQ(message.at("data"), (Json{{"message", "hi"}}));
    EXPECT_EQ(message.at("user"), (Json{{"id", "ann"}}));
    EXPECT_EQ(message.at("connectionId"), ids["ann"]);
    EXPECT_THAT(peer->take("sendMessage"), IsEmpty()) << "the event itself goes to nobody";
  }
}

TEST_F(Procedures, SelfGoesToTheCallerOnly) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("whoAmI", Json::object());
  EXPECT_THAT(data_of(*ann, "you"), ElementsAre(Json{{"id", "ann"}}));
  EXPECT_THAT(bob->take("you"), IsEmpty());
}

TEST_F(Procedures, SyncKnowsWhoIsHereAndWhatTheyShow) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("whoIsHere", Json::object());
  const Json here = ann->only("here").at("data");
  ASSERT_EQ(here.size(), 2u);
  EXPECT_EQ(here[0].at("user"), (Json{{"id", "ann"}}));
  EXPECT_EQ(here[1].at("presence"), (Json{{"at", "bob"}}));
  EXPECT_THAT(bob->take("here"), IsEmpty());
}

TEST_F(Procedures, ReadTheDocument) {
  auto ann = come("ann");
  Author author(77);
  ann->type(author, "hello");
  ann->say("read", Json::object());
  EXPECT_THAT(data_of(*ann, "document"), ElementsAre(Json{{"text", "hello"}}));
}

TEST_F(Procedures, SeveralHandlersOfOneAreAllHeard) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("both", Json::object());
  EXPECT_EQ(ann->take("toAll").size(), 1u);
  EXPECT_EQ(ann->take("toOne").size(), 1u);
  EXPECT_EQ(bob->take("toAll").size(), 1u);
  EXPECT_EQ(bob->take("toOne").size(), 0u);
}

TEST_F(Procedures, WhatDoesNotFitTheSchemaIsToldToItsSenderOnly) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("sendMessage", {{"message", 123}});
  EXPECT_THAT(error_of(*ann), HasSubstr("message"));
  ann->say("sendMessage", {{"message", std::string(21, 'x')}});
  EXPECT_THAT(error_of(*ann), HasSubstr("message"));
  ann->say("sendMessage", Json::object());
  EXPECT_THAT(error_of(*ann), HasSubstr("message"));
  EXPECT_THAT(bob->take("$error"), IsEmpty());
  ann->say("sendMessage", {{"message", "still alive"}});
  EXPECT_EQ(bob->take("receiveMessage").size(), 1u);
}

TEST_F(Procedures, ThatFailDoNothingAndSayWhy) {
  auto ann = come("ann");
  ann->say("fail", Json::object());
  EXPECT_EQ(error_of(*ann), "Not today.");
  EXPECT_THAT(ann->take("never"), IsEmpty());
  ann->say("throws", Json::object());
  EXPECT_EQ(error_of(*ann), "The server failed to answer.");
}

TEST_F(Procedures, CannotForgeOrGarble) {
  auto ann = come("ann");
  ann->say("forges", Json::object());
  EXPECT_EQ(error_of(*ann), "The server failed to answer.");
  EXPECT_TRUE(world.logged("an event without a proper name"));
  world.run_ms(15'000);  // the log is told again
  ann->say("garbles", Json::object());
  EXPECT_EQ(error_of(*ann), "The server failed to answer.");
  EXPECT_TRUE(world.logged("an event that is not JSON"));
  EXPECT_THAT(ann->take("$registered"), IsEmpty());
}

TEST_F(Procedures, EditTheDocumentAsOneTransactionThatIsStored) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("edit", Json::parse(R"([
      {"op": "insert_text", "root": "text", "kind": "text", "index": 0, "text": "hello"}])"));
  for (PluvPeer* peer : {ann.get(), bob.get()}) {
    const Json updated = peer->only("$storageUpdated").at("data");
    EXPECT_EQ(peer->text_of(updated.at("state")), "hello");
    EXPECT_EQ(peer->take("edited").size(), 1u);
  }
  world.kill();
  world.start();
  auto late = come("late");
  late->say("read", Json::object());
  EXPECT_THAT(data_of(*late, "document"), ElementsAre(Json{{"text", "hello"}}));
}

TEST_F(Procedures, AnEditThatCannotBeDoneSendsNoEventsEither) {
  auto ann = come("ann");
  ann->say("edit", Json::parse(R"([{"op": "no such thing"}])"));
  EXPECT_EQ(ann->take("$error").size(), 1u);
  EXPECT_THAT(ann->take("edited"), IsEmpty());
  EXPECT_THAT(ann->take("$storageUpdated"), IsEmpty());
}

TEST_F(Procedures, ShowForTheirCaller) {
  auto ann = come("ann"), bob = come("bob");
  ann->say("show", {{"typing", true}});
  const Json shown = bob->only("$presenceUpdated").at("data").at("presence");
  EXPECT_EQ(shown, (Json{{"at", "ann"}, {"typing", true}}));
}

TEST_F(Procedures, EvictForGood) {
  auto ann = come("ann"), bob = come("bob");
  const uint64_t session = std::stoull(ids["bob"].substr(2), nullptr, 16);
  ann->say("evict", Json::array({session}));
  EXPECT_EQ(bob->close_code, 3000);
  EXPECT_EQ(ann->take("$exit").size(), 1u);
  EXPECT_EQ(ann->close_code, 0);
}

TEST_F(Procedures, ASessionThatIsNoneEvictsNobody) {
  auto ann = come("ann");
  ann->say("evict", Json::array({0}));
  EXPECT_EQ(ann->close_code, 0);
  EXPECT_EQ(error_of(*ann), "The server failed to answer.");
}

TEST_F(Procedures, OneSessionsLargeInputsLeaveSpaceForOthers) {
  Limits limits;
  limits.app_bytes = 2 << 20;  // 32 KiB for the calls of one session
  World small({.limits = limits, .auth = &auth, .apps = {bound.table()}});
  PluvPeer loud(small, "?token=loud"), calm(small, "?token=calm");
  for (PluvPeer* peer : {&loud, &calm}) peer->begin();
  loud.heard.clear();
  for (int i = 0; i < 20; ++i) loud.say_at_once("whoAmI", {{"padding", std::string(20'000, 'x')}});
  calm.say("whoAmI", Json::object());
  EXPECT_EQ(calm.take("you").size(), 1u);
  EXPECT_GT(loud.take("you").size(), 0u);
  EXPECT_GT(loud.take("$error").size(), 0u);
}

TEST_F(Procedures, AnInputThatIsTooLargeIsRefusedAndItsSenderStays) {
  auto ann = come("ann");
  ann->heard.clear();
  const size_t most = (size_t{1} << 20) - std::string_view(R"([""])").size();
  ann->say("whoAmI", Json::array({std::string(most + 1, 'x')}));
  EXPECT_THAT(error_of(*ann), HasSubstr("larger than the server takes"));
  ann->heard.clear();
  ann->say("whoAmI", Json::array({std::string(most, 'x')}));
  EXPECT_THAT(ann->take("you"), ::testing::SizeIs(1));
}

TEST_F(Procedures, ThoseOfOneRoomAreAnsweredInTheirOrder) {
  auto ann = come("ann"), bob = come("bob");
  for (int i = 0; i < 50; ++i) {
    ann->say_at_once("sendMessage", {{"message", std::to_string(i)}});
  }
  world.settle();
  const auto received = data_of(*bob, "receiveMessage");
  ASSERT_EQ(received.size(), 50u);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(received[i].at("message"), std::to_string(i));
}

TEST_F(Procedures, OneSessionMayNotCallWithoutEnd) {
  auto ann = come("ann");
  for (int i = 0; i < 150; ++i) ann->say_at_once("sendMessage", {{"message", "x"}});
  world.settle();
  EXPECT_EQ(ann->take("receiveMessage").size() + ann->take("$error").size(), 150u);
}

TEST_F(Procedures, WhoMayOnlyReadMayNotCall) {
  auto bob = come("bob");
  PluvPeer reader(world, "?token=reader");
  reader.begin();
  reader.say("sendMessage", {{"message", "hi"}});
  EXPECT_EQ(reader.take("$error").size(), 1u);
  EXPECT_THAT(bob->take("receiveMessage"), IsEmpty());
}

// ---- declarations

class Declared : public ::testing::Test {
 protected:
  static std::string problems_of(const std::string& declaration) {
    static std::string declared;
    declared = declaration;
    freshet_app table{};
    table.size = sizeof(table);
    table.wants = [](void*, freshet_app_wants* out) { *out = {sizeof(*out), 0, 0, 0, 0}; };
    table.procedures = [](void*, const freshet_sink* out) {
      return out->write(out->ctx, to_c(as_bytes(declared)));
    };
    table.call = [](void*, const freshet_call*, freshet_reply) {};
    const freshet_platform platform{};
    Metrics metrics;
    KeptLog log;
    Replies replies(platform, metrics, log);
    const Application app(table, "app-acme", platform, replies, false);
    ::freshet::Procedures procedures;
    Problems problems("m.toml");
    EXPECT_EQ(procedures.read(app, {&table, "app-acme", 9}, problems), Status::ok);
    return problems.text();
  }
};

TEST_F(Declared, AGoodOneIsTaken) {
  EXPECT_EQ(problems_of(R"({"name": "a", "input": {"type": "object"}, "wants": ["sessions"]})"),
            "");
}

TEST_F(Declared, WhatIsWrongIsToldWithTheLineOfThePlugin) {
  EXPECT_EQ(problems_of("7"),
            "m.toml:9: plugin.use: \"app-acme\" offers a procedure that is no JSON object with a "
            "name\n");
  EXPECT_THAT(problems_of(R"({"name": "$ping"})"), HasSubstr("no name of an event"));
  EXPECT_THAT(problems_of(R"({"name": "a", "input": {"type": 7}})"),
              HasSubstr("whose input schema is none"));
  EXPECT_THAT(problems_of(R"({"name": "a", "input": {"items": {"pattern": "(a+)+"}}})"),
              HasSubstr("whose input schema has \"pattern\""));
  EXPECT_THAT(problems_of(R"({"name": "a", "input": {"anyOf": [{"uniqueItems": true}]}})"),
              HasSubstr("whose input schema has \"uniqueItems\""));
}

}  // namespace
}  // namespace freshet::sim
