// freshet/bytes.h: the two words for borrowed memory, and one for giving back what is owned.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace freshet {

// Borrowed bytes. Whoever stores them makes a copy.
using Bytes = std::span<const uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Empties a container and frees what it had reserved. `container = {}` does not, for that assigns
// an empty list; nor does moving an empty string there.
template <class Container>
void release_memory(Container& container) {
  Container().swap(container);
}

}  // namespace freshet
