#include "freshet/crdt/relative_position.h"

#include "api/internals.h"
#include "edit/anchor.h"

namespace freshet::crdt {

namespace {

bool visible(const Item& item) { return !item.deleted && item.kind() != Kind::format; }

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
    while (const Id now = tree_.remade.of(id)) id = now;
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

Result<std::optional<AbsolutePosition>> resolve_position(Doc& doc, Bytes position, Redone redone) {
  Tree& tree = Internals::of(doc).tree;
  if (tree.held()) return Status::conflict;
  FRESHET_TRY(const Anchor anchor, read_anchor(position));
  Resolver resolver(tree, redone);
  resolver.where.assoc = anchor.assoc;
  if (anchor.kind == Anchor::in_root) {
    resolver.in_root(anchor.root);
    return std::optional(resolver.where);
  }
  const uint32_t number = tree.table.find(anchor.client);
  if (number == kNoClient || anchor.clock >= tree.state(number)) {
    return std::optional<AbsolutePosition>();
  }
  const Id id{number, static_cast<uint32_t>(anchor.clock)};
  if (anchor.kind == Anchor::at_item ? resolver.at_item(id) : resolver.in_type(id)) {
    return std::optional(resolver.where);
  }
  return std::optional<AbsolutePosition>();
}

}  // namespace freshet::crdt
