// What a document is made of: for the bodies of the public headers, and for tests and tools that
// look inside.
#pragma once

#include "freshet/crdt/doc.h"
#include "replica/replica.h"

namespace freshet::crdt {

struct Internals {
  static Replica& of(Doc& doc) { return *doc.replica_; }
  static const Replica& of(const Doc& doc) { return *doc.replica_; }
};

}  // namespace freshet::crdt
