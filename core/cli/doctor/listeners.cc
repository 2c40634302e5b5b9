#include "core/cli/doctor/listeners.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/cli/doctor/nearest_folder.h"
#include "freshet/format/address.h"

namespace freshet::cli {
namespace {

// Of one socket that is tried.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// 0, or the reason it cannot be bound.
int try_to_bind(const Address& address) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) !=
      0) {
    return EADDRNOTAVAIL;
  }
  const Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool bound = ::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 &&
                     ::listen(socket.get(), 1) == 0;
  const int reason = bound ? 0 : errno;
  ::freeaddrinfo(found);
  return reason;
}

void check_port(const std::string& text, const Address& address, Running running, Findings& out) {
  const int reason = address.port == 0 ? 0 : try_to_bind(address);
  const std::string port = std::to_string(address.port);
  switch (reason) {
    case 0: return out.good("listen", text + " is free");
    case EADDRINUSE:
      if (running == Running::yes)
        return out.good("listen", text + " is this server's, which runs");
      return out.wrong(
          "listen", text + " is in use by another process",
          "`ss -ltnp 'sport = :" + port + "'` names it; end that, or listen elsewhere");
    case EACCES:
      return out.wrong(
          "listen", text + " may not be listened on: ports below 1024 are the system's",
          "AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit of systemd (the package's has it), "
          "or a higher port behind a proxy");
    case EADDRNOTAVAIL:
      return out.wrong("listen", text + " is no address of this machine",
                       "one of those that `ip -brief address` shows; 0.0.0.0 is all of them");
    default:
      return out.wrong("listen", text + ": " + std::strerror(reason),
                       "another address in server.listen");
  }
}

bool somebody_answers(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof(to.sun_path) - 1);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
}

void check_unix_socket(const std::string& text, const Address& address, Running running,
                       Findings& out) {
  if (somebody_answers(address.path)) {
    if (running == Running::yes) return out.good("listen", text + " is this server's, which runs");
    return out.wrong("listen", text + ": somebody answers there",
                     "end that process, or another path");
  }
  struct stat there{};
  if (::lstat(address.path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
    return out.wrong("listen", text + " is there, and is no socket",
                     "another path, or that file away");
  }
  const std::filesystem::path folder = nearest_folder(address.path);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return out.wrong("listen", text + ": this user may not write in " + folder.string(),
                     "the user that the server will run as tries this; or a folder of its own");
  }
  out.good("listen", text + " can be made");
}

}  // namespace

void check_listeners(const std::vector<std::string>& addresses, Running running, Findings& out) {
  for (const std::string& text : addresses) {
    std::string reason;
    const auto address = parse_address(text, reason);
    if (!address) {
      out.wrong("listen", text + " " + reason, "an address like 127.0.0.1:4747");
    } else if (address->kind == Address::Kind::unix_socket) {
      check_unix_socket(text, *address, running, out);
    } else {
      check_port(text, *address, running, out);
    }
  }
}

}  // namespace freshet::cli
