// raw_client.h: a client of a unix socket that says what it is told to, byte by byte.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

namespace freshet::testing {

class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path.string().copy(to.sun_path, sizeof(to.sun_path) - 1);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(size));
    }
  }
  // What comes until `end` does, the other side closes, or `wait_ms` are over without a byte.
  std::string receive(std::string_view end, int wait_ms = 10'000) const {
    std::string out;
    while (end.empty() || out.find(end) == std::string::npos) {
      pollfd waiting{fd_, POLLIN, 0};
      char bytes[4096];
      if (::poll(&waiting, 1, wait_ms) != 1) break;
      const ssize_t size = ::recv(fd_, bytes, sizeof(bytes), 0);
      if (size <= 0) break;
      out.append(bytes, static_cast<size_t>(size));
    }
    return out;
  }

 private:
  const int fd_;
  bool connected_ = false;
};

// Status line, headers and body; empty: nobody answered.
inline std::string get(const std::filesystem::path& socket, const std::string& target,
                       int wait_ms = 10'000) {
  const RawClient client(socket);
  client.send("GET " + target + " HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
  return client.receive("", wait_ms);
}

// One binary WebSocket message of a client.
inline std::string frame(const std::string& payload) {
  std::string out = "\x82\xff";
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((payload.size() >> shift) & 0xff));
  }
  return out + std::string(4, '\0') + payload;  // a mask that changes nothing
}

}  // namespace freshet::testing
