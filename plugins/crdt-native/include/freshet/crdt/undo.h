// freshet/crdt/undo.h: taking back one's own edits, and only those.
//
// An undo history watches the transactions of a document. What they did to the types in its scope
// it can take back: what was inserted is deleted, what was deleted is made anew under new ids,
// where it was. Meanwhile the document keeps the content it may have to bring back, garbage
// collection or not. Others see undoing as ordinary edits.
//
// Source: the semantics of Yjs 13.6's UndoManager.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"

namespace freshet::crdt {

struct UndoOptions {
  std::vector<std::string> scope;           // root types, with all that is in them
  std::vector<std::string> origins = {""};  // of the transactions to be undone
  // Transactions that follow each other sooner than this are taken back together.
  uint64_t capture_ms = 500;
};

// On the document's thread; the document has to outlive it.
class UndoHistory {
 public:
  // `client` is who undoes, as for a Transaction.
  UndoHistory(Doc& doc, uint64_t client, UndoOptions options);
  ~UndoHistory();
  UndoHistory(const UndoHistory&) = delete;
  UndoHistory& operator=(const UndoHistory&) = delete;

  // Takes back the newest step that still changes anything, and appends that as an update (v1),
  // with what was not committed before (transaction.h).
  // False if there is none. Status::conflict while a Transaction is open, Status::limit when the
  // document cannot take another client. Cost: the step, and for values of keys the stacks.
  Result<bool> undo(std::vector<uint8_t>& update);
  // Takes back the newest undoing, if nothing was edited since.
  Result<bool> redo(std::vector<uint8_t>& update);

  // The next transaction begins a new step.
  void stop_capturing();
  // Forgets everything, and with it what the document keeps for it.
  void clear();

  size_t undo_steps() const;
  size_t redo_steps() const;

 private:
  struct Log;
  std::unique_ptr<Log> log_;
};

}  // namespace freshet::crdt
