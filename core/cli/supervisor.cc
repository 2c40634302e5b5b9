#include "core/cli/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <optional>

#include "core/report/printable.h"

namespace freshet::cli {
namespace {

// WATCHDOG_PID may name another process, which is the one to be alive then.
bool is_meant(const std::optional<std::string>& pid) {
  return !pid || *pid == std::to_string(::getpid());
}

std::chrono::milliseconds half_of_us(const std::string& text) {
  uint64_t us = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), us);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return std::chrono::milliseconds(us / 2000);
}

int connect_to(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof(to.sun_path)) return -1;
  path.copy(to.sun_path, path.size());
  // One that no file stands for.
  if (path.front() == '@') to.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), size) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Supervisor::Supervisor(const Environment& environment) {
  if (const auto path = environment("NOTIFY_SOCKET")) fd_ = connect_to(*path);
  const auto watchdog = environment("WATCHDOG_USEC");
  if (fd_ >= 0 && watchdog && is_meant(environment("WATCHDOG_PID"))) {
    alive_every_ = half_of_us(*watchdog);
  }
}

Supervisor::~Supervisor() {
  if (fd_ >= 0) ::close(fd_);
}

void Supervisor::ready(std::string_view status) const {
  tell("READY=1\nSTATUS=" + printable(status));
}
void Supervisor::stopping() const { tell("STOPPING=1\nSTATUS=stopping"); }
void Supervisor::alive() const { tell("WATCHDOG=1"); }

// One that does not listen is no reason to do anything else.
void Supervisor::tell(std::string_view lines) const {
  if (fd_ < 0) return;
  static_cast<void>(::send(fd_, lines.data(), lines.size(), MSG_NOSIGNAL));
}

}  // namespace freshet::cli
