// listener.h: a socket that takes connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "freshet/format/address.h"
#include "freshet/host.h"
#include "freshet/result.h"
#include "platform-ws/http/address.h"
#include "platform-ws/socket/socket_rights.h"

namespace freshet::ws {

// A descriptor that is closed unless somebody takes it.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.take()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  int get() const { return fd_; }
  int take() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Bound and listening from open() on; accepts after start(). Lives on the main loop.
class Listener {
 public:
  // An accepted socket, close-on-exec and non-blocking.
  using Accepted = std::function<void(OwnedFd fd, const PeerAddress& peer)>;

  // On failure the log names the listener and the reason. Status::malformed: no address;
  // Status::conflict: somebody else listens there; Status::internal: the system refused.
  static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& loop,
                                                std::string_view address, uint32_t role,
                                                const SocketRights& rights, Host host);
  ~Listener();

  void start(Accepted accepted);
  // Accepts no more, and removes the file of a unix socket.
  void stop();

  const Address& address() const { return address_; }
  uint32_t role() const { return role_; }
  // As bound, the port chosen by the system included: "127.0.0.1:4747", "tls:[::1]:443".
  const std::string& bound() const { return bound_; }

 private:
  Listener(boost::asio::io_context& loop, Address address, uint32_t role, OwnedFd fd, Host host);
  void wait();
  void accept_some();

  const Address address_;
  const uint32_t role_;
  std::string bound_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> socket_;
  boost::asio::steady_timer pause_;
  Host host_;
  Accepted accepted_;
  bool starved_ = false;  // and the log says so
};

}  // namespace freshet::ws
