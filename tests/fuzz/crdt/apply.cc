// Any bytes as updates, one after the other: the document stays whole, refuses without a trace, and
// what it writes it can read.
#include <cstdint>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"
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

// Both ways to say a state in format v2.
void check_state_v2(const Doc& doc) {
  Buffer direct, converted;
  require(doc.diff_v2({}, direct) == Status::ok);
  require(freshet::crdt::update_to_v2(state_of(doc), converted) == Status::ok);
  require(direct == converted);
}

// The input is cut into updates by a length byte before each; 255 takes all that is left.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Doc doc, told;  // the other one tells what each update did, and so takes the general way
  freshet::Reader in({data, size});
  while (in.remaining() > 0) {
    const size_t length = in.u8();
    const Bytes update = in.take(length == 255 ? in.remaining() : std::min(length, in.remaining()));
    const Buffer before = state_of(doc);
    const bool woke = doc.stats().pending_structs > 0;
    const auto applied = doc.apply(update);
    Buffer changes;
    require(told.apply(update, changes).status() == applied.status());
    if (!applied) {
      require(state_of(doc) == before);
      continue;
    }
    check_reencoding(update, *applied);
    check_formats(update);
    const auto repeated = doc.apply(update);
    require(repeated && !repeated->changed);
    // Only content that was taken from elsewhere can be other than this.
    require(applied->contradicts || doc.stats().pending_structs > 0 || woke ||
            !repeated->contradicts);
  }
  require(freshet::crdt::broken_invariant(doc).empty());
  check_state_v2(doc);
  std::string json, told_json;
  doc.json(json);
  told.json(told_json);
  require(json == told_json);
  return 0;
}
