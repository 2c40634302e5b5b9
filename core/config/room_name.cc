#include "core/config/room_name.h"

#include <algorithm>
#include <cstdint>

#include "freshet/format/utf8.h"

namespace freshet {
namespace {

bool is_control(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string room_name_fault(std::string_view name, size_t limit_bytes) {
  if (name.empty()) return "the room has no name";
  if (name.size() > limit_bytes) {
    return "the room's name is too long for a client: " + std::to_string(name.size()) +
           " bytes, and limits.room_name_bytes is " + std::to_string(limit_bytes);
  }
  if (!valid_utf8(as_bytes(name))) return "the room's name is not UTF-8";
  if (std::any_of(name.begin(), name.end(), is_control)) {
    return "the room's name has a line break or another control character";
  }
  return {};
}

}  // namespace freshet
