// What a WebSocket client sees.
#include <gtest/gtest.h>

#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

// Reads on until a close frame, or the end of the stream.
Frame receive_close_frame(Client& client) {
  Frame frame;
  do frame = client.receive();
  while (frame.opcode != 8 && frame.opcode != -1);
  return frame;
}

// What a person is told beside the code.
std::string reason_of(const Frame& close) {
  return close.payload.size() < 2 ? "" : close.payload.substr(2);
}

// ---- handshake ----------------------------------------------------------------------------------

TEST(WebSocket, TheHandshakeAnswersTheKeyOfTheRfc) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  const Response response =
      client.handshake("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_EQ(response.status, 101);
  EXPECT_EQ(response.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(response.header("Sec-WebSocket-Extensions"), "");
}

TEST(WebSocket, ASubprotocolIsAnsweredOnlyIfItWasOffered) {
  World world;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t shard) {
    world.core.accept(exchange, shard, nullptr, 0, "b.2");
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client offering(world.port()), silent(world.port());
  EXPECT_EQ(offering.handshake("/", "Sec-WebSocket-Protocol: a, b.2\r\n")
                .header("Sec-WebSocket-Protocol"),
            "b.2");
  EXPECT_EQ(silent.handshake("/").header("Sec-WebSocket-Protocol"), "");
}

TEST(WebSocket, AHandshakeThatIsNoneIsAnsweredWithTheReason) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const auto answer = [&](const std::string& headers, const char* method = "GET") {
    return Client(world.port()).get("/", headers, method);
  };
  const Response old = answer(upgrade + key + "Sec-WebSocket-Version: 8\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_EQ(old.header("Sec-WebSocket-Version"), "13");
  EXPECT_EQ(old.body, "this server speaks version 13 of WebSocket\n");
  EXPECT_EQ(answer(upgrade + version).body, "Sec-WebSocket-Key must be 16 bytes in base64\n");
  const std::pair<Response, const char*> refused[] = {
      {answer(upgrade + version + "Sec-WebSocket-Key: short\r\n"),
       "Sec-WebSocket-Key must be 16 bytes in base64\n"},
      {answer(upgrade + version + key, "POST"),
       "a WebSocket handshake is a GET of HTTP/1.1 with Connection: Upgrade\n"},
      {answer("Upgrade: websocket\r\n" + version + key),
       "a WebSocket handshake is a GET of HTTP/1.1 with Connection: Upgrade\n"},
  };
  for (const auto& [response, told] : refused) {
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, told);
  }
  EXPECT_EQ(world.core.opened(), 0u);
}

TEST(WebSocket, APageOfAnotherOriginIsRefused) {
  World world;
  world.host.set("origins", std::vector<std::string>{"https://app.example.com"});
  ASSERT_EQ(world.start(), Status::ok);
  Client stranger(world.port()), friendly(world.port()), native(world.port());
  // A page sees nothing of a handshake that fails, but the code and the words of a close.
  EXPECT_EQ(stranger.handshake("/", "Origin: https://evil.example\r\n").status, 101);
  const auto close = stranger.receive();
  EXPECT_EQ(
      close.payload,
      "\x11\x33pages of this origin may not connect: `origins` of platform-ws does not name it");
  EXPECT_TRUE(world.host.logged(
      "127.0.0.1 is refused with 4403: pages of this origin may not connect: `origins` of "
      "platform-ws does not name it, \"https://evil.example\""));
  EXPECT_EQ(friendly.handshake("/", "Origin: https://app.example.com\r\n").status, 101);
  EXPECT_EQ(native.handshake().status, 101);
}

TEST(WebSocket, APageThatIsRefusedIsNamedByTheAddressBehindTheProxy) {
  World world;
  world.host.set("origins", std::vector<std::string>{"https://app.example.com"});
  world.host.set("trusted_proxies", std::vector<std::string>{"127.0.0.1"});
  ASSERT_EQ(world.start(), Status::ok);
  Client stranger(world.port());
  EXPECT_EQ(
      stranger.handshake("/", "Origin: https://evil.example\r\nX-Forwarded-For: 203.0.113.7\r\n")
          .status,
      101);
  EXPECT_TRUE(
      world.host.logged("203.0.113.7 is refused with 4403: pages of this origin may not "
                        "connect: `origins` of platform-ws does not name it, "
                        "\"https://evil.example\""));
}

