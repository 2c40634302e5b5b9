// Sessions of many rooms on one connection: each has an identity, an end and a rate of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freshet/abi/close.h"
#include "freshet/server.h"
#include "protocol-hocuspocus/wire.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

// A token says "user permission seconds": who it is, "w" or "r", and for how long; 0: for ever.
class InBandAuth final : public Auth {
 public:
  Status identify(const freshet_auth_request& request, Reply out) override {
    std::string_view rest = view(request.token);
    asked.emplace_back(rest.empty() ? "(of the request)" : rest);
    const std::string_view user = rest.substr(0, rest.find(' '));
    if (user.size() == rest.size()) return Status::unauthenticated;
    rest.remove_prefix(user.size() + 1);
    const uint64_t permission = rest.front() == 'w' ? FRESHET_READ_WRITE : FRESHET_READ_ONLY;
    const uint64_t seconds = std::stoull(std::string(rest.substr(2)));
    if (seconds != 0) {
      FRESHET_CHECK(out.write(FRESHET_AUTH_EXPIRES, request.unix_ms + seconds * 1'000));
    }
    FRESHET_CHECK(out.write(FRESHET_AUTH_USER, R"({"id":")" + std::string(user) + "\"}"));
    return out.write(FRESHET_AUTH_PERMISSION, permission);
  }
  std::vector<std::string> asked;
};

// A socket with documents, for scripted tests: it does nothing by itself, and keeps what it is
// told, in hex behind its document.
class Socket final : public Peer {
 public:
  explicit Socket(World& world) : world_(world) {
    socket_ = world.platform().connect(*this, "/hocuspocus", Movable::no, {});
    world.settle();
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void say(const std::string& document, std::string_view hex) {
    say_at_once(document, hex);
    world_.settle();
  }
  void say_at_once(const std::string& document, std::string_view hex) {
    std::vector<uint8_t> frame = hocuspocus::prefix_of(document);
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
      frame.push_back(static_cast<uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    world_.platform().send(socket_, frame, false);
  }
  void show_token(const std::string& document, std::string_view token) {
    std::string hex =
        "0200" + hex_of(std::string(1, static_cast<char>(token.size()))) + hex_of(token);
    say(document, hex);
  }
  void enter(const std::string& document, std::string_view token) {
    show_token(document, token);
    EXPECT_THAT(heard[document], Contains(kReadWrite)) << document;
    heard.clear();
  }
  void hang_up() { world_.platform().hang_up(socket_); }
  // An update that brings nothing is taken, and so the document goes on.
  bool is_served(const std::string& document) {
    heard[document].clear();
    say(document, kNothing);
    return heard[document] == std::vector<std::string>{kSaved};
  }
  static std::string closed_with(std::string_view why) {
    return "07" + hex_of(std::string(1, static_cast<char>(why.size()))) + hex_of(why);
  }

  void on_connected(std::string_view) override { connected = true; }
  void on_message(Bytes message, bool) override {
    const size_t size = message[0];
    const std::string document(as_text(message.subspan(1, size)));
    heard[document].push_back(hex_of(as_text(message.subspan(1 + size))));
  }
  void on_closed(uint16_t with, std::string_view why, uint16_t) override {
    connected = false;
    code = with;
    reason = why;
  }

  static constexpr const char* kReadWrite = "02020a726561642d7772697465";
  static constexpr const char* kReadOnly = "020208726561646f6e6c79";
  static constexpr const char* kDenied = "0201117065726d697373696f6e2d64656e696564";
  static constexpr const char* kTokenWanted = "0200";
  static constexpr const char* kNothing = "0002020000";
  static constexpr const char* kSaved = "0801";
  static constexpr const char* kNotTaken = "0800";

  std::map<std::string, std::vector<std::string>> heard;
  bool connected = false;
  uint16_t code = 0;
  std::string reason;

 private:
  static std::string hex_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
      out += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
      out += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
    }
    return out;
  }

  World& world_;
  SimPlatform::SocketId socket_ = 0;
};

// Rooms on the shard of their connection, and on others: the same must hold.
class Sessions : public ::testing::TestWithParam<uint32_t> {
 protected:
  sim::Setup setup() { return {.shards = GetParam(), .limits = limits, .auth = &auth}; }

