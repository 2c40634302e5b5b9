// listeners.h: where sockets come in: all that is listened on, the certificate, and who may come.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "freshet/abi/platform.h"
#include "freshet/result.h"
#include "platform-ws/socket/listener.h"
#include "platform-ws/socket/newcomer.h"
#include "platform-ws/socket/tls.h"
#include "platform-ws/wiring/wiring.h"

namespace freshet::ws {

// Lives on the main loop.
class Listeners {
 public:
  using Admitted = std::function<void(Newcomer)>;

  Listeners(boost::asio::io_context& loop, Wiring& wiring) : loop_(loop), wiring_(wiring) {}

  // All of them or none; the log says what is wrong with the first that fails.
  Status open(const freshet_listen& listen);
  // Says in the log where they listen.
  void announce() const;
  // Before this, whoever connects waits.
  void start(Admitted admitted);
  // Nobody comes in any more.
  void stop();
  // The certificate is read again; the one in use stays if that fails.
  void reload();
  // Where they listen, in their order.
  std::vector<std::string> bound() const;

 private:
  Status open_all(const freshet_listen& listen);
  SocketRights rights_of(uint32_t role) const;
  bool load_certificate(const std::string& address);
  void take(const Listener& listener, OwnedFd fd, const PeerAddress& peer);

  boost::asio::io_context& loop_;
  Wiring& wiring_;
  Tls tls_;
  std::vector<std::unique_ptr<Listener>> all_;
  Admitted admitted_;
};

}  // namespace freshet::ws
