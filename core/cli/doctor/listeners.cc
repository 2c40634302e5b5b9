#include "core/cli/doctor/listeners.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/doctor/nearest_folder.h"
#include "freshet/format/address.h"

namespace freshet::cli {
namespace {

// What a unix: socket is given: a mode as chmod has it, a group's name or number, or the user's
// own.
struct GivenRights {
  std::string mode = "0600", group;
};

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
  const int looked_up =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (looked_up != 0) return looked_up == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
  const Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  const bool bound = socket.get() >= 0 &&
                     ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                     ::bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 &&
                     ::listen(socket.get(), 1) == 0;
  const int reason = bound ? 0 : errno;
  ::freeaddrinfo(found);
  return reason;
}

// Then nothing is wrong with the address.
bool lacks_descriptors(const std::string& text, int reason, Findings& out) {
  if (reason != EMFILE && reason != ENFILE) return false;
  out.doubtful("listen", text + " cannot be tried: " + std::strerror(reason),
               "allow more with ulimit -n, or LimitNOFILE= of systemd");
  return true;
}

void check_port(const std::string& text, const Address& address, Running running, Findings& out) {
  const int reason = address.port == 0 ? 0 : try_to_bind(address);
  if (lacks_descriptors(text, reason, out)) return;
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

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  path.copy(out.sun_path, sizeof(out.sun_path) - 1);
  return out;
}

bool somebody_answers(const std::string& path) {
  const sockaddr_un to = unix_address(path);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
}

// Nothing: there is no such group, which platform-ws says.
std::optional<gid_t> group_named(const std::string& name) {
  gid_t number = 0;
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data(), end, number);
  if (read.ec == std::errc{} && read.ptr == end) return number;
  const group* found = ::getgrnam(name.c_str());
  return found == nullptr ? std::nullopt : std::optional<gid_t>(found->gr_gid);
}

std::string user_in_words() {
  const passwd* self = ::getpwuid(::geteuid());
  return self == nullptr ? std::to_string(::geteuid()) : self->pw_name;
}

// Makes a socket in the folder and gives it these rights; it is gone afterwards. 0, or the reason.
int try_to_give(const std::filesystem::path& folder, const GivenRights& rights) {
  // By its descriptor: a long path has no room for another name beside it.
  const Descriptor at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string path = "/proc/self/fd/" + std::to_string(at.get()) + "/.freshet-doctor-" +
                           std::to_string(::getpid());
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un to = unix_address(path);
  if (at.get() < 0 || socket.get() < 0 || ::fchmod(socket.get(), 0600) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    return errno;
  }
  unsigned mode = 0600;
  std::from_chars(rights.mode.data(), rights.mode.data() + rights.mode.size(), mode, 8);
  const auto group = group_named(rights.group);
  const bool given = (!group || ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) == 0) &&
                     ::chmod(path.c_str(), mode) == 0;
  const int reason = given ? 0 : errno;
  ::unlink(path.c_str());
  return reason;
}

void check_rights(const std::string& text, const std::filesystem::path& folder,
                  const GivenRights& rights, Findings& out) {
  const int reason = try_to_give(folder, rights);
  if (reason == 0) return out.good("listen", text + " can be made");
  if (lacks_descriptors(text, reason, out)) return;
  const std::string user = user_in_words();
  if (reason == EPERM && !rights.group.empty()) {
    return out.wrong("listen",
                     text + ": user " + user + " may not give it socket_group \"" + rights.group +
                         "\": " + std::strerror(reason),
                     "`usermod -a -G " + rights.group + " " + user +
                         "`, then log in or start the service anew; or a group that the user is "
                         "in");
  }
  out.wrong("listen",
            text + ": a socket cannot be made in " + folder.string() +
                " with its socket_mode: " + std::strerror(reason),
            "a folder on a file system that has sockets, for the user that the server will run as");
}

void check_unix_socket(const std::string& text, const Address& address, const GivenRights& rights,
                       Running running, Findings& out) {
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
  check_rights(text, folder, rights, out);
}

void check_listeners(const std::vector<std::string>& addresses, const GivenRights& rights,
                     Running running, Findings& out) {
  for (const std::string& text : addresses) {
    std::string reason;
    const auto address = parse_address(text, reason);
    if (!address) {
      out.wrong("listen", text + " " + reason, "an address like 127.0.0.1:4747");
    } else if (address->kind == Address::Kind::unix_socket) {
      check_unix_socket(text, *address, rights, running, out);
    } else {
      check_port(text, *address, running, out);
    }
  }
}

GivenRights rights_of_clients(const PluginHost& host) {
  GivenRights out;
  if (const auto mode = host.text(kPlatform, "socket_mode")) out.mode = *mode;
  if (const auto group = host.text(kPlatform, "socket_group")) out.group = *group;
  return out;
}

}  // namespace

void check_addresses(const Manifest::Server& server, const PluginHost& host, Running running,
                     Findings& out) {
  check_listeners(server.listen, rights_of_clients(host), running, out);
  std::vector<std::string> of_operators;
  if (!server.admin.empty()) of_operators.push_back(server.admin);
  if (!server.metrics.empty()) of_operators.push_back(server.metrics);
  check_listeners(of_operators, {}, running, out);
}

}  // namespace freshet::cli
