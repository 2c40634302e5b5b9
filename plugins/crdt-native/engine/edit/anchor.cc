#include "edit/anchor.h"

#include "freshet/format/codec.h"

namespace freshet::crdt {

namespace {

void write_type(const Tree& tree, uint32_t number, Writer& out) {
  const Type& type = tree.types[number];
  if (type.item == kNil) {
    out.varuint(Anchor::in_root);
    return out.string(tree.names[type.name]);
  }
  const Item& item = tree.items[type.item];
  out.varuint(Anchor::in_type);
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

}  // namespace

Result<Anchor> read_anchor(Bytes bytes) {
  Reader in(bytes);
  Anchor anchor;
  anchor.kind = in.varuint();
  if (anchor.kind == Anchor::in_root) {
    anchor.root = in.string();
  } else {
    anchor.client = in.varuint();
    anchor.clock = in.varuint();
  }
  // Early versions wrote no association.
  const SignedMagnitude assoc = in.at_end() ? SignedMagnitude{0, false} : in.varint();
  if (!in.ok() || anchor.kind > Anchor::in_type) return Status::malformed;
  anchor.assoc = static_cast<int64_t>(assoc.magnitude) * (assoc.negative ? -1 : 1);
  return anchor;
}

void write_anchor(Tree& tree, uint32_t type, uint64_t index, int64_t assoc,
                  std::vector<uint8_t>& out) {
  const Id id = unit_at(tree, tree.types[type].children, index, assoc < 0);
  Writer writer(out);
  if (id) {
    writer.varuint(Anchor::at_item);
    writer.varuint(tree.table.id(id.client));
    writer.varuint(id.clock);
  } else {
    write_type(tree, type, writer);
  }
  const auto magnitude = static_cast<uint64_t>(assoc < 0 ? -assoc : assoc);
  writer.varint({magnitude, assoc < 0});
}

}  // namespace freshet::crdt
