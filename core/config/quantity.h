// core/config/quantity.h: numbers with a unit, as people write them: "64 KiB", "30 s".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freshet/result.h"

namespace freshet {

// `unit` is a setting's: "bytes" takes B, kB, KiB, MB, ...; "ms" takes ms, s, min, h, d; any other,
// or null, takes plain digits only. The result is in that unit.
// Malformed: not such a number. Too large: does not fit.
Result<int64_t> parse_quantity(std::string_view text, const char* unit);

// For messages: 65536, "bytes" is "64 KiB"; 5, "rooms" is "5 rooms".
std::string quantity_text(int64_t number, const char* unit);

// "64 KiB" for bytes, "30 s" for ms, "1000" else: an example for messages.
const char* quantity_example(const char* unit);

}  // namespace freshet
