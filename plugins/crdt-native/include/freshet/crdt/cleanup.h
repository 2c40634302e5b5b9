// freshet/crdt/cleanup.h: deleting the formats that became useless when edits of several people
// met.
//
// It changes nothing that anybody sees: it only saves space. Clients do it for each other; a server
// need not, and what it writes has to reach everybody like any other edit.
//
// Source: the follow-up transaction of Yjs 13.6's YText.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"

namespace freshet::crdt {

// As Doc::apply(update, changes); then formats of the texts it changed are cleaned, which is
// appended to `cleaned` as an update of its own, if there was anything. Nested texts say what they
// are; of root types, those in `text_roots` are texts.
// Cost: that of applying it, and the invisible items around what it deleted.
Result<Applied> apply_and_clean(Doc& doc, Bytes update, const std::vector<std::string>& text_roots,
                                std::vector<uint8_t>& changes, std::vector<uint8_t>& cleaned);

}  // namespace freshet::crdt
