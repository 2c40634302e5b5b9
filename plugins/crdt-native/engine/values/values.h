// Any and JSON values in their wire form: skipped, checked, and shown as JSON text.
//
// Nothing here recurses on the depth of its input; the depth is bounded by kMaxValueDepth besides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/format/codec.h"

namespace freshet::crdt {

// The first byte of an Any.
enum AnyTag : uint8_t {
  kAnyBytes = 116,
  kAnyArray = 117,
  kAnyObject = 118,
  kAnyString = 119,
  kAnyTrue = 120,
  kAnyFalse = 121,
  kAnyInt64 = 122,
  kAnyFloat64 = 123,
  kAnyFloat32 = 124,
  kAnyInteger = 125,
  kAnyNull = 126,
  kAnyUndefined = 127,
};

// Reads past one Any and checks it whole. `budget` is the number of values that may still be read;
// a bad or too deep value, or one over the budget, fails the reader.
void skip_any(Reader& in, size_t& budget);

// Copies one Any with every number in it as short as it goes. REQUIRES: skip_any accepted it.
void copy_any(Reader& in, Writer& out);

// True if `text` is one JSON value as JSON.parse takes it, nested at most kMaxValueDepth deep.
bool valid_json(std::string_view text, size_t& budget);

// The value behind kAnyFloat32 or kAnyFloat64.
double any_float(Reader& in, uint8_t tag);

// Appends a number as an Any, in the form lib0 chooses for its value.
void append_any_number(double value, std::vector<uint8_t>& out);

// Appends what JSON.stringify(value) makes of it. False, and nothing appended, for undefined.
// Bytes become an object of their elements and 64-bit integers a number, where JSON.stringify would
// do the same or throw. REQUIRES: skip_any accepted these bytes.
bool append_any_json(Reader& in, std::string& out);

void append_json_string(std::string_view utf8, std::string& out);
// As JavaScript prints a number; NaN and infinities become null.
void append_json_number(double value, std::string& out);

}  // namespace freshet::crdt
