// freshet/crdt/subdocuments.h: the documents that a document refers to.
//
// Their contents are no part of it: they are documents of their own, synchronised under their guid.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "freshet/crdt/content.h"
#include "freshet/crdt/doc.h"
#include "freshet/result.h"

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

// What one transaction, one update or one call of load() did. One that came and went in the same
// transaction is not mentioned.
struct SubdocumentEvent {
  // To be synchronised from now on: made here, or loading by themselves, or asked for.
  std::vector<Subdocument> loaded;
  std::vector<Subdocument> added;
  std::vector<Subdocument> removed;
};

// Tells of the documents that come, go and are wanted, as the event `subdocs` of Yjs 13.6 does;
// other than there a document is told to be removed once only. Undoing brings one back as another,
// with an id of its own. On the document's thread; the document has to outlive it.
class SubdocumentWatch {
 public:
  // Called when the transaction is over. It may read the document; it may not change it, nor end
  // the watch.
  using Notify = std::function<void(const SubdocumentEvent&)>;

  // From here on; what the document has already is told by subdocuments(). Updates cost somewhat
  // more in a document that is watched.
  SubdocumentWatch(Doc& doc, Notify notify);
  ~SubdocumentWatch();
  SubdocumentWatch(const SubdocumentWatch&) = delete;
  SubdocumentWatch& operator=(const SubdocumentWatch&) = delete;

  // Somebody wants the contents of the one with this id. An event, unless it is loaded already.
  // Status::not_found: there is none. Status::conflict: a Transaction is open.
  Status load(uint64_t client, uint32_t clock);

 private:
  class Log;
  std::unique_ptr<Log> log_;
};

}  // namespace freshet::crdt
