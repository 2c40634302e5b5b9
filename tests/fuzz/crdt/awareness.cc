// Any bytes as what others say of who is there: what is known can be told, refused bytes leave no
// trace, and clocks never go back.
#include "freshet/crdt/awareness.h"

#include <algorithm>
#include <map>
#include <vector>

#include "freshet/format/codec.h"
#include "require.h"

namespace {

using freshet::Bytes;
using freshet::crdt::Awareness;
using freshet::fuzz::require;
using Known = std::map<uint64_t, Awareness::Entry>;

constexpr uint64_t kOwn = 1;
constexpr uint64_t kStranger = 0xffff'ffff'ffff;

bool same(const Known& a, const Known& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.clock == y.second.clock &&
           x.second.state == y.second.state;
  });
}

void check_telling(const Awareness& awareness) {
  std::vector<uint64_t> clients;
  for (const auto& [client, entry] : awareness.entries()) clients.push_back(client);
  std::vector<uint8_t> told;
  awareness.encode(clients, told);
  Awareness other(kStranger, 0);
  require(static_cast<bool>(other.apply(told, 0)));
  for (const auto& [client, entry] : awareness.entries()) {
    const auto heard = other.entries().find(client);
    // A newcomer with clock 0 and nobody with no state are no news; a number beyond all bounds is
    // written as null, as JSON.stringify does.
    if (entry.clock == 0 || entry.state.value_or("null") == "null" || client == kStranger) continue;
    require(heard != other.entries().end() && heard->second.clock == entry.clock);
    require(heard->second.state == entry.state);
  }
}

}  // namespace

// Updates, each behind its length.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Awareness awareness(kOwn, 0);
  freshet::Reader in({data, size});
  for (uint64_t now = 0; in.remaining() > 0; now += 7'000) {
    const Known before = awareness.entries();
    const uint64_t length = in.varuint();
    const Bytes update = in.take(std::min<uint64_t>(length, in.remaining()));
    const auto change = awareness.apply(update, now);
    if (!change) require(same(awareness.entries(), before));
    for (const auto& [client, entry] : before) {
      require(awareness.entries().at(client).clock >= entry.clock);
    }
    check_telling(awareness);
    awareness.expire(now);
  }
  return 0;
}
