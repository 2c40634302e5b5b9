// Requests: pages, upgrades, auth outcomes, and auth plugins that misbehave.
#include "core/http/front.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <stdexcept>

#include "core/http/limits.h"
#include "core/tests/http/loose_auth.h"
#include "core/version.h"
#include "freshet/format/codec.h"
#include "freshet/testing.h"
#include "sim/plugins/sim_auth.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// ---- pages

TEST(Pages, AreWhereTheyBelong) {
  World world;
  const auto status = [&](freshet_listener_role role, const char* method, const char* target) {
    return world.get({.role = role, .method = method, .target = target}).status;
  };
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/healthz"), 200);
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/readyz"), 200);
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/"), 200);
  EXPECT_EQ(status(FRESHET_PUBLIC, "HEAD", "/healthz"), 200);
  EXPECT_EQ(status(FRESHET_PUBLIC, "POST", "/healthz"), 405);
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/metrics"), 404) << "never public";
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/rooms"), 404) << "never public";
  EXPECT_EQ(status(FRESHET_PUBLIC, "GET", "/nowhere"), 404);
  EXPECT_EQ(status(FRESHET_ADMIN, "GET", "/metrics"), 200);
  EXPECT_EQ(status(FRESHET_ADMIN, "GET", "/healthz"), 200);
}

TEST(Pages, SayWhyThereIsNothing) {
  World world;
  struct Asked {
    HttpRequest request;
    uint16_t status;
    const char* told;
  };
  const Headers page = {{"Origin", "https://evil.example"}};
  const Asked cases[] = {
      {{.target = "/nowhere"}, 404, "nothing is here\n"},
      {{.target = "/metrics"}, 404, "nothing is here\n"},
      {{.target = "/yjs/notes"},
       426,
       "a WebSocket is opened here, by a client of yjs; this was a plain request\n"},
      {{.role = FRESHET_ADMIN, .target = "/yjs/notes"}, 404, "nothing is here\n"},
      {{.role = FRESHET_ADMIN, .target = "/nowhere"}, 404, "nothing is here\n"},
      {{.method = "POST", .target = "/healthz"}, 405, "only GET here\n"},
      {{.method = "DELETE", .target = "/readyz"}, 405, "only GET here\n"},
      {{.role = FRESHET_ADMIN, .method = "PUT", .target = "/rooms/a"},
       405,
       "{\n  \"error\": \"not that method here\"\n}\n"},
      {{.role = FRESHET_ADMIN, .target = "/rooms", .headers = page},
       403,
       "no web page of another site may use the admin listener\n"},
      {{.role = FRESHET_ADMIN, .method = "DELETE", .target = "/rooms/a", .headers = page},
       403,
       "no web page of another site may use the admin listener\n"},
  };
  for (const auto& [request, status, told] : cases) {
    const HttpAnswer answer = world.get(request);
    EXPECT_EQ(answer.status, status) << request.method << " " << request.target;
    EXPECT_EQ(answer.body, told) << request.method << " " << request.target;
  }
}

