// base64.h: as pluv writes updates: the standard letters, padded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::load {

void append_base64(Bytes bytes, std::string& out);
// Overwrites `out`. False: no base64.
bool read_base64(std::string_view text, std::vector<uint8_t>& out);

}  // namespace freshet::load
