// Who comes in by what is listened on, before anything of the platform reads from them.
#include "platform-ws/listeners.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "freshet/sink.h"
#include "freshet/testing.h"

namespace freshet::ws {
namespace {

class Entrance : public ::testing::Test {
 protected:
  Status open(std::vector<std::string> addresses, uint32_t role = FRESHET_PUBLIC) {
    std::vector<freshet_listener> wanted;
    for (const std::string& address : addresses) wanted.push_back({to_c(address), role});
    return listeners.open({sizeof(freshet_listen), wanted.data(), wanted.size()});
  }
  void start() {
    listeners.start([this](Newcomer newcomer) { came.push_back(std::move(newcomer)); });
  }
  // Somebody at the n-th listener, as the peer sees it.
  OwnedFd connect(size_t listener = 0) const {
    const std::string bound = listeners.bound().at(listener);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(bound.substr(bound.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    OwnedFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int connected =
        ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    EXPECT_EQ(connected, 0);
    return fd;
  }
  // The loop runs until so many have come in, or have been turned away.
  void take(size_t count) {
    while (came.size() + static_cast<size_t>(refused()) < count) loop.run_one();
  }
  int64_t refused() const { return host.metric("freshet_refused_total"); }
  static std::string all_from(const OwnedFd& fd) {
    std::string out;
    char bytes[512];
    for (ssize_t got = 0; (got = ::recv(fd.get(), bytes, sizeof(bytes), 0)) > 0;) {
      out.append(bytes, static_cast<size_t>(got));
    }
    return out;
  }

  static WsSettings settings() {
    WsSettings out;
    out.max_connections = 2;
    out.max_connections_per_address = 0;
    return out;
  }

  freshet::testing::FakeHost host;
  boost::asio::io_context loop;
  Wiring wiring{settings(), host.host(), [] {}};
  Listeners listeners{loop, wiring};
  std::vector<Newcomer> came;
};

TEST_F(Entrance, WhoComesIsHandedOverWithTheRoleOfTheListener) {
  ASSERT_EQ(open({"127.0.0.1:0"}, FRESHET_ADMIN), Status::ok) << host.log();
  listeners.announce();
  EXPECT_TRUE(host.logged("listening on " + listeners.bound().at(0) + " (admin)")) << host.log();
  start();
  const OwnedFd peer = connect();
  take(1);
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0].role, uint32_t{FRESHET_ADMIN});
  EXPECT_TRUE(came[0].peer);
  EXPECT_EQ(came[0].ssl, nullptr);
  EXPECT_EQ(wiring.admission.taken(), 1u);
}

TEST_F(Entrance, WhoeverIsOneTooManyIsToldSoAndASeatIsFreeOnceSomebodyLeaves) {
  ASSERT_EQ(open({"127.0.0.1:0"}), Status::ok) << host.log();
  start();
  const OwnedFd first = connect(), second = connect(), third = connect();
  take(3);
  EXPECT_EQ(came.size(), 2u);
  EXPECT_TRUE(all_from(third).ends_with("\r\n\r\ntoo many connections\n"));
  came.pop_back();
  const OwnedFd fourth = connect();
  take(3);
  EXPECT_EQ(came.size(), 2u);
  EXPECT_EQ(refused(), 1);
}

TEST_F(Entrance, OneThatCannotBeOpenedClosesTheOthers) {
  EXPECT_EQ(open({"127.0.0.1:0", "tls:127.0.0.1:0"}), Status::malformed);
  EXPECT_TRUE(host.logged("the settings cert and key are needed")) << host.log();
  EXPECT_TRUE(listeners.bound().empty());
}

TEST_F(Entrance, NobodyComesInAfterTheStop) {
  ASSERT_EQ(open({"127.0.0.1:0"}), Status::ok) << host.log();
  start();
  const OwnedFd early = connect();
  take(1);
  const std::string bound = listeners.bound().at(0);
  listeners.stop();
  EXPECT_EQ(listeners.bound().at(0), bound);
  loop.restart();
  loop.poll();
  EXPECT_EQ(came.size(), 1u);
  EXPECT_TRUE(loop.stopped()) << "it still waits for somebody";
}

}  // namespace
}  // namespace freshet::ws
