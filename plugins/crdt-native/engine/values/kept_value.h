// The value of an embed or a format mark, as documents keep it.
//
// Format v1 has it as JSON text, and so have documents; format v2 has the value itself. Where JSON
// text lacks something of it (NaN, infinities, -0, undefined, 64-bit integers, bytes), documents
// keep the Any behind a byte that no JSON text has, so that v2 gets back what it brought. Only the
// engine writes and reads this form: what peers send in v1 is JSON text or malformed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {

// How a value is written: as documents keep it, or as format v1 has it.
enum class ValueForm { kept, json };

// REQUIRES: skip_any accepted these bytes; so below.
std::string kept_value(Bytes any);

// It stands where a string would, but need not be UTF-8.
inline std::string_view read_kept(Reader& in) { return as_text(in.bytes()); }

// Whether it is more than JSON text. Then kept_any is the Any.
inline bool is_kept_any(std::string_view kept) { return kept.starts_with('\0'); }
inline Bytes kept_any(std::string_view kept) { return as_bytes(kept.substr(1)); }

// Appends it as format v2 has it.
void append_kept_as_any(std::string_view kept, std::vector<uint8_t>& out);

// What JSON.stringify makes of it, "null" where it makes nothing.
std::string json_of_kept(std::string_view kept);

// What String(value) makes of it.
void append_js_string_of_kept(std::string_view kept, std::string& out);

// Whether JSON has nothing for it, so that Yjs throws where it writes v1: it is undefined, or there
// is a 64-bit integer in it.
bool json_refuses(Bytes any);
inline bool json_refuses_kept(std::string_view kept) {
  return is_kept_any(kept) && json_refuses(kept_any(kept));
}

}  // namespace freshet::crdt
