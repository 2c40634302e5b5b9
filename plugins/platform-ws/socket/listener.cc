#include "platform-ws/socket/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "freshet/format/reason.h"
#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;

constexpr mode_t kOwnMode = 0600;

struct Opened {
  OwnedFd fd{};
  Status status = Status::ok;
  std::string why;
};

Opened failed(int error, const std::string& what) {
  const Status status = error == EADDRINUSE ? Status::conflict : Status::internal;
  return {OwnedFd(), status, what + ": " + reason_of(error)};
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Whether the file at `path` stands in the way of a new socket: one that nobody listens on is
// removed, one that somebody does, or that is no socket, stays.
Opened make_way(const std::string& path, const sockaddr_un& address) {
  struct stat file{};
  if (lstat(path.c_str(), &file) != 0) return {};
  if (!S_ISSOCK(file.st_mode)) {
    return {OwnedFd(), Status::conflict, "a file that is no socket is in the way"};
  }
  const OwnedFd probe(::socket(AF_UNIX, SOCK_STREAM | kFlags, 0));
  if (probe.get() < 0) return failed(errno, "socket");
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(probe.get(), to, sizeof(address)) == 0 || errno != ECONNREFUSED) {
    return {OwnedFd(), Status::conflict, "somebody listens there already"};
  }
  ::unlink(path.c_str());
  return {};
}

// Once it has its group, and not before, others may connect by the mode.
bool give_rights(const std::string& path, const SocketRights& rights) {
  if (rights.group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *rights.group) != 0)
    return false;
  return rights.mode == kOwnMode || ::chmod(path.c_str(), rights.mode) == 0;
}

// Nothing is left of a socket that nobody will listen on.
Opened without_file(const std::string& path, Opened failure) {
  ::unlink(path.c_str());
  return failure;
}

Opened open_unix(const std::string& path, const SocketRights& rights) {
  const sockaddr_un address = unix_address(path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;  // bind() says what is wrong with the folder
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  if (Opened blocked = make_way(path, address); blocked.status != Status::ok) return blocked;
  OwnedFd fd(::socket(AF_UNIX, SOCK_STREAM | kFlags, 0));
  if (fd.get() < 0) return failed(errno, "socket");
  // On Linux the file is born with the socket's own mode: at no time may others connect.
  if (::fchmod(fd.get(), kOwnMode) != 0) return failed(errno, "fchmod");
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return failed(errno, "bind");
  }
  if (!give_rights(path, rights)) {
    return without_file(path, failed(errno, "giving it socket_group and socket_mode"));
  }
  if (::listen(fd.get(), SOMAXCONN) != 0) return without_file(path, failed(errno, "listen"));
  return {std::move(fd), Status::ok, {}};
}

Opened open_tcp(const Address& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error =
          getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found)) {
    // It does not say so when it cannot open the files that it looks names up in.
    const OwnedFd spare(::socket(AF_UNIX, SOCK_STREAM | kFlags, 0));
    if (spare.get() < 0) return failed(errno, "\"" + where.host + "\"");
    return {OwnedFd(), Status::malformed, "\"" + where.host + "\": " + gai_strerror(error)};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  OwnedFd fd(::socket(found->ai_family, SOCK_STREAM | kFlags, 0));
  if (fd.get() < 0) return failed(errno, "socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // "[::]:80" and "0.0.0.0:80" are two listeners, and peers have the address that they have.
  if (found->ai_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0) return failed(errno, "bind");
  if (::listen(fd.get(), SOMAXCONN) != 0) return failed(errno, "listen");
  return {std::move(fd), Status::ok, {}};
}

std::string bound_text(const Address& address, int fd) {
  if (address.kind == Address::Kind::unix_socket) return "unix:" + address.path;
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  const auto ip = IpAddress::of(bound);
  const bool v6 = bound.ss_family == AF_INET6;
  const in_port_t port = v6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                            : reinterpret_cast<const sockaddr_in&>(bound).sin_port;
  const std::string host = ip ? ip->text() : address.host;
  return (address.kind == Address::Kind::tls ? "tls:" : "") + (v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(ntohs(port));
}

}  // namespace

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::unique_ptr<Listener>> Listener::open(boost::asio::io_context& loop,
                                                 std::string_view address, uint32_t role,
                                                 const SocketRights& rights, Host host) {
  const std::string name(address);
  std::string why;
  const auto parsed = parse_address(address, why);
  if (!parsed) {
    host.error("cannot listen on \"" + name + "\": it " + why);
    return Status::malformed;
  }
  Opened opened = parsed->kind == Address::Kind::unix_socket ? open_unix(parsed->path, rights)
                                                             : open_tcp(*parsed);
  if (opened.status != Status::ok) {
    host.error("cannot listen on \"" + name + "\": " + opened.why);
    return opened.status;
  }
  return std::unique_ptr<Listener>(new Listener(loop, *parsed, role, std::move(opened.fd), host));
}

Listener::Listener(boost::asio::io_context& loop, Address address, uint32_t role, OwnedFd fd,
                   Host host)
    : address_(std::move(address)), role_(role), socket_(loop), pause_(loop), host_(host) {
  bound_ = bound_text(address_, fd.get());
  socket_.assign(fd.take());
}

Listener::~Listener() { stop(); }

void Listener::start(Accepted accepted) {
  accepted_ = std::move(accepted);
  wait();
}

void Listener::stop() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  static_cast<void>(socket_.close(ignored));
  pause_.cancel();
  if (address_.kind == Address::Kind::unix_socket) ::unlink(address_.path.c_str());
}

void Listener::wait() {
  socket_.async_wait(socket_.wait_read, [this](boost::system::error_code ec) {
    if (ec != boost::asio::error::operation_aborted) accept_some();
  });
}

void Listener::accept_some() {
  if (!socket_.is_open()) return;
  for (int i = 0; i < kAcceptBatch; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    OwnedFd fd(
        ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, kFlags));
    if (fd.get() < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno == ECONNABORTED || errno == EINTR) continue;
      // Out of descriptors or memory: the peer stays in the system's queue meanwhile.
      if (!std::exchange(starved_, true)) {
        host_.warn("cannot accept on \"" + bound_ + "\", trying on: " + reason_of(errno));
      }
      pause_.expires_after(std::chrono::milliseconds(kAcceptPauseMs));
      pause_.async_wait([this](boost::system::error_code ec) {
        if (!ec) accept_some();
      });
      return;
    }
    starved_ = false;
    if (address_.kind != Address::Kind::unix_socket) {
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    accepted_(std::move(fd), IpAddress::of(from));
  }
  wait();
}

}  // namespace freshet::ws
