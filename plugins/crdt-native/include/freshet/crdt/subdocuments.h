// freshet/crdt/subdocuments.h: the documents that a document refers to.
//
// Their contents are no part of it: they are documents of their own, synchronised under their guid.
// A host that wants to know when one comes or goes compares what is there before and after.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/crdt/content.h"
#include "freshet/crdt/doc.h"

namespace freshet::crdt {

struct Subdocument {
  std::string guid;
  bool collect_garbage = true;
  bool auto_load = false;
  Value meta;  // null: none
  // Which of possibly several with one guid: the id of the item that refers to it.
  uint64_t client = 0;
  uint32_t clock = 0;
};

// Those that are not deleted, by client in order of first mention, then by clock.
// Cost: the items of the document.
std::vector<Subdocument> subdocuments(const Doc& doc);

}  // namespace freshet::crdt
