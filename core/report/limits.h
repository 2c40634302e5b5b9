// core/report/limits.h: the bounds of what people are told.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// One message is one line of at most this; what a peer sent may be in it.
inline constexpr size_t kMaxMessageBytes = 8192;

// Of the whole process. A plugin that makes names out of what peers send is stopped here.
inline constexpr size_t kMaxMetrics = 1024;

// What peers can cause at will is told of once in so long.
inline constexpr uint64_t kRareLineAgainMs = 10'000;

// The same of a function of a plugin that fails.
inline constexpr uint64_t kPluginLineAgainMs = 60'000;

// Longer words are no typing slips, and comparing two costs the product of their lengths.
inline constexpr size_t kMaxWordBytes = 64;
// Words listed where none is near; a longer list helps nobody.
inline constexpr size_t kMaxListedWords = 16;

}  // namespace freshet
