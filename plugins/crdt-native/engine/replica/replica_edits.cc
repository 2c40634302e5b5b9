// The ends of transactions: of local edits, and of updates whose effects somebody wants to know.
#include <cassert>

#include "edit/format_cleanup.h"
#include "encode/encode_changes.h"
#include "replica/replica.h"

namespace freshet::crdt {

uint32_t Replica::begin_edit(uint64_t client, std::string_view origin, uint64_t now_ms,
                             Maker maker) {
  assert(!tree.held());
  torn_ = true;
  clients_before_ = tree.table.size();
  const uint32_t number = client > kMaxSafeInteger ? kNoClient : tree.table.intern(client);
  tree.clients.resize(tree.table.size());
  maker_ = maker;
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

// All came from this document, whose limits hold for what they make together. What was deleted
// meanwhile may still be wanted by whoever gets this.
Status Replica::merge_withheld(std::span<const Bytes> updates, std::vector<uint8_t>& out) {
  return merge(updates, Gc::off, out);
}

Status Replica::close_edit(uint32_t client, std::vector<uint8_t>& update) {
  torn_ = true;
  const Occasion edits{.maker = maker_, .origin = origin_, .now_ms = now_ms_};
  const Status status = finish(edits, &update, nullptr);
  release_kept();
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
    static_cast<void>(finish({.maker = Maker::update}, nullptr, nullptr));
  }
  tree.end_update();
  torn_ = false;
  tell();
  return status;
}

Status Replica::finish(const Occasion& occasion, std::vector<uint8_t>* changes,
                       const Cleaning* cleaning) {
  const Changes done = std::exchange(tree.changes(), {});
  for (ReplicaObserver* observer : observers_) observer->note(done, occasion);
  if (cleaning != nullptr) clean_formats(tree, done, cleaning->text_roots);
  const Changes cleaned = std::exchange(tree.changes(), {});
  tree.settle(done);
  const Status status = changes == nullptr ? Status::ok : write_changes(tree, done, *changes);
  if (cleaned.empty()) return status;
  tree.hold();
  tree.settle(cleaned);
  static_cast<void>(write_changes(tree, cleaned, cleaning->out));  // it only deletes
  return status;
}

void Replica::tell() {
  for (ReplicaObserver* observer : observers_) observer->tell();
}

void Replica::release_kept() {
  if (tree.held()) return;
  const auto release = [this](ReplicaObserver& observer) {
    if (!observer.has_released()) return;
    tree.hold();
    observer.release();
    tree.settle(tree.changes());
  };
  for (ReplicaObserver* observer : observers_) release(*observer);
  for (const auto& observer : dismissed_) release(*observer);
  dismissed_.clear();
}

void Replica::dismiss(std::unique_ptr<ReplicaObserver> observer) {
  ignore(*observer);
  dismissed_.push_back(std::move(observer));
  release_kept();
}

}  // namespace freshet::crdt
