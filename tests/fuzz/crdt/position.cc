// Any bytes as a relative position in any document: it lies in the document or nowhere, and what a
// transaction says of the same place leads back to it.
#include "freshet/crdt/relative_position.h"

#include <algorithm>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/transaction.h"
#include "freshet/format/codec.h"
#include "invariants.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::Status;
using freshet::crdt::Doc;
using freshet::crdt::Redone;
using freshet::crdt::Transaction;
using freshet::fuzz::require;
using Buffer = std::vector<uint8_t>;

// The place `index` of a root, written and found again.
void check_way_back(Doc& doc, const std::string& root, uint64_t index) {
  Buffer written;
  {
    Transaction look(doc, 1);
    const auto type = look.root(root);
    index = std::min<uint64_t>(index, look.length(type));
    require(look.relative_position(type, index, 0, written) == Status::ok);
  }
  const auto found = freshet::crdt::resolve_position(doc, written);
  require(found && *found && (*found)->index == index && !(*found)->nested);
  require((*found)->root == root);
}

}  // namespace

// An update behind its length, then a position.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  freshet::Reader in({data, size});
  const uint64_t length = in.varuint();
  Doc doc;
  if (!doc.apply(in.take(std::min<uint64_t>(length, in.remaining())))) return 0;
  for (const Redone redone : {Redone::follow, Redone::ignore}) {
    const auto place = freshet::crdt::resolve_position(doc, in.rest(), redone);
    require(place || place.status() == Status::malformed);
    if (place && *place && !(*place)->nested && (*place)->assoc == 0) {
      check_way_back(doc, (*place)->root, (*place)->index);
    }
  }
  require(freshet::crdt::broken_invariant(doc).empty());
  return 0;
}
