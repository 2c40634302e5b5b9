// json_member.h: one member of a JSON object, found without building the rest.
#pragma once

#include <optional>
#include <string_view>

namespace freshet::load {

// The value of `key` as it stands in the text, quotes and all; the members may be in any order.
// None: no such member, no object, or nested deeper than kMaxJsonDepth. What stands before the
// member is walked, not judged.
std::optional<std::string_view> json_member(std::string_view object, std::string_view key);

// The same for a value that is a string without escapes, without its quotes; else empty.
std::string_view json_text(std::string_view object, std::string_view key);

}  // namespace freshet::load
