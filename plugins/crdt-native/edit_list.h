// plugins/crdt-native/edit_list.h: a list of operations as one transaction, all of it or nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "crdt-native/operation.h"
#include "freshet/crdt/doc.h"

namespace freshet::crdt {

// Appends what it did as an update; nothing if it did nothing. On failure nothing has changed, and
// `why` says which operation is wrong: Status::malformed, or Status::too_large for the list;
// Status::limit: the document is full. `client` as Transaction has it.
//
// Every operation is checked before the first one is done, against an outline of what those before
// it will have made (outline.h): a document has no way back.
Status edit_by_list(Doc& doc, uint64_t client, std::string_view json, std::vector<uint8_t>& update,
                    Refusal& why);

}  // namespace freshet::crdt
