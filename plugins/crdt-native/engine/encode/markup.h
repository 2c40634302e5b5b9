// Shared types as the strings Yjs' toString makes of them: plain text, and XML.
#pragma once

#include <cstdint>
#include <string>

#include "tree/tree.h"

namespace freshet::crdt {

// The strings of a type's children, one after the other.
void append_text(const Tree& tree, uint32_t type, std::string& out);

// The type as markup, read as `ref`. Nothing is escaped, as in Yjs.
void append_markup(const Tree& tree, uint32_t type, uint8_t ref, std::string& out);

}  // namespace freshet::crdt
