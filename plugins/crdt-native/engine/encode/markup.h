// Shared types as the strings Yjs' toString makes of them: plain text, and XML.
#pragma once

#include <cstdint>
#include <string>

#include "tree/tree.h"

namespace freshet::crdt {

// Wire numbers of the kinds of shared types.
enum TypeRef : uint8_t {
  kArrayType = 0,
  kMapType = 1,
  kTextType = 2,
  kXmlElementType = 3,
  kXmlFragmentType = 4,
  kXmlHookType = 5,
  kXmlTextType = 6,
};

// The strings of a type's children, one after the other.
void append_text(const Tree& tree, uint32_t type, std::string& out);

// The type as markup, read as `ref`. Nothing is escaped, as in Yjs.
void append_markup(const Tree& tree, uint32_t type, uint8_t ref, std::string& out);

// String(value) of JavaScript. REQUIRES: bytes that were checked when they came in.
void append_js_string_of_any(Bytes any, std::string& out);
void append_js_string_of_json(std::string_view json, std::string& out);

// The order of JavaScript strings: by UTF-16 unit.
bool utf16_less(std::string_view a, std::string_view b);

}  // namespace freshet::crdt
