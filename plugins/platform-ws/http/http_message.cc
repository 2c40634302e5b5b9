// The one place that includes Beast.
//
// Without its assertions: one of 1.74 stops a debug build when the end of a chunked body comes in
// two pieces, which a client is free to send. What follows it is right without it.
#define BOOST_DISABLE_ASSERTS
#include "platform-ws/http/http_message.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <deque>
#include <utility>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace http = boost::beast::http;

namespace {

boost::beast::string_view to_beast(std::string_view text) { return {text.data(), text.size()}; }

std::string copy(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return boost::beast::iequals(to_beast(a), to_beast(b));
}

HttpRefusal refusal_of(http::error error, const HttpLimits& limits) {
  switch (error) {
    case http::error::header_limit:
      return {431, "the request's head is over " + std::to_string(limits.header_bytes) + " bytes"};
    case http::error::body_limit:
      return {413, "the request's body is over " + std::to_string(limits.body_bytes) + " bytes"};
    case http::error::bad_version: return {505, "this server speaks HTTP/1.1 and HTTP/1.0"};
    default: return {400, "this is not an HTTP request"};
  }
}

// "Sun, 06 Nov 1994 08:49:37 GMT", in English whatever the locale.
std::string http_date(uint64_t unix_ms) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<time_t>(unix_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                                 kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                                 kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900,
                                 utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<size_t>(size)};
}

bool stays_in_line(freshet_str text) {
  const std::string_view view{text.data, text.size};
  return view.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// 16 bytes in base64, which is all a key may be.
bool is_key(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '+' || c == '/';
         });
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (equal_without_case(header.name, name)) return header.value;
  }
  return {};
}

std::string HttpRequest::list(std::string_view name) const {
  std::string all;
  for (const HttpHeader& header : headers) {
    if (!equal_without_case(header.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += header.value;
  }
  return all;
}

namespace {

// What has come of a body. A text that doubles as it grows would hold up to twice as much, and
// leave the heap full of holes of its former sizes.
class Pieces {
 public:
  size_t size() const { return size_; }
  size_t memory_bytes() const { return memory_bytes_; }
  bool empty() const { return size_ == 0; }

  void append(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      if (pieces_.empty() || pieces_.back().size() == kBodyPieceBytes) add_piece();
      std::string& last = pieces_.back();
      const std::string_view next = bytes.substr(0, kBodyPieceBytes - last.size());
      memory_bytes_ -= last.capacity();
      last.append(next);
      memory_bytes_ += last.capacity();
      bytes.remove_prefix(next.size());
    }
  }
  // All of it, which is gone from here.
  std::string take() {
    std::string all;
    all.reserve(std::exchange(size_, 0));
    for (; !pieces_.empty(); pieces_.pop_front()) all += pieces_.front();
    memory_bytes_ = 0;
    return all;
  }

 private:
  // Only the first may be small for good.
  void add_piece() {
    if (std::string& added = pieces_.emplace_back(); pieces_.size() > 1) {
      added.reserve(kBodyPieceBytes);
    }
    memory_bytes_ += pieces_.back().capacity();
  }

  std::deque<std::string> pieces_;
  size_t size_ = 0, memory_bytes_ = 0;
};

// Grows with what comes. Beast's own reserves what Content-Length promises.
struct ArrivingBody {
  using value_type = Pieces;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<uint64_t>&, boost::beast::error_code& ec) { ec = {}; }
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::beast::error_code& ec) {
      ec = {};
      const size_t before = body_.size();
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append({static_cast<const char*>(buffer.data()), buffer.size()});
      }
      return body_.size() - before;
    }
    void finish(boost::beast::error_code& ec) { ec = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace

struct HttpParser::Impl {
  http::request_parser<ArrivingBody> parser;
};

HttpParser::HttpParser(const HttpLimits& limits, BodyLimit body_limit)
    : limits_(limits), body_limit_(std::move(body_limit)), impl_(std::make_unique<Impl>()) {
  impl_->parser.eager(true);
  impl_->parser.header_limit(static_cast<uint32_t>(limits.header_bytes));
  impl_->parser.body_limit(limits.body_bytes);
}

HttpParser::~HttpParser() = default;

HttpParser::Outcome HttpParser::feed(std::string_view& in) {
  if (!started_) {
    // A line end left over from the request before is no request (RFC 7230, 3.5).
    while (!in.empty() && (in.front() == '\r' || in.front() == '\n')) in.remove_prefix(1);
  }
  auto& parser = impl_->parser;
  while (!parser.is_done()) {
    if (in.empty()) return Outcome::more;
    started_ = true;
    boost::beast::error_code ec;
    const size_t taken = parser.put(boost::asio::buffer(in.data(), in.size()), ec);
    in.remove_prefix(taken);
    if (ec && ec != http::error::need_more) {
      refusal_ = refusal_of(static_cast<http::error>(ec.value()), limits_);
      return Outcome::failed;
    }
    if (parser.is_header_done() && !header_checked_) {
      if (const Outcome outcome = check_header(); outcome != Outcome::more) return outcome;
    }
    if (header_checked_ && body_bytes() > wanted_bytes_) return refuse_body();
    if (ec) return Outcome::more;
  }
  return Outcome::done;
}

HttpParser::Outcome HttpParser::check_header() {
  header_checked_ = true;
  refusal_ = flaw_of_head();
  if (refusal_.status != 0) return Outcome::failed;
  if (const Outcome outcome = check_body(); outcome != Outcome::more) return outcome;
  const auto& message = impl_->parser.get();
  const auto expect = message.find(http::field::expect);
  continue_ = expect != message.end() && boost::beast::iequals(expect->value(), "100-continue") &&
              !impl_->parser.is_done();
  return Outcome::more;
}

HttpRefusal HttpParser::flaw_of_head() const {
  const auto& message = impl_->parser.get();
  const auto count = static_cast<size_t>(std::distance(message.begin(), message.end()));
  if (count > limits_.header_count) {
    return {431, "the request has over " + std::to_string(limits_.header_count) + " headers"};
  }
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return {400, "the request needs one Host header"};
  }
  // These would turn the server into a proxy, or a mirror.
  if (message.method() == http::verb::connect || message.method() == http::verb::trace) {
    return {405, "this method is not for this server"};
  }
  for (const auto field : {http::field::origin, http::field::sec_websocket_key,
                           http::field::sec_websocket_version, http::field::content_length}) {
    if (message.count(field) < 2) continue;
    return {400, "the request has two headers " + copy(http::to_string(field))};
  }
  const auto origin = message.find(http::field::origin);
  if (origin != message.end() && origin->value().empty()) {
    return {400, "the request has an empty Origin"};
  }
  // Who frames a request otherwise than the proxy in front of it answers a part of it as another
  // one (RFC 9112, 6.1 and 6.3).
  const size_t encodings = message.count(http::field::transfer_encoding);
  if (encodings == 0) return {};
  const bool chunked =
      encodings == 1 && boost::beast::iequals(message[http::field::transfer_encoding], "chunked");
  if (!chunked || message.version() < 11 || message.count(http::field::content_length) > 0) {
    return {400,
            "the only Transfer-Encoding here is chunked, once, without Content-Length, and not in "
            "version 1.0"};
  }
  return {};
}

