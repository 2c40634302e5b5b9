#include "core/cli/studio/passage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "core/cli/limits.h"
#include "core/cli/stored/admin_client.h"
#include "freshet/format/request.h"
#include "freshet/format/url.h"

namespace freshet::cli {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kNotThis =
    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "this is not the address that `freshet studio` has printed\n";
constexpr std::string_view kGone =
    "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "the server does not answer at its admin address\n";

// A descriptor that is closed with this.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

int connect_to(const Address& to) {
  if (to.kind == Address::Kind::unix_socket) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, to.path.data(), std::min(to.path.size(), sizeof(at.sun_path) - 1));
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0) return fd;
    ::close(fd);
    return -1;
  }
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(to.port);
  const std::string ip = ip_of(to);
  const bool is_v4 = ::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) != 1) return -1;
  const auto* at =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const int fd = ::socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::connect(fd, at, is_v4 ? sizeof(v4) : sizeof(v6)) == 0) return fd;
  ::close(fd);
  return -1;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// What can be read of one goes to the other. False: the one has no more to say.
bool shift(int from, int to) {
  char bytes[16384];
  const ssize_t got = ::recv(from, bytes, sizeof(bytes), 0);
  if (got > 0) return send_all(to, {bytes, static_cast<size_t>(got)});
  if (got < 0 && errno == EINTR) return true;
  ::shutdown(to, SHUT_WR);
  return false;
}

void shift_both(int browser, int admin) {
  pollfd both[] = {{browser, POLLIN, 0}, {admin, POLLIN, 0}};
  // A browser that says no more may still be told something; without the server all is over.
  while (both[1].fd >= 0 && ::poll(both, 2, -1) >= 0) {
    if (both[0].revents != 0 && !shift(browser, admin)) both[0].fd = -1;
    if (both[1].revents != 0 && !shift(admin, browser)) both[1].fd = -1;
  }
}

// Up to its empty line, and what came with it; empty: it does not come.
std::string read_head(int from) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::seconds(kPassageHeadSeconds);
  std::string head;
  char bytes[4096];
  while (head.find(kEnd) == std::string::npos) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(until - Clock::now()).count();
    if (left <= 0) return {};
    const timeval patience{.tv_sec = left / 1'000'000, .tv_usec = left % 1'000'000};
    ::setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const ssize_t got = ::recv(from, bytes, sizeof(bytes), 0);
    if (got <= 0 || head.size() > kPassageHeadBytes) return {};
    head.append(bytes, static_cast<size_t>(got));
  }
  const timeval any{};
  ::setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &any, sizeof(any));
  return head;
}

void carry(int fd, const Passage& passage) {
  const Socket browser(fd);
  const std::string came = read_head(browser.fd());
  if (came.empty()) return;
  const size_t end = came.find(kEnd) + kEnd.size();
  const auto head = head_for_admin(std::string_view(came).substr(0, end), passage);
  if (!head) {
    send_all(browser.fd(), kNotThis);
    return;
  }
  const Socket admin(connect_to(passage.admin));
  if (admin.fd() < 0) {
    send_all(browser.fd(), kGone);
    return;
  }
  if (send_all(admin.fd(), *head) && send_all(admin.fd(), std::string_view(came).substr(end))) {
    shift_both(browser.fd(), admin.fd());
  }
}

// What those who are carried have in common.
struct Carried {
  explicit Carried(Passage by) : passage(std::move(by)) {}
  const Passage passage;
  std::atomic<unsigned> now = 0;
};

// False: there is no thread to be had.
bool carry_apart(int browser, const std::shared_ptr<Carried>& shared) {
  ++shared->now;
  try {
    std::thread([browser, shared] {
      carry(browser, shared->passage);
      --shared->now;
    }).detach();
    return true;
  } catch (const std::system_error&) {
    --shared->now;
    return false;
  }
}

std::string_view name_of_line(std::string_view line) { return line.substr(0, line.find(':')); }

}  // namespace

std::optional<std::string> head_for_admin(std::string_view head, const Passage& passage) {
  const size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  const size_t method_end = line.find(" /");
  if (line_end == std::string_view::npos || method_end == std::string_view::npos) return {};
  const std::string_view path = line.substr(method_end + 2);  // without its first '/'
  if (path.substr(0, path.find('/')).size() != passage.word.size()) return {};
  if (!same_secret(path.substr(0, passage.word.size()), passage.word)) return {};

  std::string lines;
  bool upgrades = false;
  std::string_view connection;
  for (std::string_view rest = head.substr(line_end + 2);
       !rest.empty() && !rest.starts_with("\r\n");) {
    const size_t at = std::min(rest.find("\r\n") + 2, rest.size());
    const std::string_view each = rest.substr(0, at);
    rest.remove_prefix(at);
    if (equal_without_case(name_of_line(each), "upgrade")) upgrades = true;
    if (equal_without_case(name_of_line(each), "connection")) {
      connection = each;
    } else if (!equal_without_case(name_of_line(each), "authorization")) {
      lines += each;
    }
  }
  lines += upgrades ? connection : std::string_view("Connection: close\r\n");
  if (!passage.key.empty()) lines += "Authorization: Bearer " + passage.key + "\r\n";
  return std::string(line.substr(0, method_end + 1)) +
         std::string(path.substr(passage.word.size())) + "\r\n" + lines + "\r\n";
}

int listen_on_loopback(uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(at);
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(fd, address, size) != 0 || ::listen(fd, SOMAXCONN) != 0 ||
      ::getsockname(fd, address, &size) != 0) {
    ::close(fd);
    return -1;
  }
  port = ntohs(at.sin_port);
  return fd;
}

void pass_on(int listener, const Passage& passage) {
  // Whoever is carried may be on the way for longer than this.
  const auto shared = std::make_shared<Carried>(passage);
  for (;;) {
    const int browser = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (browser < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPassagePauseMs));
      continue;
    }
    if (browser < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (browser < 0) return;
    if (shared->now >= kMaxPassages || !carry_apart(browser, shared)) ::close(browser);
  }
}

}  // namespace freshet::cli
