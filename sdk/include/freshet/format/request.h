// freshet/format/request.h: what a request says, for auth plugins and for those that answer HTTP.
//
//   const RequestReader asked(request);
//   if (!same_secret(asked.bearer().value_or(""), key)) return say(401);
//   const std::string room = asked.query("room").value_or("lobby");
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "freshet/abi/auth.h"
#include "freshet/abi/platform.h"
#include "freshet/format/url.h"
#include "freshet/sink.h"

namespace freshet {

// Borrows the request, as all that it answers as a view does. A cheap handle; any thread.
class RequestReader {
 public:
  explicit RequestReader(const freshet_request& c)
      : c_(&c), target_(split_target(view(c.target))) {}

  std::string_view method() const { return view(c_->method); }
  std::string_view path() const { return target_.path; }  // as sent: percent_decode() reads it
  std::string_view peer() const { return view(c_->peer); }
  Bytes body() const { return view(c_->body); }

  // The first value of this name in the query, decoded. Nothing: there is none; empty: it has no
  // value.
  std::optional<std::string> query(std::string_view name) const {
    return query_value(target_.query, name);
  }

  // What is behind `prefix` in the path, decoded: "a/b" of "/rooms/a%2Fb" for "/rooms/". Nothing:
  // the path does not begin with it.
  std::optional<std::string> below(std::string_view prefix) const {
    if (!path().starts_with(prefix)) return std::nullopt;
    return percent_decode(path().substr(prefix.size()));
  }

  // The first of this name, whatever its case; without the white space around it.
  std::optional<std::string_view> header(std::string_view name) const {
    return first_of(name, [](std::string_view value) { return std::optional(value); });
  }
  // What `search` finds in the first header of this name in which it finds something: an optional.
  template <class Search>
  auto first_of(std::string_view name, Search&& search) const -> decltype(search(name)) {
    for (const freshet_header& header : std::span(c_->headers, c_->header_count)) {
      if (!equal_without_case(view(header.name), name)) continue;
      if (auto found = search(trimmed(view(header.value)))) return found;
    }
    return std::nullopt;
  }

  // Its value as sent, without quotes around it (RFC 6265, 5.4).
  std::optional<std::string_view> cookie(std::string_view name) const {
    return first_of("Cookie", [&](std::string_view all) -> std::optional<std::string_view> {
      while (!all.empty()) {
        std::string_view value = cut(all, ';');
        if (trimmed(cut(value, '=')) == name) return unquoted(trimmed(value));
      }
      return std::nullopt;
    });
  }

  // Of "Authorization: Bearer <token>" (RFC 6750).
  std::optional<std::string_view> bearer() const {
    return first_of("Authorization", [](std::string_view value) -> std::optional<std::string_view> {
      const std::string_view scheme = cut(value, ' ');
      if (!equal_without_case(scheme, "bearer")) return std::nullopt;
      return trimmed(value);
    });
  }

  // What a client offered behind this in Sec-WebSocket-Protocol, as it stands there.
  std::optional<std::string_view> subprotocol(std::string_view prefix) const {
    return first_of("Sec-WebSocket-Protocol",
                    [&](std::string_view list) -> std::optional<std::string_view> {
                      while (!list.empty()) {
                        const std::string_view offered = trimmed(cut(list, ','));
                        if (offered.starts_with(prefix)) return offered;
                      }
                      return std::nullopt;
                    });
  }

 private:
  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t";
    const size_t first = text.find_first_not_of(kSpace);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
  }
  // What is before `mark`; `text` keeps what is behind it.
  static std::string_view cut(std::string_view& text, char mark) {
    const size_t at = std::min(text.find(mark), text.size());
    const std::string_view head = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return head;
  }
  static std::string_view unquoted(std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
  }

  const freshet_request* c_;
  Target target_;
};

// Whether somebody brought the right one. Takes the same time wherever two of one length differ, so
// that nobody finds one out letter by letter; its length is no secret.
inline bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;  // volatile: no compiler ends the loop early
  for (size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

// What a client puts before the token in Sec-WebSocket-Protocol: a browser can set no other header.
inline constexpr std::string_view kSubprotocolPrefix = "freshet.token.";

struct Bearer {
  std::string token;  // as the client sent it
  // What carried it, if one did, for FRESHET_AUTH_SUBPROTOCOL: a browser hangs up without it.
  // Borrowed from the request.
  std::string_view subprotocol;
};

// Whatever says who somebody is. In this order: what the protocol read in-band, a subprotocol
// "freshet.token.<token>", `Authorization: Bearer <token>`, `?token=<token>`. The first that is
// there counts, good or not.
inline std::optional<Bearer> find_bearer(const freshet_auth_request& request) {
  if (request.token.data != nullptr) return Bearer{std::string(view(request.token)), {}};
  if (request.request == nullptr) return std::nullopt;
  const RequestReader asked(*request.request);
  if (const auto offered = asked.subprotocol(kSubprotocolPrefix)) {
    return Bearer{std::string(offered->substr(kSubprotocolPrefix.size())), *offered};
  }
  if (const auto token = asked.bearer()) return Bearer{std::string(*token), {}};
  if (auto token = asked.query("token")) return Bearer{*std::move(token), {}};
  return std::nullopt;
}

}  // namespace freshet
