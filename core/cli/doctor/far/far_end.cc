#include "core/cli/doctor/far/far_end.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <memory>

#include "core/cli/doctor/limits.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kMostHeaderBytes = 64 << 10;
constexpr size_t kMostHeardBytes = 4 << 10;

bool eat(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
  Url out{};
  if (eat(text, "wss://") || eat(text, "https://")) {
    out.tls = true;
  } else if (!eat(text, "ws://") && !eat(text, "http://")) {
    return std::nullopt;
  }
  std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  out.target = text.substr(authority.size());
  out.target = out.target.substr(0, out.target.find('#'));
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  authority =
      authority.substr(authority.find('@') == std::string_view::npos ? 0 : authority.find('@') + 1);
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.port =
      colon == std::string_view::npos ? (out.tls ? "443" : "80") : authority.substr(colon + 1);
  out.host = authority.substr(0, colon);
  if (out.host.starts_with('[') && out.host.ends_with(']'))
    out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty() || out.port.empty()) return std::nullopt;
  return out;
}

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? "443" : "80") ? name : name + ":" + port;
}

std::string without_secrets(std::string_view url) {
  const std::string_view shown = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = shown.find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const size_t at = shown.substr(0, shown.find('/', begin)).rfind('@');
  std::string out(shown.substr(0, begin));
  out += shown.substr(at == std::string_view::npos || at < begin ? begin : at + 1);
  return printable(out) + (shown.size() < url.size() ? "?..." : "");
}

FarEnd::FarEnd(const Url& url) : url_(url) {
  error_code ignored;
  static_cast<void>(tls_.set_default_verify_paths(ignored));
  static_cast<void>(stream_.set_verify_mode(asio::ssl::verify_peer, ignored));
}

// What has not ended by then is ended, so that nothing of it is left.
error_code FarEnd::within(std::chrono::milliseconds time,
                          const std::function<void(const Done&)>& start) {
  std::optional<error_code> result;
  start([&result](error_code ec) { result = ec; });
  io_.restart();
  io_.run_for(time);
  if (result) return *result;
  error_code ignored;
  static_cast<void>(stream_.next_layer().close(ignored));
  io_.restart();
  io_.run_for(time);
  return asio::error::timed_out;
}

std::optional<Trouble> FarEnd::reach() {
  tcp::resolver resolver(io_);
  tcp::resolver::results_type found;
  error_code ec = within(kReachWithin, [&](const Done& done) {
    resolver.async_resolve(url_.host, url_.port,
                           [&found, done](error_code failed, const auto& all) {
                             found = all;
                             done(failed);
                           });
  });
  if (ec)
    return Trouble{"the name " + url_.host + " has no address here: " + ec.message(),
                   "the name as it is written, or this machine's DNS"};
  ec = within(kReachWithin, [&](const Done& done) {
    asio::async_connect(stream_.next_layer(), found,
                        [done](error_code failed, const auto&) { done(failed); });
  });
  if (ec == asio::error::connection_refused) {
    return Trouble{"nobody listens at " + url_.host + " port " + url_.port,
                   "start what should be there, or mend the URL"};
  }
  if (ec == asio::error::timed_out) {
    return Trouble{"no answer from " + url_.host + " port " + url_.port + " within some seconds",
                   "a firewall on the way that lets it through"};
  }
  if (ec)
    return Trouble{"cannot connect to " + url_.host + " port " + url_.port + ": " + ec.message(),
                   "the way to it"};
  return url_.tls ? shake_hands() : std::nullopt;
}

std::optional<Trouble> FarEnd::shake_hands() {
  ::SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str());
  error_code ignored;
  static_cast<void>(
      stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host), ignored));
  const error_code ec = within(kReachWithin, [&](const Done& done) {
    stream_.async_handshake(asio::ssl::stream_base::client, done);
  });
  if (!ec) return std::nullopt;
  const long verified = ::SSL_get_verify_result(stream_.native_handle());
  if (verified != X509_V_OK) {
    return Trouble{"its certificate is not trusted here: " +
                       std::string(::X509_verify_cert_error_string(verified)),
                   "a certificate for " + url_.host +
                       " with its whole chain (fullchain.pem), or its issuer among this machine's"};
  }
  return Trouble{"TLS does not come about: " + ec.message(),
                 "is it TLS that is spoken at port " + url_.port + "?"};
}

error_code FarEnd::send(const std::string& text) {
  return within(kReachWithin, [&](const Done& done) {
    const auto sent = [done](error_code ec, size_t) { done(ec); };
    if (url_.tls) {
      asio::async_write(stream_, asio::buffer(text), sent);
    } else {
      asio::async_write(stream_.next_layer(), asio::buffer(text), sent);
    }
  });
}

error_code FarEnd::read_until_headers_end() {
  return within(kReachWithin, [&](const Done& done) {
    const auto read = [done](error_code ec, size_t) { done(ec); };
    auto into = asio::dynamic_buffer(heard_, kMostHeaderBytes);
    if (url_.tls) {
      asio::async_read_until(stream_, into, "\r\n\r\n", read);
    } else {
      asio::async_read_until(stream_.next_layer(), into, "\r\n\r\n", read);
    }
  });
}

unsigned FarEnd::open_websocket(const std::string& origin) {
  std::string request =
      "GET " + url_.target + " HTTP/1.1\r\nHost: " + url_.authority() +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: ZG9jdG9yIGRvY3RvciBkbw==\r\nUser-Agent: freshet doctor\r\n";
  if (!origin.empty()) request += "Origin: " + origin + "\r\n";
  if (send(request + "\r\n") || read_until_headers_end()) return 0;
  constexpr std::string_view kLine = "HTTP/1.1 ";
  unsigned status = 0;
  if (heard_.size() > kLine.size() + 3 && heard_.starts_with("HTTP/1.")) {
    std::from_chars(heard_.data() + kLine.size(), heard_.data() + kLine.size() + 3, status);
  }
  heard_.erase(0, heard_.find("\r\n\r\n") + 4);
  return status;
}

std::string FarEnd::hear() {
  if (!heard_.empty()) return heard_;
  heard_.resize(kMostHeardBytes);
  size_t count = 0;
  static_cast<void>(within(kRefusedWithin, [&](const Done& done) {
    const auto read = [&count, done](error_code ec, size_t got) {
      count = got;
      done(ec);
    };
    if (url_.tls) {
      stream_.async_read_some(asio::buffer(heard_), read);
    } else {
      stream_.next_layer().async_read_some(asio::buffer(heard_), read);
    }
  }));
  heard_.resize(count);
  return heard_;
}

}  // namespace freshet::cli
