// core/rooms/long_update.h: what is done with a document on a worker, while its room waits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/rooms/submission.h"
#include "core/store/document.h"

namespace freshet {

// On its way to the worker and back, with the document it goes into.
struct LongUpdate {
  Submission submission;  // an update, an open with a seed, or a diff that is asked for
  std::string user;       // whose it is: the session may have ended when it comes back
  uint64_t client = 0;
  std::optional<Document> document;
  Share copied;                // what its bytes take
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
