// Strings as JavaScript has them: what it makes of a value, and which comes first.
#pragma once

#include <string>
#include <string_view>

#include "freshet/bytes.h"

namespace freshet::crdt {

// Appends String(value) of an Any. REQUIRES: skip_any accepted these bytes.
void append_js_string_of_any(Bytes any, std::string& out);

// The order of JavaScript strings: by UTF-16 unit.
bool utf16_less(std::string_view a, std::string_view b);

}  // namespace freshet::crdt
