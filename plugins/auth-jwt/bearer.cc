#include "auth-jwt/bearer.h"

#include <algorithm>
#include <span>

#include "freshet/sink.h"

namespace freshet::jwt {
namespace {

constexpr std::string_view kSpace = " \t";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

// What is before `mark`; `text` keeps what is behind it.
std::string_view cut(std::string_view& text, char mark) {
  const size_t at = std::min(text.find(mark), text.size());
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return head;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// A '%' that is no escape stays: the token will not be a good one then.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<Bearer> in_subprotocols(std::string_view list) {
  while (!list.empty()) {
    const std::string_view offered = trimmed(cut(list, ','));
    if (offered.starts_with(kSubprotocolPrefix)) {
      return Bearer{std::string(offered.substr(kSubprotocolPrefix.size())), offered};
    }
  }
  return std::nullopt;
}

std::optional<Bearer> in_authorization(std::string_view value) {
  value = trimmed(value);
  const std::string_view scheme = cut(value, ' ');
  if (!same_word(scheme, "bearer")) return std::nullopt;
  return Bearer{std::string(trimmed(value)), {}};
}

std::optional<Bearer> in_query(std::string_view target) {
  target = target.substr(0, target.find('#'));
  cut(target, '?');
  while (!target.empty()) {
    std::string_view value = cut(target, '&');
    if (cut(value, '=') == "token") return Bearer{percent_decoded(value), {}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Bearer> find_bearer(const freshet_auth_request& request) {
  if (request.token.data != nullptr) return Bearer{std::string(view(request.token)), {}};
  if (request.request == nullptr) return std::nullopt;
  const std::span<const freshet_header> headers(request.request->headers,
                                                request.request->header_count);
  const auto first_in = [&](std::string_view name, auto search) {
    std::optional<Bearer> found;
    for (const freshet_header& header : headers) {
      if (!found && same_word(view(header.name), name)) found = search(view(header.value));
    }
    return found;
  };
  if (auto found = first_in("Sec-WebSocket-Protocol", in_subprotocols)) return found;
  if (auto found = first_in("Authorization", in_authorization)) return found;
  return in_query(view(request.request->target));
}

}  // namespace freshet::jwt
