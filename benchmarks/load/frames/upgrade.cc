#include "upgrade.h"

#include <algorithm>
#include <cctype>

#include "load/limits.h"

namespace freshet::load {

namespace {

// The key and the answer to it of RFC 6455, 1.3: who answers it right answers any.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// The value of a header whose name is given in small letters; empty if there is none.
std::string_view header_of(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    const bool same = std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
      return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
    });
    if (!same) continue;
    const size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == std::string_view::npos ? std::string_view{} : line.substr(value);
  }
  return {};
}

}  // namespace

std::string upgrade_request(std::string_view host, std::string_view target) {
  std::string out;
  out.append("GET ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13");
  out.append("\r\nSec-WebSocket-Key: ").append(kKey).append("\r\n\r\n");
  return out;
}

UpgradeAnswer read_upgrade(Bytes in) {
  using Outcome = UpgradeAnswer::Outcome;
  const std::string_view text = as_text(in);
  const size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (in.size() > kMaxHeadBytes) return {Outcome::refused, 0, "an endless answer to the upgrade"};
    return {Outcome::incomplete, 0, {}};
  }
  const std::string_view head = text.substr(0, end);
  const std::string_view status = head.substr(0, head.find("\r\n"));
  if (!status.starts_with("HTTP/1.1 101")) {
    return {Outcome::refused, 0, "refused with \"" + std::string(status.substr(0, 80)) + "\""};
  }
  if (header_of(head, "sec-websocket-accept") != kAccept) {
    return {Outcome::refused, 0, "an answer to the upgrade that is none of a WebSocket server"};
  }
  return {Outcome::upgraded, end + 4, {}};
}

}  // namespace freshet::load
