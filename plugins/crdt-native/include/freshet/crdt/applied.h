// freshet/crdt/applied.h: what an accepted update did to a document.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::crdt {

struct Applied {
  bool changed;     // something of it was new, be it only parked
  bool canonical;   // fit to be passed on as it is; if not, pass on reencode() of it
  bool parked;      // part of it waits for updates that have not come
  size_t authors;   // clients whose content it holds, deletions aside
  uint64_t author;  // the one, if there is one
  // It has other content than what is here under the same client and clocks: two replicas write as
  // one client, and this one parts from the other's. What was here stays; the rest was taken.
  bool contradicts;
  uint64_t twin;  // that client, the first of them
  // All of it is in the document, nothing is left out of it or before it: fit for squash_updates,
  // see updates.h.
  bool whole;
};

}  // namespace freshet::crdt
