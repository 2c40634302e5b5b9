// Reading JSON text that was checked when it came in.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet::crdt {

// What a JSON string literal stands for, in UTF-8; lone surrogates become U+FFFD.
std::string json_unquote(std::string_view literal);

// The entries of an object, or the characters of a string by their index: what `for (k in value)`
// visits. Each with the JSON text of its value; none for other values.
std::vector<std::pair<std::string, std::string>> json_entries(std::string_view json);

}  // namespace freshet::crdt
