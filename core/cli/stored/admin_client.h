// core/cli/stored/admin_client.h: one HTTP exchange at a time with the admin listener of a server.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/config/manifest.h"
#include "freshet/format/address.h"
#include "freshet/result.h"

namespace freshet::cli {

struct AdminResponse {
  unsigned status;
  std::string body;
};

// Blocks. [main]
class AdminClient {
 public:
  // Not found: nobody listens at `address`, and so no server of this manifest runs.
  static Result<AdminClient> connect(const Address& address);
  // The admin of a manifest, with its key; there may be none to connect to.
  static Result<AdminClient> connect(const Manifest::Server& server);
  AdminClient(AdminClient&& other) noexcept;
  ~AdminClient();

  // `target` is encoded. On failure stderr says what went wrong on the way: not what the server
  // thinks of the request, which is a response like any other.
  Result<AdminResponse> ask(std::string_view method, const std::string& target, std::string body);

  // The body of a good response. What else the server says is told on stderr, but for not_found.
  Result<std::string> body(std::string_view method, const std::string& target,
                           std::string body = "");

 private:
  struct Connection;
  explicit AdminClient(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

// Of TCP: where to connect to what listens there.
inline std::string ip_of(const Address& address) {
  return address.host == "localhost" ? "127.0.0.1" : address.host;
}

// Says so on stderr.
Status strange_answer();

}  // namespace freshet::cli
