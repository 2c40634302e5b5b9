// What must hold of a document's insides at any time. For tests and fuzzers.
#pragma once

#include <string>

#include "freshet/crdt/doc.h"

namespace freshet::crdt {

// The first broken rule of its structure in words, empty if all hold:
// - each client's items cover its clocks without gap or overlap, and the index finds each;
// - logs are in clock order, and no item reaches beyond its log;
// - lists are linked both ways, hold their own items only, and a key's tail is its last item;
// - a type's item is alive, and everything that is alive is in a list of a living type;
// - what could be one item is one item, garbage aside.
// Cost: the items.
std::string broken_structure(const Doc& doc);

// That, and:
// - cached encodings are what would be encoded now: a fresh document holds the same.
std::string broken_invariant(const Doc& doc);

}  // namespace freshet::crdt
