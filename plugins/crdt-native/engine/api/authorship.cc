#include "freshet/crdt/authorship.h"

#include <algorithm>

#include "api/internals.h"

namespace freshet::crdt {

namespace {

// Appends, or makes the last stretch longer.
void add(std::vector<Authored>& out, Authored next) {
  if (!out.empty() && !next.keyed) {
    Authored& last = out.back();
    if (last.by.client == next.by.client && last.by.clock + last.by.length == next.by.clock) {
      last.by.length += next.by.length;
      return;
    }
  }
  out.push_back(std::move(next));
}

UnitRange range_of(const Tree& tree, const Item& item) {
  return {tree.table.id(static_cast<uint32_t>(item.client)), item.clock, item.len};
}

std::vector<Authored> authors_of(const Tree& tree, const Type& type) {
  std::vector<Authored> out;
  uint64_t index = 0;
  uint32_t at = type.children == kNil ? kNil : tree.lists[type.children].head;
  for (; at != kNil; at = tree.items[at].right) {
    const Item& item = tree.items[at];
    if (item.deleted || item.kind() == Kind::format) continue;
    add(out, {range_of(tree, item), index});
    index += item.len;
  }
  for (uint32_t list = type.keys; list != kNil; list = tree.lists[list].next) {
    const uint32_t tail = tree.lists[list].tail;
    if (tail == kNil || tree.items[tail].deleted) continue;
    // Of several values in one item the last one counts.
    UnitRange by = range_of(tree, tree.items[tail]);
    by.clock += by.length - 1;
    by.length = 1;
    out.push_back({by, 0, true, tree.names[tree.lists[list].key]});
  }
  return out;
}

WrittenKind kind_of(Kind kind) {
  switch (kind) {
    case Kind::string: return WrittenKind::text;
    case Kind::embed: return WrittenKind::embed;
    case Kind::format: return WrittenKind::format;
    case Kind::type: return WrittenKind::type;
    case Kind::doc: return WrittenKind::subdocument;
    case Kind::gc:
    case Kind::deleted:
    case Kind::skip: return WrittenKind::dropped;
    case Kind::json:
    case Kind::any:
    case Kind::binary: return WrittenKind::value;
  }
  return WrittenKind::dropped;
}

void tell_place(const Tree& tree, const Item& item, Written& out) {
  if (item.kind() == Kind::gc) return;
  const List& list = tree.lists[item.list];
  const Type& type = tree.types[list.type];
  out.keyed = list.key != kNil;
  if (out.keyed) out.key = tree.names[list.key];
  if (type.item == kNil) {
    out.place = Written::Place::root;
    out.root = tree.names[type.name];
    return;
  }
  const Item& holder = tree.items[type.item];
  out.place = Written::Place::nested;
  out.holder_client = tree.table.id(static_cast<uint32_t>(holder.client));
  out.holder_clock = holder.clock;
}

// The part of an item in [from, to).
Written written_of(const Tree& tree, const Item& item, uint32_t from, uint32_t to) {
  Written out;
  out.by = range_of(tree, item);
  const uint32_t skip = from > item.clock ? from - item.clock : 0;
  out.by.clock += skip;
  out.by.length = std::min(item.end(), to) - out.by.clock;
  out.kind = kind_of(item.kind());
  out.deleted = item.deleted != 0;
  if (item.kind() == Kind::string) {
    std::vector<uint8_t> utf8;
    tree.text_of(item).copy(item.content + skip, out.by.length, utf8);
    out.text.assign(utf8.begin(), utf8.end());
  }
  tell_place(tree, item, out);
  return out;
}

}  // namespace

std::vector<Authored> authors(const Doc& doc, std::string_view root) {
  const Tree& tree = Internals::of(doc).tree;
  const uint32_t type = tree.find_root(root);
  return type == kNil ? std::vector<Authored>() : authors_of(tree, tree.types[type]);
}

std::vector<Authored> authors(const Doc& doc, uint64_t client, uint32_t clock) {
  const Tree& tree = Internals::of(doc).tree;
  const uint32_t number = tree.table.find(client);
  if (number == kNoClient || clock >= tree.state(number)) return {};
  const Item& item = tree.item_at({number, clock});
  return item.kind() == Kind::type ? authors_of(tree, tree.types[item.content])
                                   : std::vector<Authored>();
}

std::vector<Written> written(const Doc& doc, uint64_t client, uint32_t from, uint32_t to) {
  const Tree& tree = Internals::of(doc).tree;
  std::vector<Written> out;
  const uint32_t number = tree.table.find(client);
  if (number == kNoClient) return out;
  to = std::min(to, tree.state(number));
  if (from >= to) return out;
  const ClockIndex& index = tree.clients[number].index;
  Position at = index.find(from);
  do {
    const Item& item = tree.items[index.item(at)];
    if (item.clock >= to) break;
    out.push_back(written_of(tree, item, from, to));
  } while (index.next(at));
  return out;
}

}  // namespace freshet::crdt
