// Values and shared types as the tagged JSON of the conformance corpora: nothing is lost in it.
//
//   {"$u":1} undefined, {"$n":"NaN"}, {"$i":"12"} 64-bit, {"$b":base64}, {"$o":[[k,v]]} objects
//   with odd keys, {"$t":"array","v":[...]} and so on for shared types.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "freshet/format/codec.h"
#include "tree/tree.h"

namespace freshet::conformance {

using Json = nlohmann::ordered_json;
using Buffer = std::vector<uint8_t>;

std::string to_base64(Bytes bytes);
Buffer from_base64(const std::string& text);

// REQUIRES: a value that was checked before.
Json tagged_any(Reader& in);
void write_any(const Json& tagged, Buffer& out);
Json tagged_json(std::string_view text);

// A shared type read as `kind`: text, array, map, xmlfragment, xmlelement, xmltext or xmlhook.
Json tagged_type(const crdt::Tree& tree, uint32_t type, const std::string& kind, size_t depth = 0);
// The same for a root that was never mentioned.
Json tagged_empty(const std::string& kind);

}  // namespace freshet::conformance
