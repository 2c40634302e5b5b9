#include "replica/replica.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>

#include "encode/encode.h"
#include "encode/encode_v2.h"
#include "format/v1_v2.h"
#include "freshet/crdt/limits.h"
#include "replica/contradiction.h"
#include "replica/integration_order.h"
#include "replica/keystroke.h"

namespace freshet::crdt {

namespace {

// Follows only the clocks: tells what an update would park, without changing anything.
struct CountingSink {
  std::vector<uint32_t> next;
  size_t parked_bytes = 0;

  bool known(const WireStruct& item) const { return item.end() <= next[item.client]; }
  Id missing(const WireStruct& item) const {
    return first_missing(item, [this](uint32_t client) { return next[client]; });
  }
  void repeat(const WireStruct&) {}
  void take(const WireStruct& item) { next[item.client] = item.end(); }
  void park(const WireStruct& item, Id) { parked_bytes += item.size + kParkedOverheadBytes; }
};

}  // namespace

// Takes the structs of an update as their turn comes.
struct Replica::Integration {
  Replica& doc;

  bool known(const WireStruct& item) const { return item.end() <= doc.tree.state(item.client); }
  Id missing(const WireStruct& item) const { return doc.tree.missing(item); }
  void repeat(const WireStruct& item) { doc.note_contradiction(item); }
  void take(const WireStruct& item) {
    if (item.clock < doc.tree.state(item.client)) repeat(item);
    doc.tree.integrate(item);
    doc.outcome_.changed = true;
    if (doc.pending.empty()) return;
    if (doc.advanced_.empty() || doc.advanced_.back() != item.client) {
      doc.advanced_.push_back(item.client);
    }
  }
  void park(const WireStruct& item, Id waits_for) {
    if (doc.pending.park(item, waits_for, doc.tree.state(item.client))) {
      doc.outcome_.changed = true;
    }
    doc.outcome_.parked = true;
  }
};

// An update that is looked at. Unless it passes, refused or out of memory, it leaves no trace.
struct Replica::Trial {
  Replica& doc;
  uint32_t known_clients;
  bool passed = false;