TEST(WebSocket, FramesSentBehindTheHandshakeAreNotLost) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  const std::string large(100'000, 'x');
  client.write(Client::request("/?shard=1", Client::kUpgrade) + Client::frame(1, "early") +
               Client::frame(2, large));
  EXPECT_EQ(client.response().status, 101);
  EXPECT_EQ(client.receive().payload, "early");
  EXPECT_TRUE(client.receive().payload == large);
}

TEST(WebSocket, TheCoreCanShakeHandsOnlyToSayGoodbye) {
  World world;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t shard) {
    world.core.accept(exchange, shard, nullptr, 4401);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  EXPECT_EQ(client.handshake().status, 101);
  const Frame frame = client.receive();
  EXPECT_EQ(frame.close_code(), 4401);
  EXPECT_EQ(frame.payload.substr(2), "said the core");
  client.send(8, "\x11\x31");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(world.core.opened(), 0u);
}

// ---- messages -----------------------------------------------------------------------------------

TEST(WebSocket, AMessageComesBackAsItsOwnKind) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "grüße");
  Frame frame = client.receive();
  EXPECT_EQ(frame.opcode, 1);
  EXPECT_EQ(frame.payload, "grüße");
  client.send(2, std::string("\x00\xff", 2));
  frame = client.receive();
  EXPECT_EQ(frame.opcode, 2);
  EXPECT_EQ(frame.payload, std::string("\x00\xff", 2));
}

TEST(WebSocket, MessagesOfEverySizeComeBackInOrder) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  const std::vector<size_t> sizes = {0,     1,      125,    126,     65535,   65536,
                                     70000, 262144, 262137, 1 << 20, 5 << 20, 3};
  std::thread writer([&] {
    for (const size_t size : sizes) client.send(2, std::string(size, static_cast<char>(size)));
  });
  for (const size_t size : sizes) {
    EXPECT_TRUE(client.receive().payload == std::string(size, static_cast<char>(size))) << size;
  }
  writer.join();
}

TEST(WebSocket, FragmentsComeBackAsOneMessageWithAPongBetween) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "one ", false);
  client.send(9, "still there?");
  client.send(0, "message");
  Frame frame = client.receive();
  EXPECT_EQ(frame.opcode, 10);
  EXPECT_EQ(frame.payload, "still there?");
  frame = client.receive();
  EXPECT_EQ(frame.payload, "one message");
  EXPECT_TRUE(frame.fin);
}

TEST(WebSocket, AMessageSentByteByByteArrivesWhole) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  for (const char byte : Client::frame(1, "slow")) client.write({&byte, 1});
  EXPECT_EQ(client.receive().payload, "slow");
}

TEST(WebSocket, EveryClassOfBadFrameClosesWithItsCodeAndReason) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  struct Bad {
    std::string bytes;
    uint16_t code;
    const char* reason;
  };
  std::string reserved = Client::frame(1, "x");
  reserved[0] = static_cast<char>(0xc1);
  const Bad cases[] = {
      {std::string("\x81\x01x", 3), 1002, "frame without a mask"},
      {reserved, 1002, "reserved bits set without an extension"},
      {Client::frame(3, ""), 1002, "unknown opcode"},
      {Client::frame(9, std::string(126, 'x')), 1002, "control frame over 125 bytes"},
      {Client::frame(9, "", false), 1002, "fragmented control frame"},
      {Client::frame(0, ""), 1002, "continuation without a message"},
      {Client::frame(1, "a", false) + Client::frame(1, "b"), 1002,
       "new message inside a fragmented one"},
      {std::string("\x82\xfe\x00\x05", 4), 1002, "length not in its shortest form"},
      {std::string("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 10), 1002,
       "length with its highest bit set"},
      {Client::frame(8, "\x03"), 1002, "close frame with half a code"},
      {Client::frame(8, std::string("\x03\xed", 2)), 1002, "close code not for the wire"},  // 1005
      {Client::frame(1, "\xff"), 1007, "text is not UTF-8"},
      {Client::frame(1, "\xe2\x82"), 1007, "text is not UTF-8"},
      {Client::frame(1, "\xe2\x82", false) + Client::frame(0, ""), 1007,
       "text is cut off inside a character"},
      {Client::frame(8, std::string("\x03\xe8\xff", 3)), 1007, "close reason is not UTF-8"},
  };
  size_t ended = 0;
  for (const auto& [bytes, code, reason] : cases) {
    Client client(world.port());
    ASSERT_EQ(client.handshake().status, 101);
    client.write(bytes);
    const Frame frame = receive_close_frame(client);
    EXPECT_EQ(frame.close_code(), code) << "case " << ended;
    EXPECT_EQ(reason_of(frame), reason) << "case " << ended;
    // The core hears of it although the socket is still open.
    EXPECT_TRUE(world.core.wait_closed(++ended));
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_TRUE(world.core.messages().empty());
}

TEST(WebSocket, ABadPeerHarmsNobodyElse) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client good(world.port()), bad(world.port());
  ASSERT_EQ(good.handshake("/?shard=0").status, 101);
  ASSERT_EQ(bad.handshake("/?shard=0").status, 101);
  bad.write("\xff\xff\xff\xff");
  EXPECT_EQ(bad.receive_close(), 1002);
  good.send(1, "fine");
  EXPECT_EQ(good.receive().payload, "fine");
}

