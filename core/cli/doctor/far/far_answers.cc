#include "core/cli/doctor/far/far_answers.h"

#include <nlohmann/json.hpp>

#include "core/report/printable.h"
#include "freshet/abi/close.h"

namespace freshet::cli {
namespace {

using Json = nlohmann::json;

constexpr uint8_t kTextFrame = 0x81, kCloseFrame = 0x88;
// Of the wires whose clients know other codes.
constexpr unsigned kEndOfPluv = 3000, kTryAgain = 1013, kWentAway = 1001;
constexpr std::string_view kDenialOfPluv = "Not authorized";
constexpr size_t kMostBodyShown = 100;

constexpr const char* kSeeLog = "the server's log says what happened";
constexpr const char* kRightToken =
    "a token for this room: `freshet token --room ROOM --user NAME` makes one, `freshet token "
    "explain` shows for which rooms one is";

constexpr const char* kAppRefuses =
    "an app of the manifest refuses who comes, in these words: its rules, or who comes";

// pluv has no codes of its own for these: it says them.
std::string error_of_pluv(std::string_view text) {
  const Json message = Json::parse(text, nullptr, false);
  if (!message.is_object() || message.value("type", Json()) != "$error") return {};
  const Json data = message.value("data", Json::object());
  const Json words = data.is_object() ? data.value("message", Json()) : Json();
  return words.is_string() ? words.get<std::string>() : "an error";
}

// The payload of a whole frame as a server sends it, which is taken off `frames`.
std::optional<std::string_view> take_payload(std::string_view& frames) {
  if (frames.size() < 2) return std::nullopt;
  size_t size = static_cast<uint8_t>(frames[1]), head = 2;
  if (size == 126 && frames.size() >= 4) {
    size = static_cast<uint8_t>(frames[2]) * 256u + static_cast<uint8_t>(frames[3]);
    head = 4;
  }
  if (size > 65535 || frames.size() < head + size) return std::nullopt;
  const std::string_view payload = frames.substr(head, size);
  frames.remove_prefix(head + size);
  return payload;
}

bool speaks_of(const Farewell& farewell, std::string_view word) {
  return farewell.reason.find(word) != std::string::npos;
}

std::string in_words(const Farewell& farewell) {
  return (farewell.code == 0 ? "" : std::to_string(farewell.code) + " ") +
         printable(farewell.reason);
}

bool is_expired(const Farewell& farewell) {
  return farewell.code == FRESHET_CLOSE_EXPIRED || speaks_of(farewell, "expired");
}

bool is_no_token(const Farewell& farewell) {
  return farewell.code == FRESHET_CLOSE_UNAUTHENTICATED ||
         speaks_of(farewell, "not authenticated") || speaks_of(farewell, kDenialOfPluv);
}

// By the words of pluv alone nobody can tell a bad token from one for another room.
std::string fix_for_token(const Farewell& farewell, bool has_token) {
  if (is_expired(farewell)) {
    return "a new token: `freshet token` makes one, `freshet token explain` says until when one "
           "is good";
  }
  if (!has_token) {
    return "that is right where clients bring a token: try with one, as they do (?token=...)";
  }
  if (!speaks_of(farewell, kDenialOfPluv)) {
    return "a token that is signed with this server's key: `freshet token explain` says what is "
           "wrong with one";
  }
  return kRightToken;
}

std::string fix_for_code(const Farewell& farewell) {
  switch (farewell.code) {
    case FRESHET_CLOSE_MALFORMED:
    case FRESHET_CLOSE_NO_ROOM: return "the name of a room behind the protocol: /yjs/my-room";
    case FRESHET_CLOSE_REPLACED: return "again: the room's history was replaced just now";
    case FRESHET_CLOSE_TOO_LARGE:
      return "a larger limit in the manifest, which the reason names; docs/operations.md has them";
    case kWentAway:
    case FRESHET_CLOSE_RESTART: return "again, once the server has started anew";
    case kTryAgain:
    case FRESHET_CLOSE_OVERLOADED:
    case FRESHET_CLOSE_RATE:
      return "again in a moment; if it stays, what the reason names: the server's log and /readyz "
             "have more of it";
    case FRESHET_CLOSE_CANNOT_LOAD:
      return "the store: the server's log says why it does not load, and `freshet doctor` on that "
             "machine tries it";
    default: return kSeeLog;
  }
}

std::string fix_for_busy(std::string_view body) {
  if (body.find("too many connections") != std::string_view::npos) {
    return "max_connections_per_address and max_connections of platform-ws; behind a proxy "
           "trusted_proxies, without which all come from its address";
  }
  if (body.find("the server restarts") != std::string_view::npos)
    return "again, once the server has started anew";
  return "";
}

// The first line of what is no page.
std::string quoted_body(std::string_view body) {
  const std::string_view line = body.substr(0, std::min(body.find('\n'), kMostBodyShown));
  if (line.empty() || line.find('<') != std::string_view::npos) return "";
  return " (\"" + printable(line) + "\")";
}

}  // namespace

std::optional<Farewell> farewell_in(std::string_view frames) {
  std::optional<Farewell> said;
  while (!frames.empty()) {
    const auto kind = static_cast<uint8_t>(frames[0]);
    const auto payload = take_payload(frames);
    if (!payload) break;
    if (kind == kCloseFrame && payload->size() >= 2) {
      const unsigned code =
          static_cast<uint8_t>((*payload)[0]) * 256u + static_cast<uint8_t>((*payload)[1]);
      const std::string_view reason = payload->substr(2);
      return Farewell{code, said && reason.empty() ? said->reason : std::string(reason)};
    }
    const std::string error = kind == kTextFrame ? error_of_pluv(*payload) : "";
    if (error.empty()) return said;
    said = Farewell{0, error};
  }
  return said;
}

bool is_denial(const Farewell& farewell) {
  return farewell.code == FRESHET_CLOSE_DENIED || farewell.code == kEndOfPluv ||
         speaks_of(farewell, kDenialOfPluv);
}

Trouble trouble_of_status(unsigned status, std::string_view body, const Url& url) {
  const std::string what =
      "a WebSocket to it is answered " + std::to_string(status) + quoted_body(body);
  switch (status) {
    case 0:
      return {"nothing answers a WebSocket there",
              "is it HTTP that is spoken at port " + url.port + "?"};
    case 301:
    case 302:
    case 307:
    case 308:
      return {what + ": what is in front sends it elsewhere, and browsers do not follow",
              "the address that it is sent to; wss:// where that is https://"};
    case 401:
    case 403:
    case 407:
      return {what + ": what is in front lets nobody through to this path",
              "its rules for this path: who comes is asked by the server, with a token"};
    case 404:
      return {"a WebSocket to it is answered 404: no protocol is at " + printable(url.path()),
              "the path of a protocol: /yjs/<room>, /pluv/<room>, /hocuspocus; and what is in "
              "front passes it on as it is"};
    case 414:
    case 431:
      return {what + ": the address, with its token, is too long for it",
              "header_bytes of platform-ws, large_client_header_buffers of nginx; or a shorter "
              "token"};
    case 429:
      return {
          what + ": too many come from this address",
          "again in a moment, or a higher limit of who says it: what is in front, or the server"};
    case 500: return {what + ": it failed", kSeeLog};
    case 502:
    case 503:
    case 504: {
      const std::string fix = fix_for_busy(body);
      if (!fix.empty()) return {what, fix};
      return {what + ": what is in front does not reach the server",
              "the address of the server in the proxy's configuration, and the server"};
    }
    default:
      return {what + ", and not 101: what is in front does not pass upgrades on",
              "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
              "proxy_set_header Connection \"upgrade\""};
  }
}

Finding finding_of(const Farewell& farewell, const Url& url, const std::string& origin,
                   bool as_page) {
  using Grade = Finding::Grade;
  const std::string said = in_words(farewell);
  if (as_page) {
    return {Grade::wrong, "url", "turns pages of " + origin + " away: " + said,
            "origins = [\"" + origin + "\"] of platform-ws"};
  }
  const bool of_token = is_expired(farewell) || is_no_token(farewell);
  const bool wants_one = of_token && !url.has_token() && !is_expired(farewell);
  const Grade grade = wants_one ? Grade::doubtful : Grade::wrong;
  const std::string what = "opens, and is closed at once: " + said;
  if (of_token) return {grade, "url", what, fix_for_token(farewell, url.has_token())};
  if (speaks_of(farewell, "not allowed in this room")) return {grade, "url", what, kRightToken};
  if (farewell.code == FRESHET_CLOSE_DENIED) return {grade, "url", what, kAppRefuses};
  return {grade, "url", what, fix_for_code(farewell)};
}

}  // namespace freshet::cli
