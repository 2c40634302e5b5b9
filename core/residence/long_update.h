// core/residence/long_update.h: what is done with a document on a worker, while its room waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/presence/presence.h"
#include "core/store/document.h"

namespace freshet {

// On its way to the worker and back, with the document it goes into.
struct LongUpdate {
  enum class Kind { update, seed, diff, others };  // others: a row that another node appended

  Kind kind = Kind::update;
  MemberId from = 0;
  uint64_t client = 0;    // whose it is: the session may have ended when it comes back
  std::string user = {};  // the same
  std::string user_id = {};
  uint32_t format = 0;
  uint64_t ticket = 0;
  uint8_t opened = 0;               // of a diff: what is said of the document it is of
  std::vector<uint8_t> bytes = {};  // of the update; of a diff: the state vector
  std::optional<Document> document = {};
  Share copied{nullptr};       // what its bytes take
  Status status = Status::ok;  // of what follows
  freshet_applied applied{};
  std::vector<uint8_t> rewritten = {};  // what is passed on, unless it is canonical; the diff

  // Nothing is thrown. [doc]
  void apply(const freshet_crdt& crdt, size_t document_limit_bytes);
};

// The form in which an update that `document` has taken is passed on, if its own is odd.
Status passed_on(const freshet_crdt& crdt, const Document& document, uint32_t format, Bytes update,
                 std::vector<uint8_t>& out);

}  // namespace freshet
