// Any bytes as an update in format v2: what is taken can be said in v1 and back. What v1 has said
// once it says again: only the first time may a value change that JSON cannot hold, a BigInt say.
#include <cstdint>
#include <vector>

#include "format/v1_v2.h"
#include "freshet/crdt/updates.h"
#include "require.h"

namespace {

// A few bytes may be a million structs. Those would take nearly all the time, and what our writer
// makes of more than a million it may be right to refuse.
constexpr freshet::crdt::UpdateLimits kFewStructs = [] {
  freshet::crdt::UpdateLimits limits = freshet::crdt::kPeerLimits;
  limits.structs_free_in_v2 = 16'384;
  limits.structs_per_byte_in_v2 = 0;
  return limits;
}();

using freshet::Bytes;
using freshet::Status;
using freshet::fuzz::require;
using Buffer = std::vector<uint8_t>;

// An update in v1, to v2 and back, as a careful writer would have written it.
Buffer there_and_back(Bytes v1) {
  Buffer v2, again, plain;
  require(freshet::crdt::update_to_v2(v1, v2) == Status::ok);
  require(freshet::crdt::update_from_v2(v2, again) == Status::ok);
  require(freshet::crdt::reencode(again, plain) == Status::ok);
  return plain;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Buffer v1;
  if (freshet::crdt::unchecked_v1_of({data, size}, v1, kFewStructs) == Status::too_large) return 0;
  v1.clear();
  if (freshet::crdt::update_from_v2({data, size}, v1) != Status::ok) {
    require(v1.empty());
    return 0;
  }
  const Buffer once = there_and_back(v1);
  require(there_and_back(once) == once);
  return 0;
}