  ~Trial() {
    if (!passed) doc.tree.table.truncate(known_clients);
    doc.shrink_scratch();
  }
};

Replica::Replica(Gc gc) : tree(gc, seed_for(this)) {}

Result<Applied> Replica::apply(Bytes bytes, const UpdateLimits& limits,
                               std::vector<uint8_t>* changes, const Cleaning* cleaning) {
  if (torn_) return Status::internal;
  if (tree.held()) return Status::conflict;
  if (!observed(changes) && apply_keystroke(bytes)) return outcome_;
  Trial trial{*this, tree.table.size()};
  FRESHET_CHECK(decode_update(bytes, tree.table, update_, limits));
  FRESHET_CHECK(admit(update_, bytes.size(), limits.pending_bytes));
  const bool one_author = update_.sections.size() == 1;
  outcome_ = {.changed = false,
              .canonical = update_.canonical,
              .parked = false,
              .authors = update_.sections.size(),
              .author = one_author ? tree.table.id(update_.sections[0].client) : 0,
              .contradicts = false,
              .twin = 0,
              .whole = false};
  std::vector<uint8_t> rewritten;
  if (!update_.canonical) rewrite(rewritten);
  tree.clients.resize(tree.table.size());
  trial.passed = true;

  tree.keeps_values = tree.keeps_values || limits.kept_values;
  tree.refused_by_json = tree.refused_by_json || update_.refused_by_json;
  torn_ = true;
  const uint64_t steps = tree.placement.scan_steps;
  const bool hold = wants_hold(changes);
  if (hold) tree.hold();
  integrate_structs();
  wake();
  apply_deletes();
  wake_deletes();
  outcome_.whole = !outcome_.parked && !outcome_.contradicts && !update_.gappy;
  // What woke may be more than v1 can say: then whoever wants the changes gets none.
  if (hold) static_cast<void>(finish({.maker = Maker::update}, changes, cleaning));
  tree.end_update();
  last_scan_steps = tree.placement.scan_steps - steps;
  torn_ = false;
  if (hold) tell();
  return outcome_;
}

// Whether an update is applied under a hold. With an index of positions it is, so that the index
// stays right; but a large update is quicker without, and the index is made again when needed.
bool Replica::wants_hold(const std::vector<uint8_t>* changes) {
  static constexpr size_t kLarge = 256;
  if (observed(changes)) return true;
  if (!tree.positions.any()) return false;
  if (update_.structs.size() + update_.deletes.size() < kLarge) return true;
  tree.positions.drop_all();
  return false;
}

// Contents are kept as they came, and go out again: only ever the canonical ones. `into` has to
// last as long as update_.
void Replica::rewrite(std::vector<uint8_t>& into) {
  write_update(update_, tree.table, into);
  const Status status = decode_update(into, tree.table, update_, kInternalLimits);
  assert(status == Status::ok);
  static_cast<void>(status);
}

// False, and nothing done, if it is anything but the simplest of updates.
bool Replica::apply_keystroke(Bytes bytes) {
  if (!pending.empty() || tree.positions.any()) return false;
  const uint64_t steps = tree.placement.scan_steps;
  torn_ = true;
  const uint32_t client = take_keystroke(tree, bytes);
  if (client != kNoClient) tree.end_update();
  torn_ = false;
  if (client == kNoClient) return false;
  outcome_ = {.changed = true,
              .canonical = true,
              .parked = false,
              .authors = 1,
              .author = tree.table.id(client),
              .contradicts = false,
              .twin = 0,
              .whole = true};
  last_scan_steps = tree.placement.scan_steps - steps;
  return true;
}

// ---- limits, before anything changes ----------------------------------------------------------

Status Replica::admit(const Update& update, size_t bytes, size_t pending_limit) const {
  // A struct may split two items and delete one; a range may split two.
  const size_t growth = 3 * update.structs.size() + 2 * update.deletes.size();
  if (tree.items.bound() + growth + pending.structs() * 3 > kMaxItems) return Status::limit;
  if (tree.roots.size() + update.new_roots > kMaxRoots && !roots_fit(update)) return Status::limit;
  for (const Section& section : update.sections) {
    if (section.client >= tree.clients.size()) continue;
    const Client& client = tree.clients[section.client];
    const size_t more = bytes + kMaxStoredPendingBytes;
    if (client.text.bytes() + more > kMaxTextBytesPerClient) return Status::limit;
    if (client.values && client.values->bytes() + more > kMaxValueBytesPerClient) {
      return Status::limit;
    }
  }
  const size_t most =
      bytes + (update.structs.size() + update.deletes.size()) * kParkedOverheadBytes;
  if (pending.bytes() + most > pending_limit &&
      pending.bytes() + parked_bytes_of(update) > pending_limit) {
    return Status::limit;
  }
  return Status::ok;
}

bool Replica::roots_fit(const Update& update) const {
  std::unordered_set<std::string_view> fresh;
  for (const WireStruct& item : update.structs) {
    if (!item.names_parent() || item.parent_item) continue;
    const std::string_view name = parent_name(item).root;
    if (tree.find_root(name) == kNil) fresh.insert(name);
  }
  return tree.roots.size() + fresh.size() <= kMaxRoots;
}

size_t Replica::parked_bytes_of(const Update& update) const {
  CountingSink sink;
  sink.next.resize(tree.table.size());
  for (uint32_t i = 0; i < tree.clients.size(); ++i) sink.next[i] = tree.state(i);
  IntegrationOrder(update, sink).run();
  size_t ranges = 0;
  for (const DeletedRange& range : update.deletes) {
    if (range.end() > sink.next[range.client]) ++ranges;
  }
  // An update that parks nothing is always welcome, however full the store is.
  return sink.parked_bytes + ranges * kParkedOverheadBytes;
}

// ---- changes ----------------------------------------------------------------------------------

void Replica::integrate_structs() {
  Integration sink{*this};
  if (update_.structs.size() == 1 && pending.empty()) [[likely]] {
    const WireStruct& item = update_.structs[0];
    if (item.kind == Kind::skip) return;
    if (sink.known(item)) return sink.repeat(item);
    const Id missing = sink.missing(item);
    return missing ? sink.park(item, missing) : sink.take(item);
  }
  IntegrationOrder(update_, sink).run();
}

// Once is enough to be said of an update. REQUIRES: the struct's first clock is here.
void Replica::note_contradiction(const WireStruct& item) {
  if (outcome_.contradicts || !contradicts(tree, item)) return;
  outcome_.contradicts = true;
  outcome_.twin = tree.table.id(item.client);
}

// The structs that waited for the clients that went on, and what waited for those in turn.
void Replica::wake() {
  while (!advanced_.empty()) {
    const uint32_t client = advanced_.back();
    advanced_.pop_back();
    if (pending.has_structs()) wake_structs(client);
    if (pending.has_deletes()) went_on_.push_back(client);
  }
}

// The deletions that waited come after those of the update: what is deleted already is not cut any
// more, and a cut shows in a pair of surrogates.
void Replica::wake_deletes() {
  for (const uint32_t client : went_on_) {
    ranges_.clear();
    pending.take_deletes(client, tree.state(client), ranges_);
    for (const Pending::Range range : ranges_) remove_known(client, range.from, range.to);
  }
  went_on_.clear();
}

void Replica::wake_structs(uint32_t client) {
  ready_.clear();
  pending.take_ready(client, tree.state(client), ready_);
  for (auto& [key, parked] : ready_) {
    const WireStruct item = reread_struct(parked.wire, client_of(key), clock_of(key), tree.table);
    if (item.end() <= tree.state(item.client)) continue;
    if (const Id missing = tree.missing(item)) {
      pending.park_again(key, std::move(parked), missing, tree.state(item.client));
      continue;
    }
    tree.integrate(item);
    outcome_.changed = true;
    advanced_.push_back(item.client);
  }
}

void Replica::apply_deletes() {
  for (const DeletedRange& range : update_.deletes) {
    const uint32_t end = range.end();
    const uint32_t state = tree.state(range.client);
    if (range.clock < state) remove_known(range.client, range.clock, std::min(end, state));
    if (end <= state) continue;
    outcome_.parked = true;
    if (pending.park_delete(range.client, std::max(range.clock, state), end)) {
      outcome_.changed = true;
    }
  }
}

void Replica::remove_known(uint32_t client, uint32_t from, uint32_t to) {
  if (tree.remove(client, from, to)) outcome_.changed = true;
}

// A large update must not leave its scratch memory behind.
void Replica::shrink_scratch() {
  static constexpr size_t kKeep = 1024;
  if (update_.structs.capacity() > kKeep || update_.deletes.capacity() > kKeep ||
      update_.sections.capacity() > kKeep) {
    update_ = Update{};
  }
}

// ---- what others lack --------------------------------------------------------------------------

Status Replica::diff(Bytes state_vector, std::vector<uint8_t>& out) {
  FRESHET_TRY(const StateVector from, read_state_vector(state_vector, tree.table));
  FRESHET_CHECK(check_v1(tree, pending));
  write_state(tree, pending, from, out);
  return Status::ok;
}

Status Replica::diff_v2(Bytes state_vector, std::vector<uint8_t>& out) {
  FRESHET_TRY(const StateVector from, read_state_vector(state_vector, tree.table));
  if (pending.empty()) {
    write_state_v2(tree, from, out);
    return Status::ok;
  }
  std::vector<uint8_t> v1;
  write_state(tree, pending, from, v1, ValueForm::kept);
  return v2_of(v1, out, kInternalLimits);
}

Status merge(std::span<const Bytes> updates, Gc gc, std::vector<uint8_t>& out) {
  Replica replica(gc);
  for (const Bytes update : updates) {
    FRESHET_CHECK(replica.apply(update, kStoredLimits).status());
  }
  return replica.diff({}, out);
}

}  // namespace freshet::crdt
