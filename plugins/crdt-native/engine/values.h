// Any and JSON values in their wire form: skipped, checked, and shown as JSON text.
//
// Nothing here recurses on the depth of its input; the depth is bounded by kMaxValueDepth besides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "freshet/codec.h"

namespace freshet::crdt {

// Reads past one Any and checks it whole. `budget` is the number of values that may still be read;
// a bad or too deep value, or one over the budget, fails the reader.
void skip_any(Reader& in, size_t& budget);

// True if `text` is one JSON value as JSON.parse takes it, nested at most kMaxValueDepth deep.
bool valid_json(std::string_view text, size_t& budget);

// Appends what JSON.stringify(value) makes of it. False, and nothing appended, for undefined.
// Bytes become an object of their elements and 64-bit integers a number, where JSON.stringify would
// do the same or throw. REQUIRES: skip_any accepted these bytes.
bool append_any_json(Reader& in, std::string& out);

void append_json_string(std::string_view utf8, std::string& out);
// As JavaScript prints a number; NaN and infinities become null.
void append_json_number(double value, std::string& out);

}  // namespace freshet::crdt
