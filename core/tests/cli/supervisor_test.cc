// What a service manager hears, at a socket as it makes one.
#include "core/cli/supervisor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>

namespace freshet::cli {
namespace {

// An address that no file stands for, so that nothing is left behind.
class Systemd {
 public:
  Systemd() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    address_.copy(at.sun_path, address_.size());
    at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size), 0);
  }
  ~Systemd() { ::close(fd_); }

  const std::string& address() const { return address_; }
  std::string heard() const {
    char text[512];
    const ssize_t count = ::recv(fd_, text, sizeof(text), MSG_DONTWAIT);
    return count < 0 ? "" : std::string(text, static_cast<size_t>(count));
  }

 private:
  const std::string address_ = "@freshet-test-" + std::to_string(::getpid());
  int fd_;
};

Environment environment(std::map<std::string, std::string> all) {
  return [all = std::move(all)](const std::string& name) -> std::optional<std::string> {
    const auto it = all.find(name);
    return it == all.end() ? std::nullopt : std::optional(it->second);
  };
}

TEST(Supervisor, HearsThatTheServerIsReadyAliveAndStops) {
  const Systemd systemd;
  const Supervisor supervisor(environment({{"NOTIFY_SOCKET", systemd.address()}}));
  supervisor.ready("freshet.toml at 127.0.0.1:4747\nMAINPID=1");
  EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=freshet.toml at 127.0.0.1:4747\\nMAINPID=1");
  supervisor.alive();
  EXPECT_EQ(systemd.heard(), "WATCHDOG=1");
  supervisor.stopping();
  EXPECT_EQ(systemd.heard(), "STOPPING=1\nSTATUS=stopping");
}

TEST(Supervisor, WantsToHearOfLifeInHalfItsTimeIfThisProcessIsMeant) {
  const Systemd systemd;
  const auto every = [&](std::map<std::string, std::string> variables) {
    variables["NOTIFY_SOCKET"] = systemd.address();
    return Supervisor(environment(std::move(variables))).alive_every().count();
  };
  EXPECT_EQ(every({{"WATCHDOG_USEC", "60000000"}}), 30'000);
  EXPECT_EQ(every({{"WATCHDOG_USEC", "60000000"}, {"WATCHDOG_PID", std::to_string(::getpid())}}),
            30'000);
  EXPECT_EQ(every({{"WATCHDOG_USEC", "60000000"}, {"WATCHDOG_PID", "1"}}), 0);
  EXPECT_EQ(every({{"WATCHDOG_USEC", "soon"}}), 0);
  EXPECT_EQ(every({}), 0);
}

TEST(Supervisor, IsNotMissedWhereNobodyAsked) {
  for (const char* socket : {"", "x", "@nobody-listens-there"}) {
    const Supervisor supervisor(
        environment({{"NOTIFY_SOCKET", socket}, {"WATCHDOG_USEC", "60000000"}}));
    supervisor.ready("");
    EXPECT_EQ(supervisor.alive_every().count(), 0);
  }
  Supervisor(environment({})).stopping();
}

}  // namespace
}  // namespace freshet::cli
