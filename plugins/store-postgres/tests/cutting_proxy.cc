#include "store-postgres/tests/cutting_proxy.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace freshet::postgres {

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool read_all(int from, char* to, size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(from, to, size, 0);
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
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

size_t length_at(const std::string& bytes, size_t at) {
  size_t out = 0;
  for (size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<uint8_t>(bytes[at + i]);
  return out;
}

}  // namespace

CuttingProxy::CuttingProxy(std::string server_socket) : server_socket_(std::move(server_socket)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-proxy-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of((folder_ / ".s.PGSQL.5432").string());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 16) != 0) {
    ::abort();
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void CuttingProxy::accept_all() {
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

void CuttingProxy::pass(int client, int server) {
  bool starting = true, open = true;
  while (open && !stopping_) {
    pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(both, 2, 50) < 0) break;
    if (both[0].revents != 0) open = pass_message(client, server, std::exchange(starting, false));
    if (open && both[1].revents != 0) open = pass_message(server, client, false);
  }
  ::close(client);
  ::close(server);
}

// The first message of a client has no type before its length.
bool CuttingProxy::pass_message(int from, int to, bool starting) {
  const size_t head = starting ? 4 : 5;
  std::string message(head, '\0');
  if (!read_all(from, message.data(), head)) return false;
  const size_t length = length_at(message, head - 4);
  message.resize(head + length - 4);
  if (!read_all(from, message.data() + head, length - 4)) return false;
  if (left_.fetch_sub(1) == 0) return false;
  return write_all(to, message.data(), message.size());
}

}  // namespace freshet::postgres