TEST(WebSocket, AnOversizedMessageClosesWith4413BeforeItIsRead) {
  World world;
  world.host.set("message_bytes", int64_t{1000});
  ASSERT_EQ(world.start(), Status::ok);
  Client whole(world.port()), pieces(world.port()), fits(world.port());
  ASSERT_EQ(whole.handshake().status, 101);
  whole.write(Client::frame(2, std::string(1001, 'x')).substr(0, 8));
  Frame frame = receive_close_frame(whole);
  EXPECT_EQ(frame.close_code(), 4413);
  EXPECT_EQ(reason_of(frame), "a message of 1001 bytes, over the limit of 1000");
  ASSERT_EQ(pieces.handshake().status, 101);
  pieces.send(2, std::string(900, 'x'), false);
  pieces.send(0, std::string(101, 'x'));
  frame = receive_close_frame(pieces);
  EXPECT_EQ(frame.close_code(), 4413);
  EXPECT_EQ(reason_of(frame), "a message of 1001 bytes, over the limit of 1000");
  ASSERT_EQ(fits.handshake().status, 101);
  fits.send(2, std::string(1000, 'x'));
  EXPECT_EQ(fits.receive().payload.size(), 1000u);
}

TEST(WebSocket, APeerThatSendsWhileItsFailureIsToldStillHearsTheCode) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  // Far more than any socket buffer holds: a close at once would reset the connection.
  client.write(Client::frame(3, "") + std::string(4 << 20, 'x'));
  EXPECT_EQ(client.receive_close(), 1002);
}

TEST(WebSocket, AFloodOfPingsIsAnsweredWithinABound) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  std::string pings;
  for (int i = 0; i < 10; ++i) pings += Client::frame(9, std::to_string(i));
  client.write(pings);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.receive().payload, std::to_string(i));
  std::string flood;
  for (int i = 0; i < 20'000; ++i) flood += Client::frame(9, "");
  client.write(flood + Client::frame(1, "end"));
  size_t pongs = 0;
  while (client.receive().opcode == 10) ++pongs;
  EXPECT_LT(pongs, 20'000u);
}

// ---- where a connection lives -------------------------------------------------------------------

TEST(WebSocket, AConnectionLivesOnTheShardTheCoreNames) {
  World world;
  std::array<std::thread::id, 2> threads;
  std::mutex mutex;
  std::vector<std::thread::id> opened;
  world.core.on_open = [&](freshet_conn*) {
    const std::lock_guard lock(mutex);
    opened.push_back(std::this_thread::get_id());
  };
  ASSERT_EQ(world.start(), Status::ok);
  for (uint32_t shard = 0; shard < 2; ++shard) {
    world.on_shard(shard, [&] { threads[shard] = std::this_thread::get_id(); });
  }
  // Accepted by turns on both shards, so some of them move.
  for (int i = 0; i < 6; ++i) {
    Client client(world.port());
    ASSERT_EQ(client.handshake(i % 3 == 0 ? "/?shard=0" : "/?shard=1").status, 101);
    client.send(1, "here");
    EXPECT_EQ(client.receive().payload, "here");
    const std::lock_guard lock(mutex);
    EXPECT_EQ(opened.back(), threads[i % 3 == 0 ? 0 : 1]);
  }
}

TEST(WebSocket, TheCoresDataComesWithTheConnection) {
  World world;
  int mine = 0;
  std::promise<void*> seen;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t shard) {
    world.core.accept(exchange, 1 - shard, &mine);
  };
  world.core.on_open = [&](freshet_conn* conn) { seen.set_value(conn->data); };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  EXPECT_EQ(seen.get_future().get(), &mine);
}

// ---- sending to many, and to slow ones

