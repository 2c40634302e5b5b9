#include "freshet/crdt/relative_position.h"

#include "freshet/codec.h"
#include "freshet/crdt/transaction.h"
#include "replica/replica.h"

namespace freshet::crdt {

namespace {

enum PositionTag : uint8_t { kAtItem = 0, kInRoot = 1, kInType = 2 };

bool visible(const Item& item) { return !item.deleted && item.kind() != Kind::format; }

void write_type(const Tree& tree, uint32_t number, Writer& out) {
  const Type& type = tree.types[number];
  if (type.item == kNil) {
    out.varuint(kInRoot);
    return out.string(tree.names[type.name]);
  }
  const Item& item = tree.items[type.item];
  out.varuint(kInType);
  out.varuint(tree.table.id(static_cast<uint32_t>(item.client)));
  out.varuint(item.clock);
}

// The unit at the index; at the end the last unit of all if the position goes with what is left.
Id unit_at(Tree& tree, uint32_t list, uint64_t index, bool goes_left) {
  if (list == kNil || (goes_left && index == 0)) return {};
  const Positions::Found found = tree.positions.find(tree, list, goes_left ? index - 1 : index);
  if (found.item != kNil) {
    const Id id = tree.items[found.item].id();
    return {id.client, id.clock + found.offset};
  }
  const uint32_t last = goes_left ? tree.positions.last(tree, list) : kNil;
  return last == kNil ? Id{} : tree.items[last].last_id();
}

class Resolver {
 public:
  Resolver(Tree& tree, Redone redone) : tree_(tree), redone_(redone) {}

  bool at_item(Id id) {
    if (id.clock >= tree_.state(id.client)) return false;
    id = latest(id);
    const Item& item = tree_.item_at(id);
    if (item.kind() == Kind::gc) return false;
    set_type(tree_.lists[item.list].type);
    const uint32_t holder = tree_.types[tree_.lists[item.list].type].item;
    if (holder != kNil && tree_.items[holder].deleted) return true;
    where.index = before(item);
    if (visible(item)) where.index += id.clock - item.clock + (where.assoc < 0 ? 1 : 0);
    return true;
  }

  bool in_type(Id id) {
    if (id.clock >= tree_.state(id.client)) return false;
    const Item& item = tree_.item_at(latest(id));
    if (item.kind() != Kind::type) return false;
    set_type(item.content);
    end_of(item.content);
    return true;
  }

  void in_root(std::string_view name) {
    where.root = name;
    const uint32_t type = tree_.find_root(name);
    if (type != kNil) end_of(type);
  }

  AbsolutePosition where;

 private:
  // What undoing made it anew as, if that is to be followed.
  Id latest(Id id) const {
    if (redone_ == Redone::ignore) return id;
    while (const Id now = tree_.redone(id)) id = now;
    return id;
  }

  void end_of(uint32_t type) {
    const uint32_t list = tree_.types[type].children;
    if (where.assoc >= 0 && list != kNil) where.index = tree_.positions.length(tree_, list);
  }

  uint64_t before(const Item& item) {
    if (item.left == kNil) return 0;
    if (!item.keyed) return tree_.positions.up_to(tree_, item.list, item.left);
    uint64_t units = 0;
    for (uint32_t at = item.left; at != kNil; at = tree_.items[at].left) {
      if (visible(tree_.items[at])) units += tree_.items[at].len;
    }
    return units;
  }

  void set_type(uint32_t number) {
    const Type& type = tree_.types[number];
    where.nested = type.item != kNil;
    if (!where.nested) {
      where.root = tree_.names[type.name];
      return;
    }
    const Item& item = tree_.items[type.item];
    where.client = tree_.table.id(static_cast<uint32_t>(item.client));
    where.clock = item.clock;
  }

  Tree& tree_;
  const Redone redone_;
};

}  // namespace

Status Transaction::relative_position(SharedType type, uint64_t index, int64_t assoc,
                                      std::vector<uint8_t>& out) {
  Tree& tree = replica_.tree;
  if (!open_) return Status::conflict;
  const uint32_t list = tree.types[type.number_].children;
  const Id id = unit_at(tree, list, index, assoc < 0);
  Writer writer(out);
  if (id) {
    writer.varuint(kAtItem);
    writer.varuint(tree.table.id(id.client));
    writer.varuint(id.clock);
  } else {
    write_type(tree, type.number_, writer);
  }
  const auto magnitude = static_cast<uint64_t>(assoc < 0 ? -assoc : assoc);
  writer.varint({magnitude, assoc < 0});
  return Status::ok;
}

Result<std::optional<AbsolutePosition>> resolve_position(Doc& doc, Bytes position, Redone redone) {
  Tree& tree = doc.replica().tree;
  if (tree.held()) return Status::conflict;
  Reader in(position);
  const uint64_t tag = in.varuint();
  std::string_view root;
  uint64_t client = 0, clock = 0;
  if (tag == kInRoot) {
    root = in.string();
  } else {
    client = in.varuint();
    clock = in.varuint();
  }
  // Early versions wrote no association.
  const SignedMagnitude assoc = in.at_end() ? SignedMagnitude{0, false} : in.varint();
  if (!in.ok() || tag > kInType) return Status::malformed;
  Resolver resolver(tree, redone);
  resolver.where.assoc = static_cast<int64_t>(assoc.magnitude) * (assoc.negative ? -1 : 1);
  if (tag == kInRoot) {
    resolver.in_root(root);
    return std::optional(resolver.where);
  }
  const uint32_t number = tree.table.find(client);
  if (number == kNoClient || clock >= tree.state(number)) {
    return std::optional<AbsolutePosition>();
  }
  const Id id{number, static_cast<uint32_t>(clock)};
  if (tag == kAtItem ? resolver.at_item(id) : resolver.in_type(id)) {
    return std::optional(resolver.where);
  }
  return std::optional<AbsolutePosition>();
}

}  // namespace freshet::crdt
