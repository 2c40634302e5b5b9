// tls.h: the certificate, and how it is renewed.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "platform-ws/socket/stream.h"

namespace freshet::ws {

// A certificate chain and its key, ready to serve TLS 1.2 and 1.3. [main]
class Tls {
 public:
  // Reads both files. On failure `why` names the file and the reason, and the certificate in use,
  // if any, stays in use.
  bool load(const std::string& cert, const std::string& key, std::string& why);
  bool loaded() const { return context_ != nullptr; }

  // The server's side for an accepted socket; null when out of memory. Belongs to whoever holds it
  // and outlives a load().
  SslPtr serve(int fd) const;

 private:
  struct ContextDeleter {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, ContextDeleter> context_;
};

}  // namespace freshet::ws
