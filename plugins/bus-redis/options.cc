#include "bus-redis/options.h"

#include <charconv>
#include <optional>

#include "bus-redis/limits.h"

namespace freshet::redis {

namespace {

constexpr std::string_view kForm =
    "is neither redis://user:password@host:port nor unix:/path; special characters of a password "
    "are written as in any URL (%40 is @)";

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '%') {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    uint8_t byte = 0;
    if (text.size() < 3) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
    if (error != std::errc() || end != text.data() + 3) return std::nullopt;
    out += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return out;
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes "user:password@" off the front.
bool take_login(std::string_view& text, Address& out) {
  const size_t end = text.rfind('@');
  if (end == text.npos) return true;
  const std::string_view login = text.substr(0, end);
  text.remove_prefix(end + 1);
  const size_t colon = login.find(':');
  if (colon == login.npos || login.find_first_of("@/", colon) != login.npos) return false;
  const auto user = decoded(login.substr(0, colon)), password = decoded(login.substr(colon + 1));
  if (!user || !password || password->empty()) return false;
  out.user = *user;
  out.password = *password;
  return true;
}

// "host", "host:port", "[::1]:port".
bool read_host(std::string_view text, Address& out) {
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return false;
  const size_t colon = text.find(':', bracket);
  if (colon != text.npos && !read_number(text.substr(colon + 1), out.port)) return false;
  out.host = bracket > 0 ? text.substr(1, bracket - 1) : text.substr(0, colon);
  return !out.host.empty() && out.port > 0 && out.host.find_first_of("@/?#") == out.host.npos;
}

bool read_tcp(std::string_view text, Address& out) {
  if (!take_login(text, out)) return false;
  // A number of a database is taken and means nothing: channels are the whole server's.
  unsigned database = 0;
  if (const size_t slash = text.find('/'); slash != text.npos) {
    const std::string_view number = text.substr(slash + 1);
    if (!number.empty() && !read_number(number, database)) return false;
    text = text.substr(0, slash);
  }
  return read_host(text, out);
}

bool read_unix(std::string_view text, Address& out) {
  if (take_prefix(text, "//") && !take_login(text, out)) return false;
  out.path = text;
  return text.starts_with('/') && text.size() > 1;
}

}  // namespace

std::string Address::shown() const {
  const std::string where = host.empty() ? path : host + ":" + std::to_string(port);
  return user.empty() ? where : where + ", user " + user;
}

std::string read_address(std::string_view url, Address& out) {
  if (url.empty()) return "it is empty (is the environment variable set?)";
  if (url.starts_with("rediss:")) {
    return "asks for TLS, which this plugin does not speak: let a proxy such as stunnel do it, and "
           "name that";
  }
  const bool is_good = take_prefix(url, "redis://") ? read_tcp(url, out)
                       : take_prefix(url, "unix:")  ? read_unix(url, out)
                                                    : false;
  return is_good ? std::string() : std::string(kForm);
}

Options read_options(Given given, Faults& faults) {
  Options out{.address = {},
              .cluster = std::string(given.text("cluster")),
              .connect_timeout_ms = given.number("connect_timeout_ms")};
  if (const std::string wrong = read_address(given.text("url"), out.address); !wrong.empty()) {
    faults.add("url", wrong);
  }
  if (out.cluster.empty() || out.cluster.size() > kMaxClusterBytes) {
    faults.add("cluster", "must have 1 to 255 bytes");
  } else if (out.cluster.find(':') != std::string::npos) {
    faults.add("cluster", "must have no : in it, which ends it in the names of channels");
  }
  return out;
}

}  // namespace freshet::redis