  Limits limits;
  InBandAuth auth;
};

INSTANTIATE_TEST_SUITE_P(HomeAndAway, Sessions, ::testing::Values(1u, 16u),
                         [](const auto& test) { return test.param == 1 ? "Home" : "Away"; });

// ---- who it is

TEST_P(Sessions, NobodyIsAskedAtTheDoorAndEachDocumentHasAnIdentity) {
  World world(setup());
  Socket socket(world);
  EXPECT_TRUE(socket.connected);
  EXPECT_THAT(auth.asked, IsEmpty());
  socket.show_token("one", "ann w 0");
  socket.show_token("two", "bob r 0");
  socket.show_token("three", "nobody");
  EXPECT_THAT(auth.asked, ElementsAre("ann w 0", "bob r 0", "nobody"));
  EXPECT_THAT(socket.heard["one"], ElementsAre(Socket::kReadWrite));
  EXPECT_THAT(socket.heard["two"], ElementsAre(Socket::kReadOnly));
  EXPECT_THAT(socket.heard["three"], ElementsAre(Socket::kDenied));
  EXPECT_TRUE(socket.is_served("one"));
  EXPECT_FALSE(socket.is_served("two"));
  EXPECT_THAT(socket.heard["two"], ElementsAre(Socket::kNotTaken));
  EXPECT_TRUE(socket.connected);
  socket.hang_up();
}

TEST_P(Sessions, AnEmptyTokenIsTheOneOfTheRequest) {
  World world(setup());
  Socket socket(world);
  socket.show_token("den", "");
  EXPECT_THAT(auth.asked, ElementsAre("(of the request)"));
  socket.hang_up();
}

TEST_P(Sessions, ANameThatIsNoneIsNotAskedFor) {
  World world(setup());
  Socket socket(world);
  const std::string names[] = {"\n", std::string(120, 'x') + "\x01", "\xff"};
  for (const std::string& name : names) {
    socket.show_token(name, "ann w 0");
    ASSERT_EQ(socket.heard[name].size(), 1u);
    EXPECT_TRUE(socket.heard[name][0].starts_with("0201"));
  }
  EXPECT_THAT(auth.asked, IsEmpty());
  socket.hang_up();
}

TEST_P(Sessions, AnAnswerForAConnectionThatHasGoneIsNobodys) {
  World world(setup());
  Socket socket(world);
  socket.say_at_once("den", "020007616e6e20772030");
  socket.hang_up();
  world.settle();
  EXPECT_THAT(auth.asked.size(), testing::Le(1u));
}

TEST_P(Sessions, TheLongestNameHasAPrefix) {
  limits.room_name_bytes = 4096;
  World world(setup());
  Socket socket(world);
  const std::string longest = std::string(120, 'x');
  socket.enter(longest + std::string(1, '\0') + "abc", "ann w 0");
  EXPECT_TRUE(socket.is_served(longest + std::string(1, '\0') + "abc"));
  socket.hang_up();
}

// ---- for how long

TEST_P(Sessions, BeforeAnIdentityEndsAnotherIsAskedForOnce) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 100");
  world.run_ms(30'000);
  EXPECT_THAT(socket.heard["den"], Not(Contains(Socket::kTokenWanted)));
  world.run_ms(25'000);
  EXPECT_THAT(socket.heard["den"], Contains(Socket::kTokenWanted)) << "half of its time is over";
  socket.heard.clear();
  socket.show_token("den", "ann w 0");
  EXPECT_THAT(socket.heard["den"], IsEmpty());
  world.run_ms(200'000);
  EXPECT_THAT(socket.heard["den"], Not(Contains(Socket::kTokenWanted)));
  EXPECT_TRUE(socket.is_served("den"));
  socket.hang_up();
}

TEST_P(Sessions, AnIdentityThatEndsTakesItsSessionWithItAndNoOther) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 10");
  socket.enter("hall", "ann w 0");
  world.run_ms(12'000);
  EXPECT_THAT(socket.heard["den"], Contains(Socket::closed_with("the token has expired")));
  EXPECT_TRUE(socket.is_served("hall"));
  EXPECT_FALSE(socket.is_served("den"));
  socket.hang_up();
}

TEST_P(Sessions, OfTheOnlySessionTheConnectionEndsAsItsClientComesBack) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 10");
  world.run_ms(12'000);
  EXPECT_EQ(socket.code, 4205);
  EXPECT_EQ(socket.reason, "the token has expired");
}

TEST_P(Sessions, ARenewedIdentityMayDoOtherThings) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  EXPECT_TRUE(socket.is_served("den"));
  socket.show_token("den", "ann r 0");
  EXPECT_THAT(socket.heard["den"], Contains(Socket::kReadOnly));
  EXPECT_FALSE(socket.is_served("den"));
  socket.show_token("den", "ann w 0");
  EXPECT_THAT(socket.heard["den"],
              ElementsAre(Socket::kNotTaken, Socket::kReadWrite, "00000100", "0001020000"))
      << "it is asked for what was not taken";
  EXPECT_TRUE(socket.is_served("den"));
  socket.hang_up();
}

TEST_P(Sessions, ARenewedIdentityIsOfTheSameUser) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  socket.show_token("den", "bob w 0");
  EXPECT_THAT(socket.heard["den"],
              ElementsAre(Socket::closed_with("this is the token of somebody else")));
  EXPECT_TRUE(socket.connected);
  socket.hang_up();
}

TEST_P(Sessions, AConnectionInNoRoomIsClosedInTime) {
  World world(setup());
  Socket nobody(world), left(world), here(world);
  here.enter("den", "ann w 0");
  world.run_ms(40'000);
  nobody.say("den", "0300");
  left.enter("den", "ann w 0");
  left.say("den", "07");
  world.run_ms(30'000);
  EXPECT_EQ(nobody.code, 4408);
  EXPECT_TRUE(left.connected) << "it was in a room meanwhile";
  world.run_ms(60'000);
  EXPECT_EQ(left.code, 4408);
  EXPECT_TRUE(here.connected);
  here.hang_up();
}

// ---- how it ends

TEST_P(Sessions, WhoIsSentAwayLeavesOneRoomAlone) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  socket.enter("hall", "ann w 0");
  EXPECT_EQ(ServerRooms(world.outside()).evict("den", 0), Status::ok);
  world.settle();
  EXPECT_THAT(socket.heard["den"], ElementsAre(Socket::closed_with("sent away")));
  EXPECT_TRUE(socket.is_served("hall"));
  socket.enter("den", "ann w 0");
  EXPECT_TRUE(socket.is_served("den")) << "it may be opened again";
  socket.hang_up();
}

TEST_P(Sessions, ForGoodItEndsAloneEvenIfItIsTheOnlyOne) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  EXPECT_EQ(ServerRooms(world.outside()).evict("den", 0), Status::ok);
  world.settle();
  EXPECT_THAT(socket.heard["den"], ElementsAre(Socket::closed_with("sent away")));
  EXPECT_TRUE(socket.connected);
  socket.hang_up();
}

TEST_P(Sessions, AnUpdateThatDoesNotDecodeEndsItsSessionAlone) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  socket.enter("hall", "ann w 0");
  socket.say("den", "000203010105");
  EXPECT_THAT(socket.heard["den"],
              ElementsAre(Socket::kNotTaken, Socket::closed_with("the update does not decode")));
  EXPECT_TRUE(socket.is_served("hall"));
  socket.hang_up();
}

TEST_P(Sessions, AFullRoomEndsItsSessionAlone) {
  limits.sessions_per_room = 1;
  World world(setup());
  Socket first(world), socket(world);
  first.enter("den", "ann w 0");
  socket.enter("hall", "ann w 0");
  socket.show_token("den", "ann w 0");
  EXPECT_THAT(socket.heard["den"], ElementsAre(Socket::closed_with("the room is full")));
  EXPECT_TRUE(socket.is_served("hall"));
  first.hang_up();
  socket.hang_up();
}

TEST_P(Sessions, AServerThatStopsClosesTheConnection) {
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  socket.enter("hall", "ann w 0");
  EXPECT_TRUE(world.stop());
  EXPECT_EQ(socket.code, 1012);
}

// ---- how much it may send

TEST_P(Sessions, TooManyMessagesToOneDocumentEndThatSession) {
  limits.messages_per_second = 10;
  World world(setup());
  Socket socket(world);
  socket.enter("den", "ann w 0");
  socket.enter("hall", "ann w 0");
  for (int i = 0; i < 150; ++i) socket.say_at_once("den", Socket::kNothing);
  world.settle();
  EXPECT_THAT(socket.heard["den"],
              Contains(Socket::closed_with("too many messages in a short time")));
  EXPECT_EQ(world.metric("freshet_messages_limited_total"), 1);
  EXPECT_TRUE(socket.is_served("hall"));
  socket.hang_up();
}

TEST_P(Sessions, TooManyMessagesToAllEndTheConnection) {
  limits.messages_per_second = 10;
  World world(setup());
  Socket socket(world);
  for (int i = 0; i < 10; ++i) socket.enter("room " + std::to_string(i), "ann w 0");
  for (int i = 0; i < 700; ++i)
    socket.say_at_once("room " + std::to_string(i % 10), Socket::kNothing);
  world.settle();
  EXPECT_EQ(socket.code, 4205);
  EXPECT_EQ(socket.reason, "too many messages in a short time");
}

TEST_P(Sessions, AUserIsOneOverTheSessionsOfAllConnections) {
  limits.user_messages_per_second = 10;
  World world(setup());
  Socket laptop(world), phone(world);
  laptop.enter("den", "ann w 0");
  phone.enter("den", "ann w 0");
  phone.enter("hall", "bob w 0");
  for (int i = 0; i < 60; ++i) laptop.say_at_once("den", Socket::kNothing);
  for (int i = 0; i < 60; ++i) phone.say_at_once("den", Socket::kNothing);
  world.settle();
  EXPECT_TRUE(laptop.connected);
  EXPECT_THAT(phone.heard["den"],
              Contains(Socket::closed_with("too many messages of this user in a short time")));
  EXPECT_TRUE(phone.is_served("hall")) << "that is bob's";
  laptop.hang_up();
  phone.hang_up();
}

}  // namespace
}  // namespace freshet::sim
