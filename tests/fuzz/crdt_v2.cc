// Any bytes as an update in format v2: what is taken can be said in v1 and back, and says the same.
#include <cstdint>
#include <vector>

#include "freshet/crdt/updates.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using freshet::Status;
  using freshet::fuzz::require;
  std::vector<uint8_t> v1, plain, again_v2, again_v1, again_plain;
  if (freshet::crdt::update_from_v2({data, size}, v1) != Status::ok) {
    require(v1.empty());
    return 0;
  }
  require(freshet::crdt::reencode(v1, plain) == Status::ok);
  require(freshet::crdt::update_to_v2(v1, again_v2) == Status::ok);
  require(freshet::crdt::update_from_v2(again_v2, again_v1) == Status::ok);
  require(freshet::crdt::reencode(again_v1, again_plain) == Status::ok && again_plain == plain);
  return 0;
}
