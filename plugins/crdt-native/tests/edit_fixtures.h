// What Yjs writes when it edits, recorded by tools/fixtures/edits.mjs.
#pragma once

#include <string>
#include <vector>

#include "fixtures.h"
#include "freshet/crdt/transaction.h"

namespace freshet::crdt {

// The outputs of one recorded case, compared one after the other with what the engine says.
class Recorded {
 public:
  // Aborts if there is no such case.
  explicit Recorded(const std::string& name);
  // One that is left over is a failure, too.
  ~Recorded();

  // Whether these bytes are the next ones.
  void expect(const Buffer& bytes);
  Buffer next();
  size_t left() const { return outputs_.size() - at_; }

  // Makes a transaction of client 7 and compares its update. `what` gets the transaction.
  template <class What>
  void edit(Doc& doc, What what) {
    Transaction transaction(doc, 7);
    what(transaction);
    Buffer update;
    (void)transaction.commit(update);
    expect(update);
  }

 private:
  std::vector<Buffer> outputs_;
  size_t at_ = 0;
};

}  // namespace freshet::crdt