TEST(WebSocket, OneSharedBodyReachesTwoHundredConnectionsOnce) {
  World world;
  std::mutex mutex;
  std::vector<freshet_conn*> conns;
  world.core.on_open = [&](freshet_conn* conn) {
    const std::lock_guard lock(mutex);
    conns.push_back(conn);
  };
  ASSERT_EQ(world.start(), Status::ok);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Client>(world.port()));
    ASSERT_EQ(clients.back()->handshake("/?shard=1").status, 101);
  }
  ASSERT_TRUE(world.core.wait_opened(200));
  const std::string text(1000, 'b');
  freshet_body* body = world.platform->body_create(text.size());
  std::copy(text.begin(), text.end(), body->data);
  world.on_shard(1, [&] {
    for (size_t i = 0; i < conns.size(); ++i) {
      world.platform->send(conns[i], as_bytes("to all: "), body, true);
    }
    EXPECT_EQ(static_cast<SharedBody*>(body)->references.load(), 201u);
  });
  for (const auto& client : clients) EXPECT_EQ(client->receive().payload, "to all: " + text);
  // Nothing else comes: the next thing everybody reads is the echo of what it says now.
  for (const auto& client : clients) client->send(1, "next");
  for (const auto& client : clients) EXPECT_EQ(client->receive().payload, "next");
  world.on_shard(1, [&] { EXPECT_EQ(static_cast<SharedBody*>(body)->references.load(), 1u); });
  world.platform->body_unref(body);
}

TEST(WebSocket, AMessageWithoutABodyIsItsPrefix) {
  World world;
  world.core.on_open = [&](freshet_conn* conn) {
    world.core.platform().send(conn, as_bytes("prefix"), nullptr, true);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  EXPECT_EQ(client.receive().payload, "prefix");
}

TEST(WebSocket, ASlowReadersQueueGrowsAndItsDrainIsTold) {
  World world;
  std::atomic<freshet_conn*> conn{nullptr};
  std::atomic<size_t> queued_at_drain{1};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  world.core.on_drain = [&](freshet_conn* c) { queued_at_drain = c->queued_bytes; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=0").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  const std::string message(1 << 20, 'm');
  world.on_shard(0, [&] {
    for (int i = 0; i < 40; ++i) world.core.send(conn, message);
    EXPECT_GT(conn.load()->queued_bytes, 40u << 20);
  });
  // The socket's buffers have taken what they take; the rest waits for the reader.
  world.on_shard(0, [] {});
  world.on_shard(0, [&] { EXPECT_GT(conn.load()->queued_bytes, 1u << 20); });
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(client.receive().payload == message);
  EXPECT_TRUE(world.core.wait_drained(1));
  EXPECT_EQ(queued_at_drain, 0u);
}

TEST(WebSocket, AReaderPastTheBoundIsClosedBetweenTwoMessages) {
  World world;
  world.host.set("queue_bytes", int64_t{4} << 20);
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake("/?shard=0").status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  const std::string message(1 << 20, 'm');
  // One message may be over the bound: it is the queue behind it that may not.
  world.on_shard(0, [&] { world.core.send(conn, std::string(40 << 20, 'l')); });
  world.on_shard(0, [] {});
  world.on_shard(0, [&] { world.core.send(conn, message); });
  EXPECT_TRUE(world.core.wait_closed(1));
  EXPECT_EQ(client.receive().payload.size(), 40u << 20);
  const Frame frame = client.receive();
  EXPECT_EQ(frame.close_code(), 4504);
  EXPECT_EQ(frame.payload.substr(2), "the reader is too slow");
  EXPECT_EQ(world.host.metric("freshet_readers_overrun_total"), 1);
}

TEST(WebSocket, AReaderPastTheBoundGetsNothingOfWhatHadNotBegunToLeave) {
  World world;
  world.host.set("queue_bytes", int64_t{4} << 20);
  world.core.on_open = [&](freshet_conn* conn) {
    for (int i = 0; i < 6; ++i) world.core.send(conn, std::string(1 << 20, 'm'));
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/", Client::kUpgrade));
  EXPECT_EQ(client.response().status, 101);
  EXPECT_EQ(client.receive().close_code(), 4504);
}

TEST(WebSocket, WhatIsSentAfterACloseIsNotSent) {
  World world;
  world.core.on_message = [&](freshet_conn* conn, Bytes, bool) {
    world.core.send(conn, "last");
    world.core.platform().close(conn, 4404, "no such room");
    world.core.send(conn, "too late");
    world.core.platform().close(conn, 4500, "again");
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.write(Client::frame(1, "a") + Client::frame(1, "b"));
  EXPECT_EQ(client.receive().payload, "last");
  const Frame frame = client.receive();
  EXPECT_EQ(frame.close_code(), 4404);
  EXPECT_EQ(frame.payload.substr(2), "no such room");
  EXPECT_EQ(world.core.closed(), 0u);  // the peer has not answered
  client.send(8, std::string("\x11\x34", 2));
  EXPECT_TRUE(world.core.wait_closed(1));
  EXPECT_EQ(client.read_all(), "");
}

// ---- the end of a connection --------------------------------------------------------------------

TEST(WebSocket, ACloseFrameIsAnsweredWithItsCodeAndTheSocketEnds) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port()), mute(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(8, std::string("\x0f\xa0", 2) + "bye");
  EXPECT_EQ(client.receive().close_code(), 4000);
  EXPECT_EQ(client.read_all(), "");
  ASSERT_EQ(mute.handshake().status, 101);
  mute.send(8, "");
  const Frame frame = mute.receive();
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.payload, "");
  EXPECT_TRUE(world.core.wait_closed(2));
}

TEST(WebSocket, APeerThatVanishesIsToldOfOnce) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client leaving(world.port()), breaking(world.port());
  ASSERT_EQ(leaving.handshake().status, 101);
  ASSERT_EQ(breaking.handshake().status, 101);
  ASSERT_TRUE(world.core.wait_opened(2));
  leaving.close();
  breaking.reset();
  EXPECT_TRUE(world.core.wait_closed(2));
}

TEST(WebSocket, APeerThatIsGoneBeforeTheAnswerIsOpenedAndClosed) {
  World world;
  std::promise<freshet_exchange*> asked;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    asked.set_value(exchange);
  };
  ASSERT_EQ(world.start(), Status::ok);
  freshet_exchange* exchange = nullptr;
  {
    Client client(world.port());
    client.write(Client::request("/", Client::kUpgrade));
    exchange = asked.get_future().get();
    client.reset();
  }
  const uint32_t shard = world.core.request(0).shard;
  world.on_shard(shard, [&] { world.core.accept(exchange, 1 - shard); });
  EXPECT_TRUE(world.core.wait_opened(1));
  EXPECT_TRUE(world.core.wait_closed(1));
}

