#include "bus-redis/tests/stalling_proxy.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>

namespace freshet::redis {

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool write_all(int to, const char* from, size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(to, from, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    from += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

StallingProxy::StallingProxy(std::string server_socket) : server_socket_(std::move(server_socket)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-proxy-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(socket());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 16) != 0) {
    ::abort();
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

StallingProxy::~StallingProxy() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void StallingProxy::accept_all() {
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(server_socket_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(client);
      ::close(server);
      continue;
    }
    connections_.emplace_back([this, client, server] { pass(client, server); });
  }
}

void StallingProxy::pass(int client, int server) {
  bool open = true;
  while (open && !stopping_) {
    if (stalled_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(both, 2, 20) <= 0 || stalled_) continue;
    if (both[0].revents != 0) open = pass_some(client, server);
    if (open && both[1].revents != 0) open = pass_some(server, client);
  }
  ::close(client);
  ::close(server);
}

bool StallingProxy::pass_some(int from, int to) {
  char bytes[4096];
  const ssize_t got = ::recv(from, bytes, sizeof(bytes), 0);
  if (got <= 0) return false;
  const int64_t before = left_.fetch_sub(got);
  const bool is_cut = before >= 0 && before < got;
  return write_all(to, bytes, static_cast<size_t>(is_cut ? before : got)) && !is_cut;
}

}  // namespace freshet::redis
