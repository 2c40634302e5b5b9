// Transactions of a document: local edits, and updates whose effects somebody wants to know.
#include <algorithm>
#include <cassert>

#include "replica/replica.h"

namespace freshet::crdt {

bool Replica::observed(const std::vector<uint8_t>* changes) const {
  return changes != nullptr || !undo_logs.empty() || !subdocument_logs.empty();
}

// Whether an update is applied under a hold. With an index of positions it is, so that the index
// stays right; but a large update is quicker without, and the index is made again when needed.
bool Replica::watched(const std::vector<uint8_t>* changes) {
  static constexpr size_t kLarge = 256;
  if (observed(changes)) return true;
  if (!tree.positions.any()) return false;
  if (update_.structs.size() + update_.deletes.size() < kLarge) return true;
  tree.positions.drop_all();
  return false;
}

uint32_t Replica::begin_edit(uint64_t client, std::string_view origin, uint64_t now_ms) {
  assert(!tree.held());
  torn_ = true;
  clients_before_ = tree.table.size();
  const uint32_t number = client > kMaxSafeInteger ? kNoClient : tree.table.intern(client);
  tree.clients.resize(tree.table.size());
  origin_ = origin;
  now_ms_ = now_ms;
  tree.hold();
  torn_ = false;
  return number;
}

Status Replica::end_edit(uint32_t client, std::vector<uint8_t>& update) {
  if (withheld.empty()) return close_edit(client, update);
  std::vector<uint8_t> own;
  const Status status = close_edit(client, own);
  withheld.add(std::move(own));
  withheld.take(update);
  return status;
}

void Replica::withhold_edit(uint32_t client) {
  std::vector<uint8_t> update;
  static_cast<void>(close_edit(client, update));
  withheld.add(std::move(update));
}

Status Replica::close_edit(uint32_t client, std::vector<uint8_t>& update) {
  const bool undoing = std::any_of(undo_logs.begin(), undo_logs.end(),
                                   [](const UndoLog* log) { return log->undoing(); });
  torn_ = true;
  for (UndoLog* log : undo_logs) log->note(tree.changes(), origin_, now_ms_);
  const Status status = finish(undoing ? Maker::other : Maker::local_edit, &update, nullptr);
  release_undone();
  // An edit that did nothing gives the number back.
  if (client != kNoClient && client >= clients_before_ && tree.state(client) == 0) {
    tree.table.truncate(clients_before_);
    tree.clients.resize(clients_before_);
    client = kNoClient;
  }
  // Somebody used this client's id elsewhere, and its edits waited for what is here now.
  if (client != kNoClient && !pending.empty()) {
    tree.hold();
    advanced_.push_back(client);
    wake();
    wake_deletes();
    static_cast<void>(finish(Maker::other, nullptr, nullptr));
  }
  tree.end_update();
  torn_ = false;
  for (SubdocumentLog* log : subdocument_logs) log->tell();
  return status;
}

void Replica::release_undone() {
  if (tree.held()) return;
  const auto release = [this](UndoLog& log) {
    if (!log.has_released()) return;
    tree.hold();
    log.release();
    tree.settle(tree.changes());
  };
  for (UndoLog* log : undo_logs) release(*log);
  for (UndoLog& log : leaving_) release(log);
  leaving_.clear();
}

void Replica::release_undone(UndoLog leaving) {
  leaving_.push_back(std::move(leaving));
  release_undone();
}

}  // namespace freshet::crdt
