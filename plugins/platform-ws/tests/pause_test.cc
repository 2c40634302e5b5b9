// Peers that are not read for a while: what they send waits, and nothing of it is lost.
#include <gtest/gtest.h>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

using Clock = std::chrono::steady_clock;

// Echoes, and does what is asked: "pause MS", "close CODE".
void pause_who_asks(World& world, std::atomic<size_t>& heard) {
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool text) {
    ++heard;
    const std::string said(as_text(message));
    Platform& platform = world.core.platform();
    if (said.starts_with("pause ")) {
      platform.pause_reading(conn, static_cast<uint32_t>(std::stoi(said.substr(6))));
    }
    if (said.starts_with("close ")) {
      platform.close(conn, static_cast<uint16_t>(std::stoi(said.substr(6))), "");
    }
    world.core.send(conn, said, text);
  };
}

std::string numbered(int n) { return "message " + std::to_string(n); }

// The same over TCP and TLS.
class Pauses : public ::testing::TestWithParam<const char*> {
 protected:
  bool tls() const { return std::string(GetParam()) == "TLS"; }
  void start() {
    pause_who_asks(world, heard);
    start_as_it_is();
  }
  void start_as_it_is() {
    if (tls()) {
      write_certificate(folder.path("cert"), folder.path("key"));
      world.host.set("cert", folder.path("cert"));
      world.host.set("key", folder.path("key"));
    }
    ASSERT_EQ(world.start({tls() ? "tls:127.0.0.1:0" : "127.0.0.1:0"}), Status::ok);
  }
  Client client() {
    Client made = tls() ? Client::tls(world.port()) : Client(world.port());
    EXPECT_EQ(made.handshake().status, 101);
    return made;
  }
  // Returns when the peer is not read any more.
  static void pause(Client& client, int ms) {
    client.send(1, "pause " + std::to_string(ms));
    EXPECT_EQ(client.receive_data().payload, "pause " + std::to_string(ms));
  }

  TemporaryFolder folder;
  std::atomic<size_t> heard{0};
  World world;
};

