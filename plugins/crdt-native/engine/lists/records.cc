#include "lists/records.h"

#include "freshet/crdt/limits.h"
#include "values/values.h"

namespace freshet::crdt {

// ---- content ----------------------------------------------------------------------------------

uint32_t Records::add_content(const WireStruct& item, uint32_t skip, uint32_t index) {
  Client& client = clients[item.client];
  Bytes content = item.content();
  if (item.kind == Kind::type) return add_type(item, index);
  if (item.kind == Kind::string) {
    const uint32_t unit = client.text.units();
    if (skip > 0) {
      static constexpr uint8_t kReplacement[] = {0xef, 0xbf, 0xbd};
      const Utf16Place place = utf16_place(content, skip);
      if (place.inside) client.text.append(kReplacement, 1);
      content = content.subspan(place.byte + (place.inside ? 4 : 0));
      skip += place.inside ? 1 : 0;
    }
    client.text.append(content, item.len - skip);
    return unit;
  }
  if (!client.values) client.values = std::make_unique<ValueLog>();
  const uint32_t first = client.values->count();
  if (item.kind != Kind::any && item.kind != Kind::json) {
    client.values->append(content);
    return first;
  }
  Reader in(content);
  size_t budget = kMaxStoredUpdateBytes;
  for (uint32_t i = 0; i < item.len; ++i) {
    const Bytes rest = in.rest();
    if (item.kind == Kind::any) {
      skip_any(in, budget);
    } else {
      in.bytes();
    }
    if (i >= skip) client.values->append(rest.first(rest.size() - in.remaining()));
  }
  return first;
}

uint32_t Records::add_type(const WireStruct& item, uint32_t index) {
  Reader in(item.content());
  Type type{.item = index, .ref = static_cast<uint8_t>(in.varuint())};
  if (!in.at_end()) type.name = names.intern(in.string());
  if (free_types_.empty()) {
    types.push_back(type);
    return static_cast<uint32_t>(types.size() - 1);
  }
  const uint32_t number = free_types_.back();
  free_types_.pop_back();
  types[number] = type;
  return number;
}

// ---- lists and types --------------------------------------------------------------------------

uint32_t Records::find_root(std::string_view name) const {
  const uint32_t id = names.find(name);
  return id == kNil ? kNil : roots_by_name_.find(id);
}

uint32_t Records::root(std::string_view name) {
  const uint32_t id = names.intern(name);
  uint32_t type = roots_by_name_.find(id);
  if (type == kNil) {
    type = static_cast<uint32_t>(types.size());
    types.push_back({.name = id});
    roots_by_name_.insert(id, type);
    roots.push_back(type);
  }
  return type;
}

uint32_t Records::new_list(uint32_t type, uint32_t key) {
  uint32_t list = static_cast<uint32_t>(lists.size());
  if (free_lists_.empty()) {
    lists.emplace_back();
  } else {
    list = free_lists_.back();
    free_lists_.pop_back();
  }
  lists[list] = {.type = type, .key = key};
  return list;
}

uint32_t Records::children_of(uint32_t type) {
  if (types[type].children == kNil) types[type].children = new_list(type, kNil);
  return types[type].children;
}

uint32_t Records::keyed_list(uint32_t type, uint32_t key) {
  const uint64_t pair = uint64_t{type} << 32 | key;
  uint32_t list = keyed_.find(pair);
  if (list == kNil) {
    list = new_list(type, key);
    lists[list].next = types[type].keys;
    types[type].keys = list;
    keyed_.insert(pair, list);
  }
  return list;
}

uint32_t Records::list_for(const WireStruct& item, uint32_t left, uint32_t right) {
  if (left != kNil || right != kNil) {
    if (left != kNil && items[left].kind() == Kind::gc) return kNoList;
    if (right != kNil && items[right].kind() == Kind::gc) return kNoList;
    return items[left != kNil ? left : right].list;
  }
  const ParentName name = parent_name(item);
  uint32_t type = kNil;
  if (item.parent_item) {
    const Item& holder = item_at(item.parent());
    if (holder.kind() != Kind::type) return kNoList;
    type = holder.content;
  } else {
    type = root(name.root);
  }
  return name.has_key ? keyed_list(type, names.intern(name.key)) : children_of(type);
}

DeletedCache& Records::deletions_of(Client& client) {
  if (!client.deletions) client.deletions = std::make_unique<DeletedCache>();
  return *client.deletions;
}

uint32_t Records::find_keyed(uint32_t type, std::string_view key) const {
  const uint32_t name = names.find(key);
  return name == kNil ? kNil : keyed_.find(uint64_t{type} << 32 | name);
}

void Records::release_list(uint32_t list) {
  const List& gone = lists[list];
  if (gone.key != kNil) keyed_.erase(uint64_t{gone.type} << 32 | gone.key);
  lists[list] = List{};
  free_lists_.push_back(list);
}

void Records::release_type(uint32_t type) {
  types[type] = Type{};
  free_types_.push_back(type);
}

size_t Records::records_bytes() const {
  size_t bytes = table.memory_bytes() + clients.capacity() * sizeof(Client) + items.memory_bytes() +
                 names.memory_bytes() + lists.capacity() * sizeof(List) +
                 types.capacity() * sizeof(Type) + roots_by_name_.memory_bytes() +
                 keyed_.memory_bytes();
  for (const Client& client : clients) {
    bytes += client.index.memory_bytes() + client.text.memory_bytes();
    if (client.values) bytes += sizeof(ValueLog) + client.values->memory_bytes();
    if (client.deletions) bytes += sizeof(DeletedCache) + client.deletions->encoded.capacity();
  }
  return bytes;
}

}  // namespace freshet::crdt