TEST(Pages, ReadinessSaysWhatItWaitsFor) {
  World world;
  SimClient& ann = world.join("ann");
  EXPECT_EQ(world.get({.target = "/healthz"}).body, "ok\n");
  EXPECT_EQ(world.get({.target = "/readyz"}).body, "ready\n");
  world.store().fail_appends(Status::retry);
  ann.type("x");
  world.run_ms(1'000);
  HttpAnswer answer = world.get({.target = "/readyz"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "the store does not take updates\n");
  world.platform().stop(10'000);
  world.run_ms(20);
  answer = world.get({.target = "/readyz"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "draining\n");
}

TEST(Pages, ReadinessSaysWhatAilsAStoreThatNobodyWritesTo) {
  World world;
  world.run_ms(100);
  EXPECT_EQ(world.get({.target = "/readyz"}).body, "ready\n");
  world.store().tell_trouble("its file\nwas deleted");
  world.run_ms(3'000);
  const HttpAnswer answer = world.get({.target = "/readyz"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "the store does not take updates: its file\\nwas deleted\n");
  world.store().tell_trouble("");
  world.run_ms(3'000);
  EXPECT_EQ(world.get({.target = "/readyz"}).body, "ready\n");
}

TEST(Pages, TheFirstPageSaysHowToConnect) {
  World world;
  const std::string page = world.get({.target = "/"}).body;
  EXPECT_NE(page.find("protocol-yjs"), std::string::npos);
  EXPECT_NE(page.find("'ws://this-host/yjs'"), std::string::npos);
  EXPECT_NE(page.find("observe(() =&gt; console"), std::string::npos);
  EXPECT_NE(page.find("ws://this-host/yjs/&lt;room&gt;"), std::string::npos);
  EXPECT_NE(page.find("ws://this-host/hocuspocus<"), std::string::npos) << "no room in its path";
}

TEST(Pages, TheFirstPageSaysItWithTheAddressByWhichItsReaderCame) {
  World world;
  const std::string page = world.get({.target = "/", .site = "https://docs.example:8443"}).body;
  EXPECT_NE(page.find("'wss://docs.example:8443/yjs'"), std::string::npos) << page;
  EXPECT_NE(page.find("wss://docs.example:8443/yjs/&lt;room&gt;"), std::string::npos) << page;
  EXPECT_EQ(page.find("this-host"), std::string::npos) << page;
  EXPECT_NE(world.get({.target = "/", .site = "http://10.0.0.1"}).body.find("'ws://10.0.0.1/yjs'"),
            std::string::npos);
}

// A wire that says how to connect in words of its own, or in none.
struct SaidWire {
  static inline freshet_protocol table{};

  static const freshet_protocol* wrap(const freshet_protocol* wire) {
    table = *wire;
    table.example = [](void*, freshet_str route, const freshet_sink* out) -> freshet_status {
      return static_cast<freshet_status>(
          Sink(out).write("connect <here> to " + std::string(view(route))));
    };
    return &table;
  }
  static const freshet_protocol* older(const freshet_protocol* wire) {
    table = *wire;
    table.size = offsetof(freshet_protocol, example);
    return &table;
  }
  static const freshet_protocol* endless(const freshet_protocol* wire) {
    table = *wire;
    table.example = [](void*, freshet_str, const freshet_sink* out) -> freshet_status {
      return static_cast<freshet_status>(Sink(out).write(std::string(kMaxExampleBytes + 1, 'x')));
    };
    return &table;
  }
};

TEST(Pages, HowToConnectIsForTheProtocolToSay) {
  World said({.wrap_protocol = SaidWire::wrap});
  EXPECT_NE(said.get({.target = "/"}).body.find("connect &lt;here&gt; to /yjs</pre>"),
            std::string::npos);
  World older({.wrap_protocol = SaidWire::older});
  EXPECT_EQ(older.get({.target = "/"}).body.find("WebsocketProvider"), std::string::npos);
  World endless({.wrap_protocol = SaidWire::endless});
  const HttpAnswer page = endless.get({.target = "/"});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("xxx"), std::string::npos);
}

TEST(Pages, MetricsCountWhatHappened) {
  World world;
  world.join("ann").type("x");
  world.settle();
  const std::string page = world.get({.role = FRESHET_ADMIN, .target = "/metrics"}).body;
  EXPECT_NE(page.find("freshet_updates_total 1\n"), std::string::npos) << page;
  EXPECT_NE(page.find("freshet_sessions 1\n"), std::string::npos);
  EXPECT_NE(page.find("process_resident_memory_bytes "), std::string::npos);
}

// ---- upgrades

// Somebody who knocks at a path of its own making.
class Knock final : public Peer {
 public:
  void on_connected(std::string_view chosen) override {
    connected = true;
    subprotocol = chosen;
  }
  void on_message(Bytes, bool) override { ++messages; }
  void on_closed(uint16_t code, std::string_view why, uint16_t http) override {
    close_code = code;
    reason = why;
    status = http;
  }
  bool connected = false;
  std::string subprotocol, reason;
  size_t messages = 0;
  uint16_t close_code = 0, status = 0;
};

// Connects, sends these messages, and waits: the code and the reason its user reads when it is
// closed.
std::string told(World& world, const std::string& target,
                 const std::vector<std::vector<uint8_t>>& messages = {}) {
  Knock knock;
  const auto socket = world.platform().connect(knock, target, Movable::yes);
  if (!messages.empty()) world.settle();
  for (const auto& message : messages) world.platform().send(socket, message);
  world.run_until([&] { return knock.close_code != 0; }, 20'000);
  if (knock.close_code == 0) world.platform().hang_up(socket);
  return std::to_string(knock.close_code) + " " + knock.reason;
}

TEST(Upgrades, APathWithoutAProtocolIsNotFound) {
  World world;
  Knock nowhere, nearly;
  world.platform().connect(nowhere, "/nowhere/r", Movable::yes);
  world.platform().connect(nearly, "/yjsx/r", Movable::yes);
  world.settle();
  EXPECT_EQ(nowhere.status, 404);
  EXPECT_EQ(nearly.status, 404);
}

TEST(Upgrades, WhatIsNoRoomsNameIsClosedForGood) {
  for (const std::string name : {"", "%00", "a%0ab", "%ff%fe", "%7f"}) {
    World world;
    Knock knock;
    world.platform().connect(knock, "/yjs/" + name, Movable::yes);
    world.settle();
    EXPECT_TRUE(knock.connected) << name;
    EXPECT_EQ(knock.close_code, 4404) << name;
    EXPECT_EQ(world.store().count().loads, 0u) << name;
  }
}

TEST(Upgrades, ANameMayHaveSlashesAndEscapes) {
  World world;
  SimClient& plain = world.join("plain", "a/b c");
  SimClient& escaped = world.join("escaped", "a%2Fb%20c");
  plain.type("same room");
  world.settle();
  EXPECT_EQ(escaped.text(), "same room");
}

TEST(Upgrades, ANameOverItsLimitIsNoRoom) {
  Limits limits;
  limits.room_name_bytes = 10;
  World world({.limits = limits});
  EXPECT_EQ(knock(world, {.name = "long", .room = "12345678901"}).close_code(), 4404);
  EXPECT_TRUE(knock(world, {.name = "fits", .room = "1234567890"}).synced());
}

TEST(Upgrades, TheFirstSubprotocolOfferedIsChosen) {
  World world;
  Knock knock, bare;
  world.platform().connect(knock, "/yjs/r", Movable::yes,
                           {{"Sec-WebSocket-Protocol", " one ,two"}});
  world.platform().connect(bare, "/yjs/r", Movable::yes);
  world.settle();
  EXPECT_EQ(knock.subprotocol, "one");
  EXPECT_EQ(bare.subprotocol, "");
}

TEST(Upgrades, AuthDecidesWhoGetsInAndWithWhichCode) {
  SimAuth auth;
  World world({.auth = &auth});
  EXPECT_TRUE(knock(world, {.name = "writer", .query = "token=w"}).synced());
  EXPECT_EQ(knock(world, {.name = "nobody"}).close_code(), 4401);
  EXPECT_EQ(knock(world, {.name = "forged", .query = "token=x"}).close_code(), 4401);
  const uint64_t loads = world.store().count().loads;
  EXPECT_EQ(knock(world, {.name = "denied", .room = "x", .query = "token=denied"}).close_code(),
            4403);
  EXPECT_EQ(world.store().count().loads, loads) << "the room was never touched";
}

TEST(Upgrades, AReaderChangesNothingAndStays) {
  SimAuth auth;
  World world({.auth = &auth});
  SimClient& writer = knock(world, {.name = "writer", .query = "token=w"});
  SimClient& reader = knock(world, {.name = "reader", .query = "token=r", .writes = false});
  reader.type("not allowed");
  writer.type("allowed");
  world.settle();
  EXPECT_TRUE(reader.connected());
  EXPECT_EQ(writer.text(), "allowed");
  EXPECT_EQ(reader.text(), "allowed");
  EXPECT_EQ(reader.received.updates, 1u) << "no echo: nothing of it is saved";
  EXPECT_EQ(world.store().count().entries, 1u);
}

// ---- why a connection is closed, in words

// A sync message with an update in it.
std::vector<uint8_t> update_message(const std::vector<uint8_t>& update) {
  std::vector<uint8_t> message;
  Writer out(message);
  out.varuint(0);
  out.varuint(2);
  out.bytes(update);
  return message;
}

TEST(Reasons, ANameThatIsNone) {
  World world;
  EXPECT_EQ(told(world, "/yjs/"), "4404 not found");
  EXPECT_EQ(told(world, "/yjs/%00"), "4404 not found");
}

TEST(Reasons, WhoIsNotLetIn) {
  SimAuth auth;
  World world({.auth = &auth});
  EXPECT_EQ(told(world, "/yjs/r"), "4401 not authenticated");
  EXPECT_EQ(told(world, "/yjs/r?token=forged"), "4401 not authenticated");
  EXPECT_EQ(told(world, "/yjs/r?token=denied"), "4403 not allowed in this room");
}

TEST(Reasons, MessagesThatDoNotDecode) {
  World world;
  EXPECT_EQ(told(world, "/yjs/r", {{200}}), "4400 malformed");
  EXPECT_EQ(told(world, "/yjs/r", {{0, 2, 3, 1, 1, 5}}), "4400 the update does not decode");
}

TEST(Reasons, AnUpdateOverTheLimit) {
  Limits limits;
  limits.update_bytes = 1'000;
  World world({.limits = limits});
  SimClient& ann = world.client({.name = "ann"});
  const auto update = ann.author().type({"text"}, 0, std::string(2'000, 'x'));
  EXPECT_EQ(told(world, "/yjs/r", {update_message(update)}), "4413 the update is too large");
}

TEST(Reasons, ARoomThatIsFullAndAServerThatIs) {
  Limits limits;
  limits.sessions_per_room = 1;
  limits.rooms = 1;
  World world({.shards = 1, .limits = limits});
  world.join("ann");
  EXPECT_EQ(told(world, "/yjs/r"), "4503 the room is full");
  EXPECT_EQ(told(world, "/yjs/other"), "4503 too many rooms are open");
}

TEST(Reasons, WhoSendsTooFast) {
  Limits limits;
  limits.messages_per_second = 10;
  World world({.limits = limits});
  const std::vector<std::vector<uint8_t>> many(200, {0, 0, 1, 0});
  EXPECT_EQ(told(world, "/yjs/r", many), "4529 too many messages in a short time");
}

TEST(Reasons, AStoreThatTakesNothing) {
  Limits limits;
  limits.unsaved_bytes = 3'000;
  World world({.shards = 1, .limits = limits});
  SimClient& ann = world.join("ann");
  world.store().fail_appends(Status::retry);
  ann.type("x");
  world.run_ms(500);
  EXPECT_EQ(told(world, "/yjs/r"), "4503 the store takes no updates now");
  world.store().heal();
  world.settle();
  world.store().hold(true);
  // What is empty takes one update however large it is; the next one is too much.
  const auto update = ann.author().type({"text"}, 1, std::string(4'000, 'x'));
  const std::vector<uint8_t> message = update_message(update);
  EXPECT_EQ(told(world, "/yjs/r", {message, message, message}),
            "4503 too much is waiting to be saved");
}

TEST(Reasons, ARoomThatCannotBeLoaded) {
  World world;
  world.store().fail_loads(Status::corrupt);
  EXPECT_EQ(told(world, "/yjs/r"), "4508 the room cannot be loaded now");
}

TEST(Reasons, AServerThatStops) {
  World world;
  Knock knock;
  world.platform().connect(knock, "/yjs/r", Movable::yes);
  world.settle();
  world.platform().stop(10'000);
  world.settle();
  EXPECT_EQ(knock.close_code, 1012);
  EXPECT_EQ(knock.reason, "the server restarts");
}

// ---- auth plugins that misbehave

TEST(AuthPlugins, OneThatNeverAnswersIsATryLater) {
  LooseAuth auth([](const freshet_auth_request&, freshet_reply) {});
  Limits limits;
  limits.auth_deadline_ms = 3'000;
  World world({.limits = limits, .auth_table = auth.table()});
  EXPECT_EQ(knock(world, {.name = "ann"}).close_code(), 4503);
  EXPECT_EQ(world.metric("freshet_late_replies_total"), 1);
  EXPECT_TRUE(world.logged(".identify has not answered for"));
  EXPECT_TRUE(world.logged("about room \""));
}

TEST(AuthPlugins, OneThatAnswersTooLateIsNotHeard) {
  std::vector<freshet_reply> kept;
  LooseAuth auth([&](const freshet_auth_request&, freshet_reply reply) { kept.push_back(reply); });
  Limits limits;
  limits.auth_deadline_ms = 3'000;
  World world({.limits = limits, .auth_table = auth.table()});
  SimClient& ann = knock(world, {.name = "ann"});
  ASSERT_EQ(kept.size(), 1u);
  world.platform().threads().as_thread(SimThreads::kStoreThread, [&] { let_in(kept.front()); });
  world.settle();
  EXPECT_EQ(ann.close_code(), 4503);
  EXPECT_EQ(ann.received.messages, 0u);
}

TEST(AuthPlugins, OneThatTakesItsTimeIsWaitedFor) {
  std::vector<freshet_reply> kept;
  LooseAuth auth([&](const freshet_auth_request&, freshet_reply reply) { kept.push_back(reply); });
  World world({.auth_table = auth.table()});
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(5'000);
  ASSERT_EQ(kept.size(), 1u);
  world.platform().threads().as_thread(SimThreads::kStoreThread, [&] { let_in(kept.front()); });
  world.settle();
  EXPECT_TRUE(ann.synced());
}

TEST(AuthPlugins, ASecondAnswerIsIgnoredAndCounted) {
  LooseAuth auth([](const freshet_auth_request&, freshet_reply reply) {
    let_in(reply);
    LooseAuth::end(reply, FRESHET_DENIED);
  });
  World world({.auth_table = auth.table()});
  EXPECT_TRUE(knock(world, {.name = "ann"}).synced());
  EXPECT_EQ(world.metric("freshet_stray_replies_total"), 1);
  EXPECT_TRUE(world.logged(".identify answered a call that it had answered before"));
}

TEST(AuthPlugins, WhatItWroteBeforeAFailureDoesNotCount) {
  LooseAuth auth([](const freshet_auth_request&, freshet_reply reply) {
    LooseAuth::say(reply, FRESHET_AUTH_PERMISSION, FRESHET_READ_WRITE);
    LooseAuth::end(reply, 4711);  // no status at all
  });
  World world({.auth_table = auth.table()});
  EXPECT_EQ(knock(world, {.name = "ann"}).close_code(), 4500);
  EXPECT_TRUE(world.logged(".identify answered \"internal\", about room"));
}

// Nobody is let in as somebody else than was meant.
TEST(AuthPlugins, WhatMakesNoSenseIsNoAnswer) {
  LooseAuth no_permission([](const freshet_auth_request&, freshet_reply reply) {
    LooseAuth::say(reply, FRESHET_AUTH_PERMISSION, 7);
    LooseAuth::end(reply, FRESHET_OK);
  });
  World one({.auth_table = no_permission.table()});
  EXPECT_EQ(knock(one, {.name = "ann"}).close_code(), 4500);
  EXPECT_TRUE(one.logged(".identify answered a permission that there is not, which is taken for"));
  LooseAuth no_user([](const freshet_auth_request&, freshet_reply reply) {
    const freshet_item user{FRESHET_AUTH_USER, 0, to_c(as_bytes("ann"))};
    reply.to->write(reply.to->ctx, reply.token, &user);
    let_in(reply);
  });
  World other({.auth_table = no_user.table()});
  EXPECT_EQ(knock(other, {.name = "ann"}).close_code(), 4500);
  EXPECT_TRUE(other.logged(".identify answered a user that is no JSON object"));
}

class ThrowingAuth final : public Auth {
 public:
  Status identify(const freshet_auth_request&, Reply) override {
    throw std::runtime_error("the key file is gone");
  }
};

TEST(AuthPlugins, OneThatThrowsHarmsItsOwnRequestOnly) {
  ThrowingAuth auth;
  World world({.auth = &auth});
  EXPECT_EQ(knock(world, {.name = "ann"}).close_code(), 4500);
  EXPECT_EQ(world.get({.target = "/healthz"}).status, 200);
}

// Providers of 2.x come back a tenth of a second after any close that follows a good handshake.
TEST(Upgrades, WhoIsRefusedIsNotBackAtOnce) {
  SimAuth auth;
  World world({.retry_delay_ms = 5'000, .auth = &auth});
  for (const char* path : {"/yjs/r", "/yjs/r?token=denied", "/yjs/?token=w"}) {
    Knock knock;
    world.platform().connect(knock, path, Movable::yes);
    world.run_ms(3'500);
    EXPECT_TRUE(knock.connected) << path;
    EXPECT_EQ(knock.close_code, 0) << path;
    world.run_ms(4'000);
    EXPECT_NE(knock.close_code, 0) << path;
  }
  Knock asked;
  world.platform().connect(asked, "/yjs/r", Movable::yes);
  world.settle();
  world.stop(1'000);
  EXPECT_EQ(asked.close_code, 1012) << "a restart waits for nobody";
}

TEST(AuthPlugins, ATokenThatExpiresEndsItsSession) {
  LooseAuth auth([](const freshet_auth_request& request, freshet_reply reply) {
    LooseAuth::say(reply, FRESHET_AUTH_EXPIRES, request.unix_ms + 5'000);
    let_in(reply);
  });
  World world({.auth_table = auth.table()});
  SimClient& ann = knock(world, {.name = "ann"});
  world.run_ms(3'000);
  EXPECT_TRUE(ann.connected());
  world.run_ms(5'000);
  EXPECT_EQ(ann.close_code(), 4401);
}

TEST(AuthPlugins, WhatTheyAnswerIsToldInWords) {
  uint64_t expires_in_ms = 0;
  freshet_status next = FRESHET_OK;
  LooseAuth auth([&](const freshet_auth_request& request, freshet_reply reply) {
    if (next != FRESHET_OK) return LooseAuth::end(reply, next);
    LooseAuth::say(reply, FRESHET_AUTH_EXPIRES, request.unix_ms + expires_in_ms);
    let_in(reply);
  });
  World world({.auth_table = auth.table()});
  expires_in_ms = 2'000;
  EXPECT_EQ(told(world, "/yjs/r"), "4401 the token has expired");
  expires_in_ms = 0;
  EXPECT_EQ(told(world, "/yjs/r"), "4401 the token has expired");
  const std::pair<freshet_status, const char*> cases[] = {
      {FRESHET_MALFORMED, "4401 not authenticated"},
      {FRESHET_DENIED, "4403 not allowed in this room"},
      {FRESHET_RETRY, "4503 try again later"},
      {FRESHET_LIMIT, "4503 try again later"},
      {FRESHET_INTERNAL, "4500 internal error"},
      {4711, "4500 internal error"}};
  for (const auto& [status, words] : cases) {
    next = status;
    EXPECT_EQ(told(world, "/yjs/r"), words) << status;
  }
}

TEST(AuthPlugins, TheSubprotocolThatCarriesATokenIsTheLastChoice) {
  LooseAuth auth([](const freshet_auth_request&, freshet_reply reply) {
    LooseAuth::say(reply, FRESHET_AUTH_SUBPROTOCOL, 0, "token.abc");
    let_in(reply);
  });
  World world({.auth_table = auth.table()});
  Knock both, only;
  world.platform().connect(both, "/yjs/r", Movable::yes,
                           {{"sec-websocket-protocol", "token.abc, yjs"}});
  world.platform().connect(only, "/yjs/r", Movable::yes, {{"sec-websocket-protocol", "token.abc"}});
  world.settle();
  EXPECT_EQ(both.subprotocol, "yjs");
  EXPECT_EQ(only.subprotocol, "token.abc");
}

TEST(AuthPlugins, APeerThatIsGoneBeforeTheAnswerLeavesNothing) {
  std::vector<freshet_reply> kept;
  LooseAuth auth([&](const freshet_auth_request&, freshet_reply reply) { kept.push_back(reply); });
  World world({.auth_table = auth.table()});
  ClientOptions slow{.name = "ann"};
  slow.comes_back = false;
  SimClient& ann = world.client(std::move(slow));
  ann.go_online();
  world.run_ms(100);
  ann.go_offline();
  world.run_ms(100);
  ASSERT_EQ(kept.size(), 1u);
  world.platform().threads().as_thread(SimThreads::kStoreThread, [&] { let_in(kept.front()); });
  world.settle();
  EXPECT_EQ(world.metrics().gauge("freshet_sessions", "").get(), 0);
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

}  // namespace
}  // namespace freshet::sim
