// What an HTTP client sees, and what the core is asked.
#include <gtest/gtest.h>

#include "platform-ws/limits.h"
#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

TEST(Http, ARequestIsPassedOnAsSent) {
  World world;
  ASSERT_EQ(world.start({"127.0.0.1:0", "admin 127.0.0.1:0"}), Status::ok);
  Client client(world.port(1));
  client.write(Client::request("/a%20b?c=d", "X-Thing: Value\r\nContent-Length: 4\r\n", "POST") +
               "body");
  const Response response = client.response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "/a%20b?c=d");
  EXPECT_EQ(response.header("Content-Type"), "text/plain");
  EXPECT_TRUE(response.header("Date").ends_with(" GMT"));
  const EchoCore::Request request = world.core.request(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a%20b?c=d");
  EXPECT_EQ(request.headers.at("X-Thing"), "Value");
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request.peer, "127.0.0.1");
  EXPECT_EQ(request.role, uint32_t{FRESHET_ADMIN});
  EXPECT_FALSE(request.upgrade);
  EXPECT_TRUE(request.movable);
}

TEST(Http, AConnectionIsKeptForTheNextRequest) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  EXPECT_EQ(client.get("/1").header("Connection"), "keep-alive");
  EXPECT_EQ(client.get("/2").body, "/2");
  client.write(Client::request("/3") + Client::request("/4", "Connection: close\r\n"));
  EXPECT_EQ(client.response().body, "/3");
  const Response last = client.response();
  EXPECT_EQ(last.body, "/4");
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_EQ(client.read_all(), "");
}

TEST(Http, AHeadRequestGetsTheLengthButNoBody) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  EXPECT_EQ(client.get("/head", "", "HEAD").header("Content-Length"), "5");
  EXPECT_EQ(client.get("/get").body, "/get");
}

TEST(Http, ABodyInChunksIsJoined) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/", "Transfer-Encoding: chunked\r\n", "PUT") +
               "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(world.core.request(0).body, "abcdefg");
}

TEST(Http, AClientThatWaitsIsToldToContinue) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/", "Content-Length: 4\r\nExpect: 100-continue\r\n", "POST"));
  EXPECT_EQ(client.response().status, 100);
  client.write("body");
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(world.core.request(0).body, "body");
}

TEST(Http, WhatIsNoRequestIsAnsweredWithTheReason) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  struct Bad {
    const char* bytes;
    int status;
    const char* told;
  };
  constexpr const char* kNone = "this is not an HTTP request\n";
  constexpr const char* kHost = "the request needs one Host header\n";
  constexpr const char* kVersion = "this server speaks HTTP/1.1 and HTTP/1.0\n";
  const Bad cases[] = {
      {"nonsense\r\n\r\n", 400, kNone},
      {"GET / HTTP/1.1\r\n\r\n", 400, kHost},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, kHost},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, kNone},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       kNone},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, kNone},
      {"\x16\x03\x01\x02\x01\x01\x01\x01", 400, kNone},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, kVersion},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, kVersion},
  };
  for (const auto& [bytes, status, told] : cases) {
    Client client(world.port());
    client.write(bytes);
    const Response response = client.response();
    EXPECT_EQ(response.status, status) << bytes;
    EXPECT_EQ(response.body, told) << bytes;
    EXPECT_EQ(client.read_all(), "");
  }
}

TEST(Http, MethodsOfProxiesAreRefused) {
  World world;
  ASSERT_EQ(world.start(), Status::ok);
  for (const char* method : {"TRACE", "CONNECT"}) {
    const Response response = Client(world.port()).get("/", "", method);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.body, "this method is not for this server\n");
  }
}