INSTANTIATE_TEST_SUITE_P(Over, Pauses, ::testing::Values("TCP", "TLS"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(Pauses, KeepWhatComesUntilTheyAreOver) {
  start();
  Client peer = client();
  const auto since = Clock::now();
  pause(peer, 200);
  for (int n = 0; n < 100; ++n) peer.send(1, numbered(n));
  EXPECT_EQ(peer.receive_data().payload, numbered(0));
  EXPECT_GE(Clock::now() - since, 199ms);  // it counts whole milliseconds
  for (int n = 1; n < 100; ++n) EXPECT_EQ(peer.receive_data().payload, numbered(n));
}

// More than the peer's TLS layer and one read take, in messages that no read brings whole.
TEST_P(Pauses, CarryOnInTheMiddleOfAMessage) {
  start();
  Client peer = client();
  const std::string large(700'000, 'x');
  peer.write(Client::frame(1, "pause 100") + Client::frame(2, large) +
             Client::frame(1, "pause 100") + Client::frame(2, large) + Client::frame(1, "end"));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(peer.receive_data().payload, "pause 100");
    EXPECT_EQ(peer.receive_data().payload.size(), large.size());
  }
  EXPECT_EQ(peer.receive_data().payload, "end");
}

TEST_P(Pauses, AreOfReadingAlone) {
  world.host.set("shards", int64_t{1});
  freshet_conn* conn = nullptr;
  world.core.on_open = [&](freshet_conn* opened) { conn = opened; };
  start();
  Client paused = client();
  pause(paused, 60'000);
  world.on_shard(0, [&] { world.core.send(conn, "news", true); });
  EXPECT_EQ(paused.receive_data().payload, "news");
}

TEST_P(Pauses, AreNotShortenedByShorterOnes) {
  start();
  Client peer = client();
  const auto since = Clock::now();
  peer.write(Client::frame(1, "pause 300") + Client::frame(1, "pause 1"));
  EXPECT_EQ(peer.receive_data().payload, "pause 300");
  EXPECT_EQ(peer.receive_data().payload, "pause 1") << "it was read already";
  peer.send(1, "later");
  EXPECT_EQ(peer.receive_data().payload, "later");
  EXPECT_GE(Clock::now() - since, 299ms);
}

TEST_P(Pauses, OfWhatOneReadBroughtNothingIsHeldBack) {
  start();
  Client peer = client();
  peer.write(Client::frame(1, "pause 60000") + Client::frame(1, "with it"));
  EXPECT_EQ(peer.receive_data().payload, "pause 60000");
  EXPECT_EQ(peer.receive_data().payload, "with it");
}

// A peer that has sent megabytes is not heard of all at once when its pause is over.
TEST_P(Pauses, OfOneWhoSentMuchBringALittleEach) {
  std::vector<Clock::time_point> pauses;  // the shard's own
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool) {
    heard += message.size();
    if (as_text(message) == "end") return world.core.send(conn, "all", true);
    if (pauses.empty() || Clock::now() - pauses.back() > 40ms) {
      pauses.push_back(Clock::now());
      world.core.platform().pause_reading(conn, 50);
      if (pauses.size() == 1) world.core.send(conn, "paused", true);
    }
  };
  start_as_it_is();
  Client peer = client();
  peer.send(1, "first");
  EXPECT_EQ(peer.receive_data().payload, "paused");
  std::string much;
  while (much.size() < 100'000) much += Client::frame(2, std::string(100, 'x'));
  peer.write(much + Client::frame(1, "end"));
  EXPECT_EQ(peer.receive_data().payload, "all");
  EXPECT_GE(pauses.size(), 3u);
}

TEST_P(Pauses, EndWithTheCoresClose) {
  start();
  Client peer = client();
  peer.write(Client::frame(1, "pause 60000") + Client::frame(1, "close 4503"));
  EXPECT_EQ(peer.receive_data().payload, "pause 60000");
  const Frame close = peer.receive_data();
  EXPECT_EQ(close.close_code(), 4503);
  peer.send(8, close.payload);
  EXPECT_EQ(peer.read_all(), "");
  EXPECT_TRUE(world.core.wait_closed(1));
  EXPECT_EQ(world.core.broken_promises(), 0u);
}

TEST_P(Pauses, EndWithTheServer) {
  start();
  Client peer = client();
  pause(peer, 60'000);
  std::thread stopping([&] { EXPECT_EQ(world.stop(), Status::ok); });
  const Frame close = peer.receive_data();
  EXPECT_EQ(close.close_code(), 1012);
  peer.send(8, close.payload);
  EXPECT_EQ(peer.read_all(), "");
  stopping.join();
  EXPECT_EQ(world.core.broken_promises(), 0u);
}

TEST_P(Pauses, APeerThatIsGoneIsSeenToBeGoneLater) {
  start();
  const auto since = Clock::now();
  {
    Client peer = client();
    pause(peer, 200);
    peer.send(1, "the last word");
  }
  EXPECT_TRUE(world.core.wait_closed(1));
  EXPECT_GE(Clock::now() - since, 199ms);
  EXPECT_EQ(heard.load(), 2u);
  EXPECT_EQ(world.core.broken_promises(), 0u);
}

// What was asked before the pause must not count as unanswered after it.
TEST_P(Pauses, AreNoSilenceOfThePeer) {
  world.host.set("heartbeat_ms", int64_t{20});
  world.host.set("idle_timeout_ms", int64_t{300});
  start();
  Client peer = client();
  const auto since = Clock::now();
  pause(peer, 1'000);
  peer.send(1, "still here");
  for (;;) {
    const Frame frame = peer.receive();
    if (frame.opcode == 9) peer.send(10, frame.payload);
    if (frame.opcode != 9) {
      EXPECT_EQ(frame.payload, "still here");
      break;
    }
  }
  EXPECT_GE(Clock::now() - since, 999ms);
}

}  // namespace
}  // namespace freshet::ws::testing
