#include "app-webhook/dialect/query.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace freshet::webhook {
namespace {

std::string unescaped(std::string text) {
  std::ranges::replace(text, '+', ' ');
  int size = 0;
  const std::unique_ptr<char, void (*)(void*)> plain(
      curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &size), curl_free);
  return plain == nullptr || text.empty() ? text
                                          : std::string(plain.get(), static_cast<size_t>(size));
}

}  // namespace

Fields query_of(std::string_view target) {
  Fields out;
  const size_t mark = target.find('?');
  std::string_view left = mark == target.npos ? "" : target.substr(mark + 1);
  left = left.substr(0, left.find('#'));
  while (!left.empty()) {
    const std::string_view pair = left.substr(0, left.find('&'));
    left.remove_prefix(std::min(pair.size() + 1, left.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const size_t value = std::min(equals + 1, pair.size());
    out.insert_or_assign(unescaped(std::string(pair.substr(0, equals))),
                         unescaped(std::string(pair.substr(value))));
  }
  return out;
}

}  // namespace freshet::webhook
