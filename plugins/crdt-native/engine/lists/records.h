// What a document is made of, by number: clients and their items, lists, types, names; and what
// finds them. How any of it comes and goes is the tree's business (tree/tree.h).
//
// The layout is this engine's own, see docs/crdt.md. Not thread-safe, not even among const calls.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "format/wire_struct.h"
#include "items/client_table.h"
#include "items/clock_index.h"
#include "items/flat_map.h"
#include "items/ids.h"
#include "items/items.h"
#include "items/names.h"
#include "items/text_log.h"
#include "items/value_log.h"

namespace freshet::crdt {

// The deleted ranges of a client as they go on the wire; derived from the items.
struct DeletedCache {
  std::vector<uint8_t> encoded;
  uint32_t ranges = 0;
  bool dirty = true;
};

struct Client {
  uint32_t next = 0;  // the clock after its last item
  uint32_t last = kNil;
  ClockIndex index;
  TextLog text;
  std::unique_ptr<ValueLog> values;         // made with the first value
  std::unique_ptr<DeletedCache> deletions;  // made with the first deletion
  uint32_t dead_units = 0;                  // of `text`, no longer in an item
  size_t dead_value_bytes = 0;
};

// A sequence of items: the children of a type, or the history of one of its keys.
struct List {
  uint32_t head = kNil;
  uint32_t tail = kNil;  // kept for keys only: the item whose value counts
  uint32_t type = kNil;
  uint32_t key = kNil;   // a name; kNil for the children
  uint32_t next = kNil;  // the next key of the same type
  bool ordered = false;  // it has a ListOrder
};

// A shared type. Its kind is on the wire for nested types only.
struct Type {
  static constexpr uint8_t kUnknown = 0xff;

  uint32_t item = kNil;      // that holds it; kNil for a root
  uint32_t children = kNil;  // a list, made with the first child
  uint32_t keys = kNil;      // the first keyed list
  uint32_t name = kNil;      // of a root, or the node or hook name
  uint8_t ref = kUnknown;
  bool formatted = false;  // it had a Format item at some time
};

class Records {
 public:
  explicit Records(uint64_t seed) : table(seed), names(seed), roots_by_name_(seed), keyed_(seed) {}
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  // The next clock of a client.
  uint32_t state(uint32_t client) const { return clients[client].next; }
  // The first dependency that is not here yet, if any: its client must pass that clock.
  Id missing(const WireStruct& item) const {
    return first_missing(item, [this](uint32_t client) { return clients[client].next; });
  }

  // The item with that unit, which is here.
  uint32_t covering(Id id) const {
    const ClockIndex& index = clients[id.client].index;
    return index.item(index.find(id.clock));
  }
  const Item& item_at(Id id) const { return items[covering(id)]; }

  // The UTF-16 units or values of this run, for readers.
  const TextLog& text_of(const Item& item) const { return clients[item.client].text; }
  Bytes values_of(const Item& item, uint32_t skip = 0) const {
    return clients[item.client].values->span(item.content + skip, item.len - skip);
  }
  DeletedCache& deletions_of(Client& client);
  // Puts the content of a struct, from its `skip`th unit on, where item `index` finds it: returns
  // its Item::content.
  uint32_t add_content(const WireStruct& item, uint32_t skip, uint32_t index);

  uint32_t find_root(std::string_view name) const;
  uint32_t root(std::string_view name);
  uint32_t children_of(uint32_t type);
  uint32_t keyed_list(uint32_t type, uint32_t key);
  // kNil if the type never had the key.
  uint32_t find_keyed(uint32_t type, std::string_view key) const;
  // Of a struct between two neighbours, or with none. kNoList: its parent is unknown or gone.
  uint32_t list_for(const WireStruct& item, uint32_t left, uint32_t right);
  // Of a type that goes. REQUIRES: nothing is in them any more.
  void release_list(uint32_t list);
  void release_type(uint32_t type);

  size_t records_bytes() const;

  ClientTable table;
  std::vector<Client> clients;  // by number; the caller keeps it as long as the table
  Items items;
  Names names;
  std::vector<List> lists;
  std::vector<Type> types;
  std::vector<uint32_t> roots;  // types, in order of first mention
  // Some value may be more than its JSON text, or even more than v1 can say; see kept_value.h.
  bool keeps_values = false;
  bool refused_by_json = false;

 private:
  uint32_t new_list(uint32_t type, uint32_t key);
  uint32_t add_type(const WireStruct& item, uint32_t index);

  FlatMap roots_by_name_;
  FlatMap keyed_;  // (type, key name) -> list
  std::vector<uint32_t> free_types_;
  std::vector<uint32_t> free_lists_;
};

}  // namespace freshet::crdt
