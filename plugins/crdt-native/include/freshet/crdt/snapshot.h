// freshet/crdt/snapshot.h: a document as it was at some time.
//
// A snapshot says what was there and what was deleted, not what it was: the document itself has to
// keep deleted content (Options::collect_garbage = false). The bytes are those of Yjs'
// encodeSnapshot (v1) and encodeSnapshotV2 (v2).
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/crdt/doc.h"
#include "freshet/result.h"

namespace freshet::crdt {

// Appends a snapshot (v1) of what is in the document now; what is parked is no part of it.
// Cost: the items of the document.
void take_snapshot(const Doc& doc, std::vector<uint8_t>& out);

// Applies to `into`, which should be empty, what the document was at the snapshot.
// Status::malformed: no snapshot. Status::unsupported: the document collects garbage.
// Status::not_found: it never was in that state. Status::conflict: a Transaction is open.
// Cost: the items of the document.
Status restore_snapshot(const Doc& doc, Bytes snapshot, Doc& into);

// Appends an update with what `later` has that `earlier` has not: its structs, cut from `doc` as
// restore_snapshot does, and its deletions. Status as for restore_snapshot.
Status diff_snapshots(const Doc& doc, Bytes earlier, Bytes later, std::vector<uint8_t>& out);

// Whether the update says nothing that the snapshot does not know.
Result<bool> snapshot_contains(Bytes snapshot, Bytes update);

// Between the two formats, which do not say which they are.
Status snapshot_to_v2(Bytes v1, std::vector<uint8_t>& out);
Status snapshot_from_v2(Bytes v2, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