TEST(Http, AHeadThatIsTooLargeIsAnswered431) {
  World world;
  world.host.set("header_bytes", int64_t{1000});
  world.host.set("header_count", int64_t{10});
  ASSERT_EQ(world.start(), Status::ok);
  const Response large = Client(world.port()).get("/", "X: " + std::string(2000, 'x') + "\r\n");
  EXPECT_EQ(large.status, 431);
  EXPECT_EQ(large.body, "the request's head is over 1000 bytes\n");
  // One that never ends is not waited for.
  Client endless(world.port());
  endless.write("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'));
  EXPECT_EQ(endless.response().status, 431);
  std::string many;
  for (int i = 0; i < 10; ++i) many += "X: y\r\n";  // and Host
  const Response counted = Client(world.port()).get("/", many);
  EXPECT_EQ(counted.status, 431);
  EXPECT_EQ(counted.body, "the request has over 10 headers\n");
}

TEST(Http, ABodyThatIsTooLargeIsAnswered413) {
  World world;
  world.host.set("body_bytes", int64_t{10});
  ASSERT_EQ(world.start(), Status::ok);
  Client told(world.port()), chunked(world.port()), fits(world.port());
  const Response response = told.get("/", "Content-Length: 11\r\n", "POST");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "the request's body is over 10 bytes\n");
  chunked.write(Client::request("/", "Transfer-Encoding: chunked\r\n", "POST") +
                "b\r\n12345678901\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.response().status, 413);
  fits.write(Client::request("/", "Content-Length: 10\r\n", "POST") + "1234567890");
  EXPECT_EQ(fits.response().status, 200);
}

TEST(Http, ARequestThatDripsInIsAnswered408AndSilenceIsClosed) {
  World world;
  world.host.set("request_timeout_ms", int64_t{60});
  ASSERT_EQ(world.start(), Status::ok);
  Client slow(world.port()), mute(world.port()), kept(world.port());
  slow.write("GET / HTTP/1.1\r\nHo");
  const Response response = slow.response();
  EXPECT_EQ(response.status, 408);
  EXPECT_EQ(response.body, "the request did not come whole in time\n");
  EXPECT_EQ(mute.read_all(), "");
  EXPECT_EQ(world.core.opened(), 0u);
}

TEST(Http, AnAnswerLargerThanTheSocketsBufferArrivesWhole) {
  World world;
  const std::string large(30 << 20, 'a');
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    world.core.respond(exchange, 200, large);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  EXPECT_TRUE(client.get("/").body == large);
  EXPECT_TRUE(client.get("/").body == large);
}

TEST(Http, AReaderOfAnAnswerThatStallsIsClosed) {
  World world;
  world.host.set("request_timeout_ms", int64_t{60});
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    world.core.respond(exchange, 200, std::string(32 << 20, 'a'));
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/"));
  ASSERT_TRUE(world.core.wait_requests(1));
  while (world.platform->taken().sockets > 0) std::this_thread::yield();
  EXPECT_LT(client.read(33 << 20).size(), 32u << 20);
}

TEST(Http, AnAnswerMayComeLaterAndFromTheShard) {
  World world;
  std::promise<freshet_exchange*> asked;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    asked.set_value(exchange);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/later"));
  freshet_exchange* exchange = asked.get_future().get();
  world.on_shard(world.core.request(0).shard, [&] { world.core.respond(exchange, 202, "done"); });
  const Response response = client.response();
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "done");
}

TEST(Http, AnAnswerForAClientThatLeftIsHarmless) {
  World world;
  std::promise<freshet_exchange*> asked;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    asked.set_value(exchange);
  };
  world.core.on_stop = [] {};
  ASSERT_EQ(world.start(), Status::ok);
  auto client = std::make_unique<Client>(world.port());
  client->write(Client::request("/later"));
  freshet_exchange* exchange = asked.get_future().get();
  client->reset();
  world.on_shard(world.core.request(0).shard, [&] { world.core.respond(exchange, 200, "late"); });
  // The server is well.
  world.core.on_request = nullptr;
  EXPECT_EQ(Client(world.port()).get("/next").body, "/next");
}

TEST(Http, AnExchangeThatIsNeverAnsweredEndsWithTheServer) {
  World world;
  world.core.on_request = [](freshet_exchange*, const freshet_request&, uint32_t) {};
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/"));
  ASSERT_TRUE(world.core.wait_requests(1));
  EXPECT_EQ(world.stop(), Status::ok);
  EXPECT_EQ(client.read_all(), "");
}

TEST(Http, AnAnswerAfterItsConnectionWasClosedGoesNowhere) {
  World world;
  struct Late {
    World& world;
    freshet_exchange* exchange = nullptr;
    std::promise<void> ended;
  } late{world, nullptr, {}};
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    late.exchange = exchange;
  };
  // A job that outlives the connection, as an auth call may, and answers then.
  world.before_run = [&] {
    const auto job = [](void* arg) {
      auto& l = *static_cast<Late*>(arg);
      l.ended.get_future().wait();
      l.world.on_shard(l.world.core.request(0).shard,
                       [&] { l.world.core.respond(l.exchange, 200, "late"); });
    };
    const uint32_t queue = *world.platform->queue_create("auth", 1, 1);
    EXPECT_EQ(world.platform->queue_push(queue, job, &late), Status::ok);
  };
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.write(Client::request("/"));
  ASSERT_TRUE(world.core.wait_requests(1));
  world.platform->request_stop();
  EXPECT_EQ(client.read_all(), "");  // the core has finished, so its open requests are closed
  late.ended.set_value();
  EXPECT_EQ(world.ended(), Status::ok);
}

TEST(Http, AHeaderThatWouldBreakOutOfItsLineIsLeftOut) {
  World world;
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request&, uint32_t) {
    const freshet_header headers[] = {
        {to_c(std::string_view("X-Bad")), to_c(std::string_view("a\r\nX-Injected: b"))},
        {to_c(std::string_view("X-Good")), to_c(std::string_view("c"))}};
    freshet_response response{};
    response.size = sizeof(response);
    response.status = 204;
    response.headers = headers;
    response.header_count = 2;
    world.core.platform().respond(exchange, response);
  };
  ASSERT_EQ(world.start(), Status::ok);
  const Response response = Client(world.port()).get("/");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.header("X-Injected"), "");
  EXPECT_EQ(response.header("X-Good"), "c");
}

