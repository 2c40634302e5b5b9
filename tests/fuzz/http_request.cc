// A client's HTTP requests: cut anywhere, they say the same thing, stay within the limits, and
// whatever their headers claim, a client has some address.
//
// The first byte chooses where the rest is cut; the rest is one request and what follows it.
#include <algorithm>
#include <string>
#include <string_view>

#include "platform-ws/http/address.h"
#include "platform-ws/http/http_message.h"
#include "require.h"

namespace {

using freshet::fuzz::require;
using namespace freshet::ws;

constexpr HttpLimits kLimits{.header_bytes = 1024, .header_count = 16, .body_bytes = 512};

// What came of it, in one text that can be compared.
std::string read(std::string_view stream, size_t piece) {
  HttpParser parser(kLimits, [](const auto& head) { return uint64_t{head.target.size()}; });
  std::string pending;
  while (!stream.empty()) {
    const std::string_view next = stream.substr(0, piece);
    stream.remove_prefix(next.size());
    pending += next;
    std::string_view rest = pending;
    const HttpParser::Outcome outcome = parser.feed(rest);
    pending.erase(0, pending.size() - rest.size());
    if (outcome == HttpParser::Outcome::failed) {
      require(parser.refusal().status >= 400 && !parser.refusal().why.empty());
      return "refused";
    }
    if (outcome == HttpParser::Outcome::more) continue;
    const HttpRequest request = parser.take();
    require(request.headers.size() <= kLimits.header_count);
    require(request.body.size() <= kLimits.body_bytes);
    check_handshake(request);
    TrustedProxies proxies;
    require(proxies.add("unix") && proxies.add("10.0.0.0/8"));
    peer_text(client_of(request, {}, proxies, ForwardedBy::forwarded));
    peer_text(client_of(request, {}, proxies, ForwardedBy::x_forwarded_for));
    std::string all = request.method + " " + request.target + "\n";
    for (const HttpHeader& header : request.headers)
      all += header.name + ": " + header.value + "\n";
    return all + request.body;
  }
  return "more";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = read(stream, stream.size()), cut = read(stream, size_t{data[0]} + 1);
  // A bad start line is seen at once in a first piece that has it whole, else with the head's end.
  require(whole == cut || (whole == "refused" && cut == "more") ||
          (whole == "more" && cut == "refused"));
  return 0;
}
