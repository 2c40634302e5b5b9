// plugins/app-webhook/dialect/first_document.h: the engine makes the document that a backend
// described.
#pragma once

#include <string>
#include <string_view>

#include "freshet/abi/crdt.h"
#include "freshet/result.h"

namespace freshet::webhook {

// Replaces `state` by what the operations (docs/edits.md) make of nothing, as one update of a
// client that nobody has been. Status::malformed, too_large, limit, retry: as freshet_crdt.edit.
Status first_document(const freshet_crdt& crdt, std::string_view operations, std::string& state);

}  // namespace freshet::webhook
