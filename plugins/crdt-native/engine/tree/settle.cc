// Transactions on a tree: what is put off while one runs, and the order in which it is made up for.
//
// Source: Yjs 13.6's end of a transaction (cleanupTransactions), which settles first garbage, then
// what can be joined.
#include <algorithm>

#include "tree/tree.h"

namespace freshet::crdt {

void Tree::hold() {
  seams_.hold();
  changes_.clear();
}

Changes& Tree::changes() {
  changes_.sort();
  return changes_;
}

// Everything in [from, to] may have become joinable with what is left of it.
void Tree::note_boundaries(uint32_t number, uint32_t from, uint32_t to) {
  const Client& client = clients[number];
  if (from >= client.next) return;
  Position at = client.index.find(from);
  do {
    const uint32_t clock = items[client.index.item(at)].clock;
    if (clock > to) return;
    boundaries_.push_back({number, clock});
  } while (client.index.next(at));
}

void Tree::settle(const Changes& changes) {
  if (gc_) {
    const DeleteSet::Ranges& deleted = changes.deleted.ranges();
    for (auto range = deleted.rbegin(); range != deleted.rend(); ++range) {
      collect(*range);
    }
  }
  seams_.let_go();
  join_changed(changes);
  collected_a_type_ = false;
  changes_.clear();
}

// In the order of Yjs, which joins what was deleted or is new in a transaction, then what was split
// or went with its type, each with its neighbours and garbage with all that is left of it. Other
// garbage stays apart: the overwritten values of a type's keys.
void Tree::join_changed(const Changes& changes) {
  boundaries_.clear();
  for (const DeletedRange& range : changes.deleted) {
    note_boundaries(range.client, range.clock, range.clock + range.len);
  }
  for (const Changes::Growth& growth : changes.grown) {
    note_boundaries(growth.client, growth.before, clients[growth.client].next);
  }
  // From the right, so that a long run is joined into one item in as many steps.
  std::sort(boundaries_.begin(), boundaries_.end(), [](Id a, Id b) {
    return a.client != b.client ? a.client < b.client : a.clock > b.clock;
  });
  boundaries_.erase(std::unique(boundaries_.begin(), boundaries_.end()), boundaries_.end());
  for (const Id id : boundaries_) seams_.rejoin(id);
  seams_.join_noted();
  static constexpr size_t kKeep = 1024;
  if (boundaries_.capacity() > kKeep) release_memory(boundaries_);
}

void Tree::end_update() {
  if (collected_a_type_) join_changed(changes());
  collected_a_type_ = false;
  changes_.clear();
  dead_.compact_logs();
}

// Drops the content that was deleted, unless somebody keeps it.
void Tree::collect(const DeletedRange& range) {
  Client& client = clients[range.client];
  Position at = client.index.find(range.clock + range.len - 1);
  for (;;) {
    Item& item = items[client.index.item(at)];
    const uint32_t clock = item.clock;
    if (item.deleted && !item.kept && item.kind() != Kind::gc && item.kind() != Kind::deleted) {
      if (item.kind() == Kind::type) collect_type(item.content);
      dead_.bury(item, item.content, item.len);
      item.set_kind(Kind::deleted);
      client.index.touch(at);
    }
    if (clock <= range.clock || !client.index.previous(at)) return;
  }
}

}  // namespace freshet::crdt
