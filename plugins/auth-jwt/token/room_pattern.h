// room_pattern.h: which rooms a token is for.
#pragma once

#include <string_view>

namespace freshet::jwt {

// `*` in a pattern stands for any text without a '/', `**` for any text; everything else for
// itself. So "team-1/*" is for "team-1/plan" but neither for "team-1/plan/old" nor for "team-1",
// and "**" is for every room. Takes time in proportion to the product of both lengths, always.
bool matches_room(std::string_view pattern, std::string_view room);

}  // namespace freshet::jwt
