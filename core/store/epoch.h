// core/store/epoch.h: a room's history has an epoch, which people and clients see in hex.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "freshet/abi/store.h"
#include "freshet/sink.h"

namespace freshet {

inline std::string hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

inline std::string hex(const freshet_epoch& epoch) { return hex(Bytes(epoch.bytes)); }

// Nothing if these bytes are none.
inline std::optional<freshet_epoch> epoch_of(Bytes bytes) {
  freshet_epoch epoch{};
  if (bytes.size() != sizeof(epoch.bytes)) return std::nullopt;
  std::ranges::copy(bytes, epoch.bytes);
  return epoch;
}

}  // namespace freshet
