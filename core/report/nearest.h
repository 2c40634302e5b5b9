// core/report/nearest.h: the word that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace freshet {

// The candidate that is `word` and its unit, "linger_ms" for "linger", or within a few typing slips
// of it; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean "path"?", or else "; known are: a, b", as an ending for a message.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace freshet
