// tests/sim/plugins/store_call.h: a call of the simulated store, from the moment it was made.
//
// Arguments are copied at the call and compared when it is answered, for callers must keep them
// until then.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "freshet/sink.h"
#include "freshet/store.h"
#include "sim/plugins/sim_disk.h"

namespace freshet::sim {

struct StoreCall {
  enum class Kind {
    load,
    append,
    replace,
    put,
    erase,
    list,
    info,
    backup,
    tail,
    heads,
    node_beat,
    node_end,
    rooms_open,
    rooms_close,
    room_nodes,
    notices,
    notice_remove,
    claim,
    fold,
    new_history,
  };
  struct Item {
    uint32_t kind;
    uint64_t number;
    Blob bytes;
  };

  Kind kind = Kind::load;
  freshet_reply reply{};
  std::string room;  // or `after`, `path`, `name`
  freshet_epoch epoch{};
  uint64_t number = 0;  // of a batch; through or after which sequence, after or of which notice
  uint64_t most_bytes = UINT64_MAX;
  uint32_t limit = 0;  // or for how many milliseconds
  bool tell = false;
  freshet_node node{};
  freshet_writer writer{};
  uint64_t last_number = 0;  // of it
  Blob bytes;
  std::vector<std::string> rooms;
  std::vector<BatchEntry> entries;
  // What the caller lent, to see that it is still the same.
  std::vector<std::pair<freshet_bytes, Blob>> lent;
  // Calls that have one in common are carried out in the order in which they were made.
  std::vector<std::string> keys;

  // ---- once it is carried out ----
  Status status = Status::internal;
  std::vector<Item> items;
  bool carried_out = false;
  bool arrives = true;    // false: it never comes to where it is carried out
  bool lost = false;      // nobody learns what became of it
  bool answered = false;  // nobody waits for it any more

  void lend(const void* data, size_t size) {
    const auto* begin = static_cast<const uint8_t*>(data);
    lent.push_back({{begin, size}, {begin, begin + size}});
  }
  bool changed() const {
    for (const auto& [now, then] : lent) {
      if (!then.empty() && std::memcmp(now.data, then.data(), then.size()) != 0) return true;
    }
    return false;
  }
  void item(uint32_t item_kind, uint64_t item_number, Bytes item_bytes = {}) {
    items.push_back({item_kind, item_number, {item_bytes.begin(), item_bytes.end()}});
  }
};

// A table whose calls come to this as they are made. It must outlive the table.
class StoreDesk {
 public:
  virtual void take(StoreCall call) = 0;
  // What the store says of itself when it is asked; empty: all is well.
  virtual std::string trouble() const = 0;

 protected:
  ~StoreDesk() = default;
};

}  // namespace freshet::sim
