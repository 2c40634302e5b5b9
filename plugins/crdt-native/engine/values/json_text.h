// Reading JSON text that was checked when it came in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet::crdt {

// Appends a code point in UTF-8; a surrogate becomes U+FFFD.
void append_utf8(uint32_t point, std::string& out);

// What a JSON string literal stands for, in UTF-8; lone surrogates become U+FFFD.
std::string json_unquote(std::string_view literal);

// The entries of an object, or the characters of a string by their index: what `for (k in value)`
// visits. Each with the JSON text of its value; none for other values.
std::vector<std::pair<std::string, std::string>> json_entries(std::string_view json);

// Appends String(value) of JavaScript. REQUIRES: JSON that was checked when it came in.
void append_js_string_of_json(std::string_view json, std::string& out);

// Appends the value of a JSON text as an Any.
void append_json_as_any(std::string_view json, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
