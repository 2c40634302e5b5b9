// What a watch of subdocuments notes while a transaction ends, and tells when it is over.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "freshet/crdt/subdocuments.h"
#include "tree/tree.h"

namespace freshet::crdt {

class SubdocumentLog {
 public:
  SubdocumentLog(const Doc& doc, SubdocumentWatch::Notify notify);

  // REQUIRES: the tree is held. `made_here`: what is new was put in by an edit, not by undoing or
  // by an update.
  void note(const Changes& changes, bool made_here);
  // Tells what was noted, if it was anything.
  void tell();
  Status load(uint64_t client, uint32_t clock);

 private:
  template <class Visit>
  void each(uint32_t client, uint32_t from, uint32_t to, Visit visit) const;
  void add(const Item& item, bool made_here);
  void remove(const Item& item);

  const Tree& tree_;
  const SubdocumentWatch::Notify notify_;
  SubdocumentEvent event_;
  std::set<std::pair<uint64_t, uint32_t>> loaded_;  // of those that are there
};

}  // namespace freshet::crdt
