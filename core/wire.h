// core/wire.h: one protocol of this server, with what it said of itself at start-up.
#pragma once

#include <string>
#include <vector>

#include "freshet/abi/protocol.h"

namespace freshet {

struct Wire {
  const freshet_protocol* protocol;
  std::string plugin;
  uint32_t index;  // among the server's wires
  freshet_traits traits;
  std::vector<std::string> routes;  // path prefixes, without a '/' at the end

  // What clients of this wire are told for a code of abi/close.h.
  uint16_t close_code(uint16_t code) const {
    return FRESHET_HAS(protocol, close_code) ? protocol->close_code(protocol->self, code) : code;
  }
  bool refuses_in_words() const {
    return traits.refuses_in_words != 0 && FRESHET_HAS(protocol, refusal);
  }
};

// The variants of encoding a wire may have (freshet_join.variant).
inline constexpr uint32_t kMaxVariants = 8;

}  // namespace freshet
