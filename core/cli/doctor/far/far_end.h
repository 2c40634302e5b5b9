// core/cli/doctor/far/far_end.h: a way to somebody by TCP, with TLS where the URL says so: each
// step within a time, and with words for what went wrong.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace freshet::cli {

struct Url {
  bool tls;
  std::string host;
  std::string port;
  std::string target;  // path and query; "/" at least

  // "https://host:port/path", or ws, wss, http. Nothing: it is none of these.
  static std::optional<Url> parse(std::string_view text);
  std::string authority() const;  // as a Host header has it
  std::string path() const { return target.substr(0, target.find('?')); }
  // Something that may be a token is in the query.
  bool has_token() const { return target.find("token=") != std::string::npos; }
};

// A URL, or what should be one, as it may be printed: a query has tokens, what stands before an @
// has passwords.
std::string without_secrets(std::string_view url);

// What went wrong, and the way out.
struct Trouble {
  std::string what, fix;
};

class FarEnd {
 public:
  explicit FarEnd(const Url& url);
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  // Nothing: the connection is there.
  std::optional<Trouble> reach();

  // Asks as a browser does that opens a WebSocket. The status of the answer; 0: none came.
  unsigned open_websocket(const std::string& origin);
  // What the far end says by itself within a moment, after that.
  std::string hear();
  // What came behind the headers of that answer, so far.
  const std::string& heard() const { return heard_; }

 private:
  using Done = std::function<void(boost::system::error_code)>;
  boost::system::error_code within(std::chrono::milliseconds time,
                                   const std::function<void(const Done&)>& start);
  std::optional<Trouble> shake_hands();
  boost::system::error_code send(const std::string& text);
  boost::system::error_code read_until_headers_end();

  const Url url_;
  boost::asio::io_context io_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_{io_, tls_};
  std::string heard_;
};

}  // namespace freshet::cli
