// core/audience/wire.h: one protocol of this server, with what it said of itself at start-up.
#pragma once

#include <string>
#include <vector>

#include "freshet/abi/close.h"
#include "freshet/abi/protocol.h"

namespace freshet {

// What a thread is in, while it is in a function of a protocol: "protocol-mine.message".
struct WireCalls {
  WireCalls() = default;
  explicit WireCalls(const std::string& plugin)
      : open(plugin + ".open"),
        message(plugin + ".message"),
        close(plugin + ".close"),
        refusal(plugin + ".refusal"),
        authenticated(plugin + ".authenticated"),
        expiring(plugin + ".expiring"),
        ended(plugin + ".ended"),
        encode(plugin + ".encode") {}

  std::string open, message, close, refusal, authenticated, expiring, ended, encode;
};

struct Wire {
  const freshet_protocol* protocol;
  std::string plugin;
  uint32_t index;  // among the server's wires
  freshet_traits traits;
  std::vector<std::string> routes;  // path prefixes, without a '/' at the end
  WireCalls calls = {};

  // What clients of this wire are told for a code of abi/close.h.
  uint16_t close_code(uint16_t code) const {
    return FRESHET_HAS(protocol, close_code) ? protocol->close_code(protocol->self, code) : code;
  }
  // For how long a close with `code` of a connection that is `age_ms` old waits. A client that
  // comes back at once is then here once in about retry_delay_ms at most; one that was here for
  // longer loses nothing by it. `chance` spreads those who were sent away together.
  uint32_t close_delay_ms(uint16_t code, uint64_t age_ms, uint32_t chance) const {
    if (code == FRESHET_CLOSE_NORMAL || code == FRESHET_CLOSE_RESTART) return 0;
    const bool final = code < FRESHET_CLOSE_INTERNAL && code != FRESHET_CLOSE_EXPIRED;
    if (final && traits.retries_final == 0) return 0;
    const uint32_t base = traits.retry_delay_ms;
    const uint32_t delay = base - base / 4 + chance % (base / 2 + 1);
    return age_ms >= delay ? 0 : delay - static_cast<uint32_t>(age_ms);
  }
  // See freshet_traits, of these two.
  bool authenticates() const {
    return traits.authenticates != 0 && FRESHET_HAS(protocol, authenticated);
  }
  bool ends_sessions() const { return traits.ends_sessions != 0 && FRESHET_HAS(protocol, ended); }
  bool refuses_in_words() const {
    return traits.refuses_in_words != 0 && FRESHET_HAS(protocol, refusal);
  }
};

}  // namespace freshet
