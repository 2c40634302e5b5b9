// core/request/url.h: the parts of a request's target.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet {

struct Target {
  std::string_view path;   // before '?', as sent
  std::string_view query;  // after it
};

// Of "/path?query", or of the whole URL.
Target split_target(std::string_view target);

// Of header names: ASCII letters are the same in either case.
bool equal_without_case(std::string_view a, std::string_view b);

// "%20" to " ". A '%' without two hex digits behind it is itself, as in the URLs of browsers
// (url.spec.whatwg.org, percent-decode); so is '+'.
std::string percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);

// The decoded value of a query's first `key`, or nothing.
std::optional<std::string> query_value(std::string_view query, std::string_view key);

// True if `path` is `prefix`, or below it.
inline bool is_under(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace freshet
