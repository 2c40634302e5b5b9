// How a request says where it ends, and which of its headers may come twice. What a proxy and a
// server read differently lets one request carry another past the proxy.
#include <gtest/gtest.h>

#include <thread>

#include "platform-ws/limits.h"
#include "world.h"

namespace freshet::ws::testing {
namespace {

// What is behind the first answer, if anything was taken for a second request.
std::string all_answers(World& world, std::string_view bytes) {
  Client client(world.port());
  client.write(bytes);
  return client.read_all();
}

TEST(Framing, ThatReadersDifferOnIsRefusedAndEndsTheConnection) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  const std::string smuggled = Client::request("/smuggled");
  for (const char* headers :
       {"Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: \r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n", "Content-Length: -1\r\n", "Content-Length: 0x5\r\n"}) {
    const std::string answers =
        all_answers(world, Client::request("/", headers, "POST") + "0\r\n\r\n" + smuggled);
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 400 ")) << headers << answers;
    EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos) << headers << answers;
    EXPECT_NE(answers.find("Connection: close"), std::string::npos) << headers;
  }
  const std::string old = all_answers(world,
                                      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "0\r\n\r\n" +
                                          smuggled);
  EXPECT_TRUE(old.starts_with("HTTP/1.1 400 ")) << old;
  EXPECT_EQ(Client(world.port()).get("/good").status, 200);
  EXPECT_EQ(world.core.request(0).target, "/good");  // and so none of them reached the core
}

TEST(Framing, OfChunksIsTakenInAnyCase) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/a", "Transfer-Encoding: Chunked\r\n", "POST") +
               "3\r\nabc\r\n0\r\n\r\n" + Client::request("/b"));
  EXPECT_EQ(client.response().body, "/a");
  EXPECT_EQ(client.response().body, "/b");
  EXPECT_EQ(world.core.request(0).body, "abc");
}

constexpr const char* kKey =
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

TEST(Handshakes, MaySpreadTheirListsOverSeveralLines) {
  World world;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t shard) {
    world.core.accept(exchange, shard, nullptr, 0, "second");
  };
  ASSERT_EQ(world.start(), Status::ok);
  const std::string key = kKey;
  for (const std::string lines :
       {"Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n"}) {
    const Response response = Client(world.port())
                                  .get("/", lines + key +
                                                "Sec-WebSocket-Protocol: first\r\n"
                                                "Sec-WebSocket-Protocol: second\r\n");
    EXPECT_EQ(response.status, 101) << lines;
    EXPECT_EQ(response.header("Sec-WebSocket-Protocol"), "second") << lines;
  }
}

TEST(Handshakes, SayOnceWhatCannotBeAList) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  const std::string upgrade = std::string("Connection: Upgrade\r\nUpgrade: websocket\r\n") + kKey;
  for (const std::string twice :
       {"Origin: https://a.example\r\nOrigin: https://b.example\r\n", "Origin: \r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Version: 13\r\n"}) {
    EXPECT_EQ(Client(world.port()).get("/", upgrade + twice).status, 400) << twice;
  }
}

TEST(Bodies, ThatNobodyWantsAreNotWaitedFor) {
  World world;
  world.core.body_limit = [](const freshet_request& head) -> uint64_t {
    return view(head.target) == "/wanted" ? 10 : 0;
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client unwanted(world.port()), chunked(world.port()), large(world.port()), fits(world.port());
  const Response response = unwanted.get("/nowhere", "Content-Length: 16000000\r\n", "POST");
  EXPECT_EQ(response.body, "/nowhere");
  EXPECT_EQ(response.header("Connection"), "close");
  chunked.write(Client::request("/nowhere", "Transfer-Encoding: chunked\r\n", "POST") + "5\r\nab");
  EXPECT_EQ(chunked.response().body, "/nowhere");
  EXPECT_EQ(large.get("/wanted", "Content-Length: 11\r\n", "POST").status, 413);
  fits.write(Client::request("/wanted", "Content-Length: 10\r\n", "POST") + "1234567890");
  EXPECT_EQ(fits.response().status, 200);
  EXPECT_EQ(world.core.request(0).body, "");
  EXPECT_EQ(world.core.request(2).body, "1234567890");
}

TEST(Bodies, OfAllConnectionsTogetherAreBounded) {
  World world;
  world.host.set("half_received_bytes", int64_t{1} << 20);
  ASSERT_EQ(world.start(), Status::ok);
  const std::string most(600 << 10, 'x');
  const std::string head = Client::request("/", "Content-Length: 614401\r\n", "POST");
  Client first(world.port()), second(world.port());
  first.write(head + most);
  while (world.platform->taken().half_received_bytes < most.size()) std::this_thread::yield();
  second.write(head + most);
  EXPECT_EQ(second.response().status, 503);
  first.write("x");
  EXPECT_EQ(first.response().status, 200);
  while (world.platform->taken().half_received_bytes > 0) std::this_thread::yield();
}

TEST(Bodies, AreCountedAsTheMemoryThatHoldsThem) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  const std::string piece_and_a_byte(kBodyPieceBytes + 1, 'x');
  client.write(Client::request("/", "Content-Length: 1000000\r\n", "POST") + piece_and_a_byte);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (world.platform->taken().half_received_bytes < 2 * kBodyPieceBytes &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GE(world.platform->taken().half_received_bytes, 2 * kBodyPieceBytes);
}

}  // namespace
}  // namespace freshet::ws::testing
