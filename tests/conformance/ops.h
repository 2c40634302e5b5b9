// The operations of a doc.ops request, as calls of a transaction.
#pragma once

#include "freshet/crdt/transaction.h"
#include "tagged.h"

namespace freshet::conformance {

// The type at the end of a path: a root name, then indices and keys.
Result<crdt::SharedType> type_at(const Json& path, crdt::Transaction& edit);

Status perform(const Json& op, crdt::Transaction& edit);

}  // namespace freshet::conformance
