#include "encode/encode_changes.h"

#include <algorithm>

#include "encode/encode.h"

namespace freshet::crdt {

namespace {

void write_block(const Tree& tree, const Changes::Growth& growth, Writer& out,
                 std::vector<uint8_t>& bytes) {
  const ClockIndex& index = tree.clients[growth.client].index;
  Position at = index.find(growth.before);
  out.varuint(index.count_from(at));
  out.varuint(tree.table.id(growth.client));
  out.varuint(growth.before);
  uint32_t clock = growth.before;
  do {
    const Item& item = tree.items[index.item(at)];
    write_item(tree, item, clock - item.clock, bytes);
    clock = item.end();
  } while (index.next(at));
}

bool refused_by_v1(const Tree& tree, const Changes& changes) {
  return std::any_of(changes.grown.begin(), changes.grown.end(), [&](const auto& growth) {
    const ClockIndex& index = tree.clients[growth.client].index;
    Position at = index.find(growth.before);
    do {
      if (refused_by_v1(tree, tree.items[index.item(at)])) return true;
    } while (index.next(at));
    return false;
  });
}

}  // namespace

Status write_changes(const Tree& tree, const Changes& changes, std::vector<uint8_t>& bytes) {
  if (changes.empty()) return Status::ok;
  if (tree.refused_by_json && refused_by_v1(tree, changes)) return Status::unsupported;
  std::vector<Changes::Growth> grown = changes.grown;
  std::sort(grown.begin(), grown.end(),
            [&](const auto& a, const auto& b) { return tree.table.precedes(a.client, b.client); });
  Writer out(bytes);
  out.varuint(grown.size());
  for (const Changes::Growth& growth : grown) write_block(tree, growth, out, bytes);

  DeleteSet deleted = changes.deleted;
  deleted.join(tree.table);
  deleted.write(tree.table, DeleteSetWriter(out, DeleteForm::v1));
  return Status::ok;
}

}  // namespace freshet::crdt
