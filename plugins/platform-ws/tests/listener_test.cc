// Listeners of every kind, and what an operator reads when one cannot be had.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "platform-ws/limits.h"
#include "platform-ws/tests/world.h"

namespace freshet::ws::testing {
namespace {

// ---- unix sockets -------------------------------------------------------------------------------

TEST(Listeners, AUnixSocketServesHttpAndWebSocketAndGoesWithTheServer) {
  const TemporaryFolder folder;
  const std::string path = folder.path("data/admin.sock");  // the folder is made
  World world;
  ASSERT_EQ(world.start({"admin unix:" + path}), Status::ok);
  struct stat file{};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  Client http = Client::unix(path), socket = Client::unix(path);
  EXPECT_EQ(http.get("/metrics").body, "/metrics");
  EXPECT_EQ(world.core.request(0).peer, "unix");
  EXPECT_EQ(world.core.request(0).role, uint32_t{FRESHET_ADMIN});
  ASSERT_EQ(socket.handshake("/?shard=1").status, 101);
  socket.send(1, "hello");
  EXPECT_EQ(socket.receive().payload, "hello");
  socket.close();
  EXPECT_EQ(world.stop(), Status::ok);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listeners, ASocketOfClientsHasTheModeAndGroupThatItIsToHave) {
  const TemporaryFolder folder;
  const std::string clients = folder.path("clients"), admin = folder.path("admin");
  World world;
  world.host.set("socket_mode", "0660");
  world.host.set("socket_group", std::to_string(::getgid()));
  ASSERT_EQ(world.start({"unix:" + clients, "admin unix:" + admin}), Status::ok);
  struct stat file{};
  ASSERT_EQ(::stat(clients.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0660u);
  EXPECT_EQ(file.st_gid, ::getgid());
  ASSERT_EQ(::stat(admin.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u) << "who may talk to it may delete rooms";
}

// Somebody who may not give a file to the group of the system's own.
class AsNobody {
 public:
  explicit AsNobody(const std::string& folder) {
    constexpr uid_t kNobody = 65534;
    if (was_ != 0) return;
    EXPECT_EQ(::chown(folder.c_str(), kNobody, static_cast<gid_t>(-1)), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
  }
  ~AsNobody() { EXPECT_EQ(::seteuid(was_), 0); }

 private:
  const uid_t was_ = ::geteuid();
};

TEST(Listeners, OfASocketThatCannotHaveItsGroupNothingIsLeft) {
  const TemporaryFolder folder;
  const std::string path = folder.path("clients");
  World world;
  world.host.set("socket_group", "1");
  const AsNobody nobody(folder.path(""));
  EXPECT_EQ(world.start({"unix:" + path}), Status::internal);
  EXPECT_TRUE(world.host.logged("cannot listen on \"unix:" + path +
                                "\": giving it socket_group and socket_mode: "));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listeners, AStaleUnixSocketIsReplacedALiveOneIsNot) {
  const TemporaryFolder folder;
  const std::string path = folder.path("s");
  World first, second;
  ASSERT_EQ(first.start({"unix:" + path}), Status::ok);
  EXPECT_EQ(second.start({"unix:" + path}), Status::conflict);
  EXPECT_TRUE(
      second.host.logged("cannot listen on \"unix:" + path + "\": somebody listens there already"));
  EXPECT_EQ(Client::unix(path).get("/").status, 200);
  EXPECT_EQ(first.stop(), Status::ok);
  // What a killed server leaves behind.
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);
  ASSERT_TRUE(std::filesystem::exists(path));
  World third;
  EXPECT_EQ(third.start({"unix:" + path}), Status::ok);
}

TEST(Listeners, AFileInTheWayIsLeftAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.path("precious");
  std::ofstream(path) << "data";
  World world;
  EXPECT_EQ(world.start({"unix:" + path}), Status::conflict);
  EXPECT_TRUE(world.host.logged("a file that is no socket is in the way"));
  EXPECT_EQ(std::filesystem::file_size(path), 4u);
}

// ---- what goes wrong at the start ---------------------------------------------------------------

TEST(Listeners, AnAddressInUseIsNamed) {
  World first, second;
  ASSERT_EQ(first.start(), Status::ok);
  const std::string taken = "127.0.0.1:" + std::to_string(first.port());
  EXPECT_EQ(second.start({taken}), Status::conflict);
  EXPECT_TRUE(
      second.host.logged("cannot listen on \"" + taken + "\": bind: Address already in use"));
}

TEST(Listeners, AnAddressThatIsNoneIsNamed) {
  const std::string long_path = "unix:/tmp/" + std::string(200, 'x');
  const std::pair<std::string, std::string> cases[] = {
      {"4747", "it has no port"},
      {"127.0.0.1:70000", "it has no port between 0 and 65535"},
      {"no.such.host.invalid:80", "it has no IP address"},
      {long_path, "it is too long for a socket's path"},
  };
  for (const auto& [address, reason] : cases) {
    World world;
    EXPECT_EQ(world.start({address}), Status::malformed) << address;
    EXPECT_TRUE(world.host.logged("cannot listen on \"" + address + "\": " + reason))
        << world.host.log();
  }
}

TEST(Listeners, OneThatFailsLeavesNoneBehind) {
  const TemporaryFolder folder;
  const std::string path = folder.path("s");
  World world;
  EXPECT_EQ(world.start({"unix:" + path, "nonsense"}), Status::malformed);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listeners, SeveralListenersServeTogether) {
  World world;
  ASSERT_EQ(world.start({"127.0.0.1:0", "admin [::1]:0", "localhost:0"}), Status::ok);
  EXPECT_EQ(Client(world.port()).get("/").status, 200);
  EXPECT_TRUE(world.host.logged("listening on 127.0.0.1:" + std::to_string(world.port())));
  EXPECT_TRUE(
      world.host.logged("listening on [::1]:" + std::to_string(world.port(1)) + " (admin)"));
}

// ---- TLS ----------------------------------------------------------------------------------------

class TlsListeners : public ::testing::Test {
 protected:
  TlsListeners() {
    write_certificate(cert, key);
    world.host.set("cert", cert);
    world.host.set("key", key);
  }

  TemporaryFolder folder;
  const std::string cert = folder.path("cert.pem"), key = folder.path("key.pem");
  World world;
};

TEST_F(TlsListeners, MessagesOfEverySizeComeBack) {
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client = Client::tls(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  for (const size_t size : {0u, 1u, 1000u, 16384u, 16385u, 70'000u, 1u << 20}) {
    client.send(2, std::string(size, 's'));
    EXPECT_TRUE(client.receive().payload == std::string(size, 's')) << size;
  }
}

TEST_F(TlsListeners, AConnectionStaysWhereItWasAccepted) {
  world.core.on_request = [&](freshet_exchange* exchange, const freshet_request& request,
                              uint32_t shard) {
    EXPECT_EQ(request.movable, 0);
    world.core.accept(exchange, shard);
  };
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  for (int i = 0; i < 4; ++i) {
    Client client = Client::tls(world.port());
    ASSERT_EQ(client.handshake().status, 101);
    client.send(1, "x");
    EXPECT_EQ(client.receive().payload, "x");
  }
  EXPECT_NE(world.core.request(0).shard, world.core.request(1).shard);
}

TEST_F(TlsListeners, ManySmallMessagesInOneRecordAllArrive) {
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client = Client::tls(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += Client::frame(1, std::to_string(i));
  std::thread writer([&] { client.write(many + Client::frame(9, "done")); });
  writer.join();
  for (int i = 0; i < 50'000; ++i) ASSERT_EQ(client.receive().payload, std::to_string(i));
  EXPECT_EQ(client.receive().opcode, 10);
}

TEST_F(TlsListeners, ASlowReaderDrains) {
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  world.host.set("shards", int64_t{1});
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client = Client::tls(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  const std::string message(1 << 20, 'm');
  world.on_shard(0, [&] {
    for (int i = 0; i < 40; ++i) world.core.send(conn, message);
  });
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.receive().payload == message);
  EXPECT_TRUE(world.core.wait_drained(1));
}

// A record may be half written when something urgent comes.
TEST_F(TlsListeners, WhatIsUrgentCutsIntoNothing) {
  std::atomic<freshet_conn*> conn{nullptr};
  world.core.on_open = [&](freshet_conn* c) { conn = c; };
  world.host.set("shards", int64_t{1});
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client = Client::tls(world.port());
  ASSERT_EQ(client.handshake().status, 101);
  ASSERT_TRUE(world.core.wait_opened(1));
  constexpr size_t kMessages = 6'000;
  const std::string filling(5'000, 'm');
  world.on_shard(0, [&] {
    for (size_t i = 0; i < kMessages; ++i) world.core.send(conn, std::to_string(i) + filling);
  });
  size_t bulk = 0, pongs = 0, sent = 0, first_pong = 0;
  while (bulk < kMessages || pongs < sent) {
    if (sent < 100 && bulk % 20 == 0) {
      world.on_shard(0, [&] {
        sent += world.platform->send_urgent(conn, as_bytes("pong"), true) == Status::ok ? 1 : 0;
      });
    }
    const std::string payload = client.receive().payload;
    if (payload == "pong") {
      if (pongs++ == 0) first_pong = bulk;
      continue;
    }
    ASSERT_EQ(payload, std::to_string(bulk) + filling);
    ++bulk;
  }
  EXPECT_EQ(pongs, 100u);
  EXPECT_LT(first_pong, kMessages / 2);
}

TEST_F(TlsListeners, WhoeverSpeaksNoTlsIsClosed) {
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client client(world.port());
  client.write(Client::request("/"));
  EXPECT_EQ(client.read_all().find("HTTP/1.1 2"), std::string::npos);
  EXPECT_EQ(Client::tls(world.port()).get("/fine").body, "/fine");
}

TEST_F(TlsListeners, ANewCertificateIsTakenAndABadOneIsNot) {
  ASSERT_EQ(world.start({"tls:127.0.0.1:0"}), Status::ok);
  Client before = Client::tls(world.port());
  ASSERT_EQ(before.handshake().status, 101);
  const std::string old = before.certificate();

  std::ofstream(cert) << "no certificate";
  world.platform->request_reload();
  EXPECT_EQ(Client::tls(world.port()).certificate(), old);
  // Reloads and accepts happen on one loop in their order, so this one has happened.
  EXPECT_TRUE(world.host.logged("the one in use stays: cert \"" + cert + "\""));

  write_certificate(cert, key);
  world.platform->request_reload();
  EXPECT_NE(Client::tls(world.port()).certificate(), old);
  before.send(1, "still here");
  EXPECT_EQ(before.receive().payload, "still here");
}

TEST_F(TlsListeners, WhatIsMissingIsNamed) {
  World none;
  EXPECT_EQ(none.start({"tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(none.host.logged("cannot listen on \"tls:127.0.0.1:0\": the settings cert and key"));

  World gone;
  gone.host.set("cert", folder.path("gone.pem"));
  gone.host.set("key", key);
  EXPECT_EQ(gone.start({"tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(gone.host.logged("cert \"" + folder.path("gone.pem") + "\": "));
  EXPECT_TRUE(gone.host.logged("No such file or directory")) << gone.host.log();

  World large;
  const std::string zeros = folder.path("large.pem");
  std::ofstream(zeros) << "x";
  std::filesystem::resize_file(zeros, kMaxPemBytes + 1);
  large.host.set("cert", zeros);
  large.host.set("key", key);
  EXPECT_EQ(large.start({"tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(large.host.logged("cert \"" + zeros + "\": has 1048577 bytes")) << large.host.log();

  const std::string other = folder.path("other.pem");
  write_certificate(folder.path("unused.pem"), other);
  World wrong;
  wrong.host.set("cert", cert);
  wrong.host.set("key", other);
  EXPECT_EQ(wrong.start({"tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(wrong.host.logged("cannot listen on \"tls:127.0.0.1:0\": key \"" + other + "\""))
      << wrong.host.log();
  EXPECT_TRUE(wrong.host.logged("key values mismatch")) << wrong.host.log();

  const std::string text = folder.path("text.pem");
  std::ofstream(text) << "no key";
  World unreadable;
  unreadable.host.set("cert", cert);
  unreadable.host.set("key", text);
  EXPECT_EQ(unreadable.start({"tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(
      unreadable.host.logged("cannot listen on \"tls:127.0.0.1:0\": key \"" + text + "\": "))
      << unreadable.host.log();
}

// ---- real signals, in a process of their own ----------------------------------------------------

// Runs a server in a child that exits with run()'s status, and tells its port through a pipe.
class ServerProcess {
 public:
  enum class Core { finishes, never_finishes, hangs_in_a_job };

  explicit ServerProcess(Core kind) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      // World's threads begin here, after the fork.
      World world;
      if (kind != Core::finishes) world.core.on_stop = [] {};
      if (kind == Core::hangs_in_a_job) {
        world.before_run = [&] {
          const uint32_t queue = *world.platform->queue_create("store", 1, 1);
          const auto hang = [](void*) { std::promise<void>().get_future().wait_for(1h); };
          EXPECT_EQ(world.platform->queue_push(queue, hang, nullptr), Status::ok);
        };
      }
      if (world.start() != Status::ok) ::_exit(100);
      const uint16_t port = world.port();
      if (::write(ends[1], &port, sizeof(port)) != sizeof(port)) ::_exit(101);
      ::_exit(static_cast<int>(world.ended()));
    }
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &port_, sizeof(port_)), ssize_t{sizeof(port_)});
    ::close(ends[0]);
  }

  uint16_t port() const { return port_; }
  void signal(int number) const { ::kill(pid_, number); }
  int exit_status() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  uint16_t port_ = 0;
};

TEST(Signals, SigtermDrainsAndEndsWell) {
  for (const int number : {SIGTERM, SIGINT}) {
    const ServerProcess server(ServerProcess::Core::finishes);
    Client client(server.port());
    ASSERT_EQ(client.handshake().status, 101);
    client.send(1, "hello");
    EXPECT_EQ(client.receive().payload, "hello");  // so it is open, and the handlers are there
    server.signal(SIGHUP);                         // nothing to reload: no harm
    server.signal(number);
    EXPECT_EQ(client.receive_close(), 1012);
    client.close();
    EXPECT_EQ(server.exit_status(), FRESHET_OK);
  }
}

// Sends SIGTERM twice. Until the first is seen to work, the second could merge into it.
void stop_twice(const ServerProcess& server) {
  server.signal(SIGTERM);
  for (bool accepting = true; accepting;) {
    try {
      Client probe(server.port());
    } catch (const std::runtime_error&) {
      accepting = false;
    }
  }
  server.signal(SIGTERM);
}

TEST(Signals, ASecondSigtermEndsAtOnce) {
  const ServerProcess server(ServerProcess::Core::never_finishes);
  Client client(server.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "hello");
  EXPECT_EQ(client.receive().payload, "hello");
  stop_twice(server);
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(server.exit_status(), FRESHET_RETRY);
}

TEST(Signals, AJobThatHangsDoesNotKeepTheProcess) {
  const ServerProcess server(ServerProcess::Core::hangs_in_a_job);
  Client client(server.port());
  ASSERT_EQ(client.handshake().status, 101);
  client.send(1, "hello");
  EXPECT_EQ(client.receive().payload, "hello");
  stop_twice(server);
  EXPECT_EQ(server.exit_status(), EXIT_FAILURE);
}

}  // namespace
}  // namespace freshet::ws::testing