TEST(Http, ACoreThatThrowsIsAnswered500) {
  World world;
  world.core.on_request = [](freshet_exchange*, const freshet_request&, uint32_t) {
    throw std::runtime_error("a planted bug");
  };
  ASSERT_EQ(world.start(), Status::ok);
  EXPECT_EQ(Client(world.port()).get("/").status, 500);
  EXPECT_TRUE(world.host.logged("on_request threw: a planted bug"));
}

TEST(Http, TheClientBehindATrustedProxyIsThePeer) {
  World world;
  world.host.set("trusted_proxies", std::vector<std::string>{"127.0.0.1"});
  ASSERT_EQ(world.start(), Status::ok);
  Client client(world.port());
  client.get("/", "X-Forwarded-For: 6.6.6.6, 198.51.100.7\r\n");
  EXPECT_EQ(world.core.request(0).peer, "198.51.100.7");
}

TEST(Http, TheSiteIsWhereTheClientCameToAndATrustedProxySaysItFirst) {
  struct Row {
    const char* trusted;
    const char* headers;
    const char* site;
  };
  const char* const forwarded =
      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example, docs.example:8443\r\n";
  for (const Row& row :
       {Row{"10.0.0.1", "", "http://test"}, Row{"10.0.0.1", forwarded, "http://test"},
        Row{"127.0.0.1", forwarded, "https://docs.example:8443"},
        Row{"127.0.0.1", "X-Forwarded-Proto: https\r\n", "https://test"},
        Row{"127.0.0.1", "X-Forwarded-Host: <b>\r\n", ""}}) {
    World world;
    world.host.set("trusted_proxies", std::vector<std::string>{row.trusted});
    ASSERT_EQ(world.start(), Status::ok);
    Client(world.port()).get("/", row.headers);
    EXPECT_EQ(world.core.request(0).site, row.site) << row.headers;
  }
  const std::string longest(kMaxHostBytes, 'a');
  World world;
  world.host.set("trusted_proxies", std::vector<std::string>{"127.0.0.1"});
  world.host.set("forwarded_header", std::string("forwarded"));
  ASSERT_EQ(world.start(), Status::ok);
  Client(world.port())
      .get("/",
           "Forwarded: for=6.6.6.6;proto=http;host=\"a.example\", for=1.2.3.4;Proto=HTTPS;"
           "host=\"[::1]:443\"\r\n");
  EXPECT_EQ(world.core.request(0).site, "https://[::1]:443");
  Client(world.port()).get("/", ("Forwarded: host=" + longest + "\r\n").c_str());
  EXPECT_EQ(world.core.request(1).site, "http://" + longest);
  Client(world.port()).get("/", ("Forwarded: host=b" + longest + "\r\n").c_str());
  EXPECT_EQ(world.core.request(2).site, "") << "it is too long for a name";
}

// ---- limits on connections ----------------------------------------------------------------------

TEST(Http, OneAddressGetsNoMoreThanItsShare) {
  World world;
  world.host.set("trusted_proxies", std::vector<std::string>{"127.0.0.1"});
  world.host.set("max_connections_per_address", int64_t{2});
  ASSERT_EQ(world.start(), Status::ok);
  const char* const crowd = "X-Forwarded-For: 198.51.100.7\r\n";
  Client first(world.port()), second(world.port()), third(world.port()), other(world.port());
  ASSERT_EQ(first.handshake("/", crowd).status, 101);
  ASSERT_EQ(second.handshake("/", crowd).status, 101);
  const Response refused = third.handshake("/", crowd);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "too many connections from this address\n");
  EXPECT_EQ(other.handshake("/", "X-Forwarded-For: 198.51.100.8\r\n").status, 101);
  // Its place is free again when one leaves.
  ASSERT_TRUE(world.core.wait_opened(3));
  first.close();
  ASSERT_TRUE(world.core.wait_closed(1));
  int status = 0;
  do {
    status = Client(world.port()).handshake("/", crowd).status;
  } while (status == 503);
  EXPECT_EQ(status, 101);
}

TEST(Http, AServerThatIsFullSaysSo) {
  World world;
  world.host.set("max_connections", int64_t{2});
  ASSERT_EQ(world.start(), Status::ok);
  Client first(world.port()), second(world.port());
  ASSERT_EQ(first.handshake().status, 101);
  ASSERT_EQ(second.handshake().status, 101);
  Client third(world.port());
  const Response refused = third.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "too many connections\n");
  EXPECT_EQ(refused.header("Retry-After"), "5");
}

}  // namespace
}  // namespace freshet::ws::testing
