// Any bytes as a state vector, asked of any bytes as an update: an answer can be applied.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "freshet/crdt/doc.h"
#include "freshet/crdt/updates.h"
#include "freshet/format/codec.h"
#include "require.h"

// The update lies behind its length, the state vector behind the update.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using freshet::Status;
  using freshet::fuzz::require;
  freshet::Reader in({data, size});
  const uint64_t length = in.varuint();
  const freshet::Bytes update = in.take(std::min<uint64_t>(length, in.remaining()));
  const freshet::Bytes state_vector = in.take(in.remaining());
  freshet::crdt::Doc doc;
  if (!doc.apply(update)) return 0;
  for (const bool of_bytes : {false, true}) {
    std::vector<uint8_t> lacking;
    const Status status = of_bytes ? freshet::crdt::diff_update(update, state_vector, lacking)
                                   : doc.diff(state_vector, lacking);
    require(status == Status::ok || lacking.empty());
    require(status != Status::ok || freshet::crdt::Doc().load(lacking));
  }
  return 0;
}
