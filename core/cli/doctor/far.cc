#include "core/cli/doctor/far.h"

#include "core/cli/doctor/far_end.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr uint8_t kCloseFrame = 0x88;

// The code and the words of a close, if that is what came first: "4401 not authenticated".
std::string close_in(std::string_view heard) {
  if (heard.size() < 4 || static_cast<uint8_t>(heard[0]) != kCloseFrame) return {};
  const size_t length = std::min<size_t>(static_cast<uint8_t>(heard[1]), heard.size() - 2);
  if (length < 2 || length > 125) return {};
  const unsigned code = static_cast<uint8_t>(heard[2]) * 256u + static_cast<uint8_t>(heard[3]);
  return std::to_string(code) + " " + printable(heard.substr(4, length - 2));
}

Trouble trouble_of(unsigned status, const Url& url, const std::string& origin) {
  const std::string what = "a WebSocket to it is answered " + std::to_string(status);
  switch (status) {
    case 0:
      return {"nothing answers a WebSocket there",
              "is it HTTP that is spoken at port " + url.port + "?"};
    case 403:
      return {what + ": pages of " + (origin.empty() ? "no origin" : origin) + " may not connect",
              "origins = [\"" + (origin.empty() ? "https://app.example.com" : origin) +
                  "\"] of platform-ws"};
    case 404:
      return {what + ": no protocol is at " + url.target,
              "the path of a protocol: /yjs/<room>, /pluv/<room>, /hocuspocus"};
    case 502:
    case 503:
    case 504:
      return {what + ": what is in front does not reach the server",
              "the address of the server in the proxy's configuration, and the server"};
    default:
      return {what + ", and not 101: what is in front does not pass upgrades on",
              "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
              "proxy_set_header Connection \"upgrade\""};
  }
}

}  // namespace

void check_backend(const std::string& whose, const std::string& text, Findings& out) {
  const auto url = Url::parse(text);
  if (!url)
    return out.wrong("backend", whose + ": \"" + text + "\" is no URL",
                     "one like https://app.example.com/hooks");
  FarEnd far(*url);
  if (const auto trouble = far.reach())
    return out.wrong("backend", whose + ": " + text + ": " + trouble->what, trouble->fix);
  out.good("backend", whose + ": " + text + " can be reached");
}

void check_public_url(const std::string& text, const std::string& origin, Findings& out) {
  const auto url = Url::parse(text);
  if (!url)
    return out.wrong("url", "\"" + text + "\" is no URL",
                     "one like wss://collab.example.com/yjs/my-room");
  FarEnd far(*url);
  if (const auto trouble = far.reach())
    return out.wrong("url", text + ": " + trouble->what, trouble->fix);
  const unsigned status = far.open_websocket(origin);
  if (status != 101) {
    const Trouble trouble = trouble_of(status, *url, origin);
    return out.wrong("url", text + ": " + trouble.what, trouble.fix);
  }
  const std::string closed = close_in(far.hear());
  const std::string from = origin.empty() ? "" : " from a page of " + origin;
  if (closed.starts_with("4403 ") && !origin.empty()) {
    return out.wrong("url", text + " turns pages of " + origin + " away: " + closed,
                     "origins = [\"" + origin + "\"] of platform-ws");
  }
  if (closed.empty()) return out.good("url", text + " opens" + from);
  out.doubtful("url", text + " opens" + from + ", and is closed at once: " + closed,
               "that is right where clients bring a token: try with one, as they do (?token=...)");
}

}  // namespace freshet::cli