// What is not wanted is not read: the answer comes at once.
HttpParser::Outcome HttpParser::check_body() {
  auto& parser = impl_->parser;
  if (parser.is_done() && parser.get().body().empty()) return Outcome::more;
  wanted_bytes_ = std::min<uint64_t>(body_limit_(head()), limits_.body_bytes);
  if (wanted_bytes_ == 0) {
    unwanted_ = true;
    return Outcome::done;
  }
  const uint64_t promised = parser.content_length().value_or(0);
  return promised > wanted_bytes_ ? refuse_body() : Outcome::more;
}

HttpParser::Outcome HttpParser::refuse_body() {
  refusal_ = {413, "the request's body is over " + std::to_string(wanted_bytes_) + " bytes"};
  return Outcome::failed;
}

size_t HttpParser::body_bytes() const { return impl_->parser.get().body().size(); }

size_t HttpParser::body_memory_bytes() const { return impl_->parser.get().body().memory_bytes(); }

bool HttpParser::take_continue() { return std::exchange(continue_, false); }

HttpRequest HttpParser::head() const {
  const auto& message = impl_->parser.get();
  HttpRequest request;
  request.method = copy(message.method_string());
  request.target = copy(message.target());
  for (const auto& field : message) {
    request.headers.push_back({copy(field.name_string()), copy(field.value())});
  }
  const std::string connection = request.list("Connection"), upgrade = request.list("Upgrade");
  const auto has = [](const std::string& list, const char* token) {
    return http::token_list{to_beast(list)}.exists(token);
  };
  request.asks_upgrade = has(upgrade, "websocket");
  request.can_upgrade = request.asks_upgrade && has(connection, "upgrade") &&
                        message.method() == http::verb::get && message.version() == 11;
  request.keep_alive =
      !has(connection, "close") && (message.version() == 11 || has(connection, "keep-alive"));
  return request;
}

HttpRequest HttpParser::take() {
  HttpRequest request = head();
  request.keep_alive = request.keep_alive && !unwanted_;
  if (!unwanted_) request.body = impl_->parser.get().body().take();
  return request;
}

std::string response_head(uint16_t status, std::span<const freshet_header> headers,
                          uint64_t content_length, KeepAlive keep_alive, uint64_t unix_ms) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head += copy(http::obsolete_reason(http::int_to_status(status)));
  head += "\r\nDate: " + http_date(unix_ms);
  for (const freshet_header& header : headers) {
    if (!stays_in_line(header.name) || !stays_in_line(header.value)) continue;
    head += "\r\n";
    head.append(header.name.data, header.name.size).append(": ");
    head.append(header.value.data, header.value.size);
  }
  const bool bodiless = status < 200 || status == 204 || status == 304;
  if (!bodiless) head += "\r\nContent-Length: " + std::to_string(content_length);
  head += keep_alive == KeepAlive::yes ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  return head += "\r\n\r\n";
}

std::string switching_protocols(std::string_view key, std::string_view subprotocol) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(key) + "\r\n";
  if (!subprotocol.empty()) {
    head.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  }
  return head += "\r\n";
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<uint8_t, 32> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<size_t>(length)};
}

HttpRefusal check_handshake(const HttpRequest& request) {
  if (!request.can_upgrade) {
    return {400, "a WebSocket handshake is a GET of HTTP/1.1 with Connection: Upgrade"};
  }
  if (request.header("Sec-WebSocket-Version") != "13") {
    return {426, "this server speaks version 13 of WebSocket"};
  }
  if (!is_key(request.header("Sec-WebSocket-Key"))) {
    return {400, "Sec-WebSocket-Key must be 16 bytes in base64"};
  }
  return {};
}

bool offers(std::string_view offered, std::string_view token) {
  for (const auto& one : http::token_list{to_beast(offered)}) {
    if (std::string_view(one.data(), one.size()) == token) return true;
  }
  return false;
}

}  // namespace freshet::ws