TEST(WebSocket, APeerThatDoesNotAnswerACloseEndsInTime) {
  World world;
  world.host.set("close_timeout_ms", int64_t{40});
  world.core.on_open = [&](freshet_conn* conn) { world.core.platform().close(conn, 4403, ""); };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  EXPECT_EQ(client.receive_close(), 4403);
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(world.core.wait_closed(1));
}

TEST(WebSocket, AQuietPeerIsPingedAndADeadOneClosed) {
  World world;
  world.host.set("heartbeat_ms", int64_t{20});
  world.host.set("idle_timeout_ms", int64_t{200});
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  // Whoever answers stays, longer than the time-out...
  for (int i = 0; i < 15; ++i) {
    const Frame ping = client.receive();
    ASSERT_EQ(ping.opcode, 9);
    client.send(10, ping.payload);
  }
  EXPECT_EQ(world.core.closed(), 0u);
  // ...and who falls silent goes.
  const auto since = std::chrono::steady_clock::now();
  const Frame frame = receive_close_frame(client);
  EXPECT_EQ(frame.close_code(), 4504);
  EXPECT_EQ(reason_of(frame), "nothing heard");
  EXPECT_GT(std::chrono::steady_clock::now() - since, 100ms);
  EXPECT_TRUE(world.core.wait_closed(1));
}

TEST(WebSocket, ACoreThatThrowsLosesThatConnectionOnly) {
  World world;
  world.core.on_message = [&](freshet_conn* conn, Bytes message, bool) {
    if (as_text(message) == "throw") throw std::runtime_error("a planted bug");
    world.core.send(conn, "fine");
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client hurt(world.port()), other(world.port());
  ASSERT_EQ(hurt.handshake("/?shard=0").status, 101);
  ASSERT_EQ(other.handshake("/?shard=0").status, 101);
  hurt.send(1, "throw");
  EXPECT_EQ(hurt.receive_close(), 4500);
  EXPECT_TRUE(world.host.logged("on_message threw: a planted bug"));
  other.send(1, "?");
  EXPECT_EQ(other.receive().payload, "fine");
}

}  // namespace
}  // namespace freshet::ws::testing
