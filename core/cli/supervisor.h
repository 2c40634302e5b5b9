// core/cli/supervisor.h: who started this process as a service, and what it is told: that
// the server is ready, that it stops, that it is alive. Does nothing where nobody asked to be told.
//
// The protocol is systemd's: sd_notify(3), a datagram of lines to the socket in NOTIFY_SOCKET.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/config/manifest.h"

namespace freshet::cli {

class Supervisor {
 public:
  explicit Supervisor(const Environment& environment);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // ---- [any]: none of these waits
  void ready(std::string_view status) const;
  void stopping() const;
  void alive() const;

  // How often it wants to hear that the server is alive, and half of it, to be in time; 0: never.
  std::chrono::milliseconds alive_every() const { return alive_every_; }

 private:
  void tell(std::string_view lines) const;

  int fd_ = -1;
  std::chrono::milliseconds alive_every_{0};
};

}  // namespace freshet::cli
