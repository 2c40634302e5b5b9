// http_message.h: HTTP/1.1 requests in, responses out. Beast parses; nothing of it shows here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/abi/platform.h"

namespace freshet::ws {

struct HttpLimits {
  size_t header_bytes, header_count, body_bytes;
};

struct HttpHeader {
  std::string name, value;
};

struct HttpRequest {
  std::string method, target, body;
  std::vector<HttpHeader> headers;
  bool keep_alive = false;
  bool asks_upgrade = false;  // says it wants to become a WebSocket connection...
  bool can_upgrade = false;   // ...and is a GET of HTTP/1.1 with the headers that go with it

  // The first of that name, compared without case; empty if there is none.
  std::string_view header(std::string_view name) const;
  // All of that name in one line, as lists may be spread (RFC 9110, 5.3).
  std::string list(std::string_view name) const;
};

// An answer the platform gives by itself. `why` is its body, one line.
struct HttpRefusal {
  uint16_t status = 0;
  std::string why;
};

// Parses one request, as its bytes come.
class HttpParser {
 public:
  enum class Outcome { more, done, failed };
  // Asked once, when the head of a request that has a body has come: how many bytes of it are
  // wanted.
  using BodyLimit = std::function<uint64_t(const HttpRequest& head)>;

  HttpParser(const HttpLimits& limits, BodyLimit body_limit);
  ~HttpParser();

  // Takes bytes from the front of `in`. What it leaves after Outcome::more must come again, with
  // more behind it; after Outcome::done it belongs to the next request.
  Outcome feed(std::string_view& in);
  // A byte of the request has come.
  bool started() const { return started_; }
  size_t body_bytes() const;         // that have come
  size_t body_memory_bytes() const;  // that hold them
  // True once, when the peer waits for "100 Continue" before it sends the body.
  bool take_continue();

  HttpRequest take();                                      // REQUIRES: Outcome::done
  const HttpRefusal& refusal() const { return refusal_; }  // REQUIRES: Outcome::failed

 private:
  struct Impl;
  Outcome check_header();
  HttpRefusal flaw_of_head() const;
  Outcome check_body();
  Outcome refuse_body();
  HttpRequest head() const;

  const HttpLimits limits_;
  const BodyLimit body_limit_;
  std::unique_ptr<Impl> impl_;
  HttpRefusal refusal_;
  uint64_t wanted_bytes_ = UINT64_MAX;  // of the body
  bool started_ = false, header_checked_ = false, continue_ = false, unwanted_ = false;
};

enum class KeepAlive { no, yes };

// Status line and headers, with Date, Content-Length and Connection; `headers` that would break
// out of their line are left out.
std::string response_head(uint16_t status, std::span<const freshet_header> headers,
                          uint64_t content_length, KeepAlive keep_alive, uint64_t unix_ms);

// The answer that makes a WebSocket connection. `subprotocol` may be empty.
std::string switching_protocols(std::string_view key, std::string_view subprotocol);

// The answer Sec-WebSocket-Accept to a Sec-WebSocket-Key (RFC 6455, 4.2.2).
std::string accept_key(std::string_view key);

// What is wrong with a handshake; status 0 if nothing.
HttpRefusal check_handshake(const HttpRequest& request);

// True if `offered`, a list as in Sec-WebSocket-Protocol, has `token`.
bool offers(std::string_view offered, std::string_view token);

}  // namespace freshet::ws
