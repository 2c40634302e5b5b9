// Any bytes as updates, one after the other: the document stays whole, refuses without a trace, and
// what it writes it can read.
#include <cstdint>
#include <vector>

#include "freshet/codec.h"
#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "invariants.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::Status;
using freshet::crdt::Doc;
using freshet::fuzz::require;
using Buffer = std::vector<uint8_t>;

Buffer state_of(const Doc& doc) {
  Buffer state;
  require(doc.diff({}, state) == Status::ok);
  return state;
}

// What a server does with an update that it would not pass on as it came.
void check_reencoding(Bytes update, const freshet::crdt::Applied& applied) {
  Buffer once, twice;
  require(freshet::crdt::reencode(update, once) == Status::ok);
  require(freshet::crdt::reencode(once, twice) == Status::ok && once == twice);
  const auto again = Doc().apply(once);
  require(again && again->canonical);
  if (!applied.canonical) return;
  Doc plain, rewritten;
  require(plain.apply(update) && rewritten.apply(once));
  require(state_of(plain) == state_of(rewritten));
}

void check_formats(Bytes update) {
  Buffer v2, v1;
  require(freshet::crdt::update_to_v2(update, v2) == Status::ok);
  require(freshet::crdt::update_from_v2(v2, v1) == Status::ok);
}

}  // namespace

// The input is cut into updates by a length byte before each; 255 takes all that is left.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Doc doc;
  freshet::Reader in({data, size});
  while (in.remaining() > 0) {
    const size_t length = in.u8();
    const Bytes update = in.take(length == 255 ? in.remaining() : std::min(length, in.remaining()));
    const Buffer before = state_of(doc);
    const auto applied = doc.apply(update);
    if (!applied) {
      require(state_of(doc) == before);
      continue;
    }
    check_reencoding(update, *applied);
    check_formats(update);
    const auto repeated = doc.apply(update);
    require(repeated && !repeated->changed);
  }
  require(freshet::crdt::broken_invariant(doc).empty());
  std::string json;
  doc.json(json);
  return 0;
}
