// tests/sim/difference.h: whether two documents are the same, and how not.
#pragma once

#include <string>

#include "freshet/crdt/doc.h"

namespace freshet::sim {

// In words, for a verdict: what `a` has not, or `b`, which is what is stored. Empty: they differ in
// nothing but how runs of tombstones are cut.
std::string difference(const crdt::Doc& a, const crdt::Doc& b);

}  // namespace freshet::sim
