#include "auth-jwt/token/room_pattern.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace freshet::jwt {

bool matches_room(std::string_view pattern, std::string_view room) {
  // Reached[n]: the room up to here may be what the pattern's first n characters stand for.
  std::vector<uint8_t> reached(pattern.size() + 1, 0);
  std::vector<uint8_t> next(pattern.size() + 1, 0);
  const auto is_wide = [&](size_t n) { return pattern.substr(n, 2) == "**"; };
  const auto reach = [&](std::vector<uint8_t>& set, size_t n) {
    // A star may stand for nothing, so that what is behind it is reached as well.
    while (true) {
      set[n] = 1;
      if (n == pattern.size() || pattern[n] != '*') return;
      n += is_wide(n) ? 2 : 1;
    }
  };

  reach(reached, 0);
  for (const char c : room) {
    std::fill(next.begin(), next.end(), uint8_t{0});
    for (size_t n = 0; n < pattern.size(); ++n) {
      if (reached[n] == 0) continue;
      if (pattern[n] == '*') {
        if (c != '/' || is_wide(n)) reach(next, n);
      } else if (pattern[n] == c) {
        reach(next, n + 1);
      }
    }
    reached.swap(next);
  }
  return reached[pattern.size()] != 0;
}

}  // namespace freshet::jwt
