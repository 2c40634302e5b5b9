// base64.h: standard base64 with padding (RFC 4648 §4), as this wire has its updates.
#pragma once

#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::pluv {

// Including the NUL that put_base64 writes behind the text.
constexpr size_t base64_room(size_t bytes) { return (bytes + 2) / 3 * 4 + 1; }

// Writes the text at `at` and returns where it ends. REQUIRES: base64_room(bytes.size()) there.
uint8_t* put_base64(uint8_t* at, Bytes bytes);

// Replaces `out`. False: not base64, or its padding is missing.
bool decode_base64(std::string_view text, std::vector<uint8_t>& out);

}  // namespace freshet::pluv
