// How connections end: whose word it is, and when the peer hears it.
#include <gtest/gtest.h>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

using Clock = std::chrono::steady_clock;

std::string reason_of(const Frame& frame) { return frame.payload.substr(2); }

// Holds the close of whoever says something: "code delay_ms".
void hold_what_is_asked(World& world) {
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool) {
    const std::string text(as_text(message));
    world.core.platform().close_later(conn, static_cast<uint16_t>(std::stoi(text)), "later",
                                      static_cast<uint32_t>(std::stoi(text.substr(5))));
    world.core.send(conn, "too late");
  };
}

// ---- faults

TEST(Faults, AreTheCoresToPutIntoWords) {
  World world;
  world.host.set("message_bytes", int64_t{1000});
  world.core.on_fault = [&](freshet_conn* conn, uint16_t code, const std::string& reason) {
    world.core.send(conn, std::to_string(code) + " " + reason, true);
    world.core.platform().close(conn, 3000, "in our words");
    world.core.send(conn, "too late");
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client large(world.port()), broken(world.port());
  ASSERT_EQ(large.handshake().status, 101);
  large.write(Client::frame(2, std::string(1001, 'x')));
  EXPECT_EQ(large.receive().payload, "4413 a message of 1001 bytes, over the limit of 1000");
  EXPECT_EQ(large.receive().close_code(), 3000);
  ASSERT_EQ(broken.handshake().status, 101);
  broken.send(1, "\xff\xff");
  EXPECT_EQ(broken.receive().payload, "1007 text is not UTF-8");
  EXPECT_EQ(reason_of(broken.receive()), "in our words");
  EXPECT_TRUE(world.core.wait_closed(2));
  EXPECT_EQ(world.core.broken_promises(), 0u);
}

TEST(Faults, OfASilentPeerAndOfASlowReaderAreTheCoresToo) {
  World world;
  world.host.set("heartbeat_ms", int64_t{20});
  world.host.set("queue_bytes", int64_t{1000});
  world.core.on_accept = [](freshet_accept& accept) { accept.idle_ms = 300; };
  world.core.on_fault = [&](freshet_conn* conn, uint16_t code, const std::string&) {
    world.core.platform().close(conn, code == 4504 ? 1013 : code, "");
  };
  world.core.on_message = [&](freshet_conn* conn, Bytes, bool) {
    for (int i = 0; i < 3; ++i) world.core.send(conn, std::string(1 << 20, 'm'));
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client silent(world.port()), slow(world.port());
  ASSERT_EQ(silent.handshake().status, 101);
  EXPECT_EQ(silent.receive_close(), 1013);
  ASSERT_EQ(slow.handshake().status, 101);
  slow.send(1, "all of it");
  EXPECT_EQ(slow.receive_close(), 1013);
  EXPECT_TRUE(world.core.wait_closed(2));
}

TEST(Faults, ACoreThatFindsNoWordsIsSpokenFor) {
  World world;
  world.core.on_fault = [](freshet_conn*, uint16_t, const std::string&) {
    throw std::runtime_error("a planted bug");
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "\xff");
  EXPECT_EQ(client.receive_close(), 1007);
  EXPECT_TRUE(world.host.logged("on_fault threw: a planted bug"));
}

// ---- what a wire asks for

TEST(Wires, HaveTheirOwnBoundOfAMessageAndTheirOwnIdleTime) {
  World world;
  world.host.set("message_bytes", int64_t{100});
  world.host.set("heartbeat_ms", int64_t{20});
  world.host.set("idle_timeout_ms", int64_t{100});
  world.core.on_accept = [](freshet_accept& accept) {
    accept.message_bytes = 1000;
    accept.idle_ms = 600;
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(2, std::string(1000, 'x'));
  EXPECT_EQ(client.receive_data().payload.size(), 1000u);
  const auto since = Clock::now();
  EXPECT_EQ(client.receive().opcode, 9) << "it is asked for a sign of life in time";
  EXPECT_EQ(client.receive_close(), 4504);
  EXPECT_GE(Clock::now() - since, 500ms);
}

TEST(Wires, MessagesOfWhichAPartIsHereAreBoundedTogether) {
  World world;
  world.host.set("half_received_bytes", int64_t{1} << 20);
  world.host.set("message_bytes", int64_t{16} << 20);
  ASSERT_EQ(world.start(), Status::ok);
  const std::string whole = Client::frame(2, std::string(900 << 10, 'x'));
  const std::string part = whole.substr(0, whole.size() - 7);
  Client half(world.port()), more(world.port()), small(world.port());
  ASSERT_EQ(half.handshake().status, 101);
  half.write(part);
  const auto until = Clock::now() + kPatience;
  while (world.platform->taken().half_received_bytes < part.size() - 100 && Clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_EQ(more.handshake().status, 101);
  more.write(part);
  const Frame frame = more.receive();
  EXPECT_EQ(frame.close_code(), 4503);
  EXPECT_EQ(reason_of(frame), "too much is being received at once");
  ASSERT_EQ(small.handshake().status, 101);
  small.send(1, "in two ", false);
  small.send(0, "parts");
  EXPECT_EQ(small.receive().payload, "in two parts");
  half.write(whole.substr(part.size()));
  EXPECT_EQ(half.receive().payload.size(), 900u << 10);
  // What was given back may be used again.
  Client next(world.port());
  ASSERT_EQ(next.handshake().status, 101);
  next.write(whole);
  EXPECT_EQ(next.receive().payload.size(), 900u << 10);
}

// ---- held closes

TEST(HeldCloses, AreOverForTheCoreAtOnceAndForThePeerLater) {
  World world;
  world.host.set("close_timeout_ms", int64_t{200});  // and so looked at often
  hold_what_is_asked(world);
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  const auto since = Clock::now();
  client.send(1, "4503 100");
  EXPECT_TRUE(world.core.wait_closed(1));
  client.send(1, "unheard");
  const Frame frame = client.receive_data();
  EXPECT_GE(Clock::now() - since, 99ms);  // it counts whole milliseconds
  EXPECT_EQ(frame.close_code(), 4503);
  EXPECT_EQ(reason_of(frame), "later");
  client.send(8, frame.payload.substr(0, 2));
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(world.core.messages().size(), 0u);
  EXPECT_EQ(world.core.broken_promises(), 0u);
  EXPECT_EQ(world.host.metric("freshet_held_closes"), 0);
}

TEST(HeldCloses, AreForThoseWhoNeverGotInToo) {
  World world;
  world.host.set("close_timeout_ms", int64_t{200});
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t shard) {
    world.core.accept(exchange, shard, nullptr, 4401);
  };
  world.core.on_accept = [](freshet_accept& accept) { accept.close_delay_ms = 100; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  const auto since = Clock::now();
  ASSERT_EQ(client.handshake().status, 101);
  EXPECT_EQ(client.receive_close(), 4401);
  EXPECT_GE(Clock::now() - since, 99ms);  // it counts whole milliseconds
  EXPECT_EQ(world.core.opened(), 0u);
}

TEST(HeldCloses, APeerThatGoesMeanwhileIsGone) {
  World world;
  hold_what_is_asked(world);
  ASSERT_EQ(world.start(), Status::ok);
  Client polite(world.port()), rude(world.port());
  for (Client* client : {&polite, &rude}) {
    ASSERT_EQ(client->handshake().status, 101);
    client->send(1, "4503 60000");
  }
  ASSERT_TRUE(world.core.wait_closed(2));
  polite.send(2, std::string(100'000, 'x'));
  polite.send(8, std::string("\x0f\xa0", 2));
  EXPECT_EQ(polite.receive_close(), 4000);
  rude.reset();
  const auto until = Clock::now() + kPatience;
  while (world.platform->taken().sockets != 0 && Clock::now() < until)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(world.platform->taken().sockets, 0u);
  EXPECT_EQ(world.host.metric("freshet_held_closes"), 0);
}

TEST(HeldCloses, PastTheirBoundTheOldestGoesAtOnce) {
  World world;
  world.host.set("shards", int64_t{1});
  world.host.set("held_closes", int64_t{2});
  world.host.set("close_timeout_ms", int64_t{200});  // for those who do not answer
  hold_what_is_asked(world);
  ASSERT_EQ(world.start(), Status::ok);
  std::vector<Client> clients;
  for (size_t i = 0; i < 5; ++i) {
    clients.emplace_back(world.port());
    ASSERT_EQ(clients.back().handshake().status, 101);
    clients.back().send(1, std::to_string(4500 + i) + " 60000");
    ASSERT_TRUE(world.core.wait_closed(i + 1));
  }
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(clients[i].receive_close(), 4500 + i);
  EXPECT_EQ(world.host.metric("freshet_held_closes"), 2);
  // A server that stops waits for nobody, and sends all to the next one.
  EXPECT_EQ(world.stop(), Status::ok);
  for (size_t i = 3; i < 5; ++i) EXPECT_EQ(clients[i].receive_close(), 1012);
}

// A signal comes in the moment in which those who were told to wait have gone: they are not told to
// come back.
TEST(HeldCloses, WhoHasJustGoneWhenTheServerStopsIsLeftAlone) {
  World world;
  world.host.set("shards", int64_t{1});
  world.host.set("close_timeout_ms", int64_t{200});
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool) {
    if (as_text(message) == "hold") {
      return world.core.platform().close_later(conn, 4503, "later", 60'000);
    }
    world.platform->request_stop();
    std::this_thread::sleep_for(100ms);  // behind what this turn reads the loop is told to stop
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client stops(world.port());
  ASSERT_EQ(stops.handshake().status, 101);
  std::vector<Client> goes;
  for (size_t i = 0; i < 20; ++i) {
    goes.emplace_back(world.port());
    ASSERT_EQ(goes.back().handshake().status, 101);
    goes.back().send(1, "hold");
    ASSERT_TRUE(world.core.wait_closed(i + 1));
  }
  std::promise<void> in_turn, all_sent;
  std::thread turn([&] {
    world.on_shard(0, [&] {
      in_turn.set_value();
      all_sent.get_future().wait();
    });
  });
  in_turn.get_future().wait();
  stops.send(1, "stop");
  for (Client& client : goes) client.reset();
  all_sent.set_value();
  turn.join();
  EXPECT_EQ(world.ended(), Status::ok);
  EXPECT_EQ(world.host.metric("freshet_held_closes"), 0);
}

TEST(HeldCloses, OneToWhomMuchIsStillToBeSentIsNotHeld) {
  World world;
  world.core.on_message = [&](freshet_conn* conn, Bytes, bool) {
    world.core.send(conn, std::string(1 << 20, 'm'));
    world.core.platform().close_later(conn, 4503, "later", 60'000);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "?");
  EXPECT_EQ(client.receive().payload.size(), 1u << 20);
  EXPECT_EQ(client.receive_close(), 4503);
}

}  // namespace
}  // namespace freshet::ws::testing
