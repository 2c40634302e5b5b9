#include "replica/update_cost.h"

#include <algorithm>

#include "freshet/crdt/limits.h"
#include "tree/tree.h"

namespace freshet::crdt {

namespace {

// What grows by doubling has up to as much again in reserve.
constexpr size_t kSlack = 2;
// An item, its number in the index of clocks and its stamp.
constexpr size_t kItemBytes = sizeof(Item) + 3 * sizeof(uint32_t);
constexpr size_t kListBytes = kSlack * sizeof(List);
constexpr size_t kTypeBytes = kSlack * sizeof(Type);
constexpr size_t kNameBytes = 128;  // its text aside: the places where it is looked up
constexpr size_t kClientBytes = sizeof(Client) + 96;
constexpr size_t kValueBytes = 2 * sizeof(uint32_t);

}  // namespace

void CostEstimate::add(const WireStruct& item) {
  ++structs_;
  // What is put into the middle of something cuts it in two.
  const bool cuts = (item.info & (kInfoOrigin | kInfoRightOrigin)) == kInfoRightOrigin;
  bytes_ += kItemBytes * (cuts ? 2 : 1);
  if (item.kind == Kind::gc || item.kind == Kind::deleted) return;
  // The content, and the struct again as it is written to others.
  bytes_ += (item.size - item.body) + item.size;
  if (item.kind == Kind::type) bytes_ += kTypeBytes;
  if (item.kind != Kind::type && item.kind != Kind::string) bytes_ += kValueBytes * item.len;
  if (!item.names_parent()) return;
  // It may be the first in its list, of a type or of a key.
  const bool keyed = (item.info & kInfoKey) != 0;
  if (keyed || item.parent_item) bytes_ += kListBytes;
  if (keyed) bytes_ += kNameBytes + item.body;
  if (item.parent_item) return;
  // Those who write into one root mostly do so in a row.
  const std::string_view root = parent_name(item).root;
  if (root != root_ || roots_ == 0) ++roots_;
  root_ = root;
}

size_t CostEstimate::document_bytes(const Update& update, size_t clients) const {
  const size_t roots = std::min(roots_, kMaxRoots);
  // A deletion may cut two items.
  return bytes_ + roots * (kTypeBytes + kListBytes + kNameBytes) + clients * kClientBytes +
         update.deletes.size() * kItemBytes * 2;
}

size_t CostEstimate::working_bytes(const Update& update, size_t clients,
                                   size_t update_bytes) const {
  const size_t rewritten = update.canonical ? 0 : update_bytes;
  return structs_ * sizeof(WireStruct) + clients * sizeof(Section) * kSlack +
         update.deletes.size() * sizeof(DeletedRange) * kSlack + rewritten;
}

}  // namespace freshet::crdt
