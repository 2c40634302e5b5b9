// Any bytes as snapshots of any document: what is restored is whole, what lies between two can be
// applied, and asking changes nothing.
#include "freshet/crdt/snapshot.h"

#include <algorithm>
#include <string>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/format/codec.h"
#include "invariants.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::Reader;
using freshet::Status;
using freshet::crdt::Doc;
using freshet::fuzz::require;
using Buffer = std::vector<uint8_t>;

Bytes part(Reader& in) {
  const uint64_t length = in.varuint();
  return in.take(std::min<uint64_t>(length, in.remaining()));
}

std::string json_of(const Doc& doc) {
  std::string json;
  doc.json(json);
  return json;
}

void check_formats(Bytes snapshot) {
  Buffer v2, v1, again;
  if (freshet::crdt::snapshot_to_v2(snapshot, v2) != Status::ok) return;
  require(freshet::crdt::snapshot_from_v2(v2, v1) == Status::ok);
  require(freshet::crdt::snapshot_to_v2(v1, again) == Status::ok && again == v2);
}

// Whatever is asked for, or nothing.
void check_restoring(Doc& doc, Bytes snapshot) {
  Doc into;
  const Status status = freshet::crdt::restore_snapshot(doc, snapshot, into);
  if (status != Status::ok) require(json_of(into) == "{}");
  require(freshet::crdt::broken_invariant(into).empty());
}

}  // namespace

// An update and a snapshot, each behind its length; another snapshot behind them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader in({data, size});
  Doc doc({.collect_garbage = false});
  const Bytes update = part(in);
  if (!doc.apply(update)) return 0;
  const Bytes earlier = part(in), later = in.rest();
  const std::string before = json_of(doc);
  for (const Bytes snapshot : {earlier, later}) {
    check_formats(snapshot);
    check_restoring(doc, snapshot);
    (void)freshet::crdt::snapshot_contains(snapshot, update);
  }
  Buffer between;
  if (freshet::crdt::diff_snapshots(doc, earlier, later, between) == Status::ok) {
    require(Doc().apply(between).status() == Status::ok);
  }
  Buffer now;
  freshet::crdt::take_snapshot(doc, now);
  Doc restored;
  require(freshet::crdt::restore_snapshot(doc, now, restored) == Status::ok);
  require(json_of(doc) == before && freshet::crdt::broken_invariant(doc).empty());
  return 0;
}
