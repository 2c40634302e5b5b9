// A document's state: what is integrated, what is parked, and how an update changes both.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "format/update_v1.h"
#include "freshet/bytes.h"
#include "freshet/crdt/applied.h"
#include "freshet/result.h"
#include "replica/replica_observer.h"
#include "replica/withheld.h"
#include "tree/pending.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Formats are to be cleaned after an update, see freshet/crdt/cleanup.h.
struct Cleaning {
  const std::vector<std::string>& text_roots;
  std::vector<uint8_t>& out;
};

class Replica {
 public:
  explicit Replica(Gc gc);

  // Appends to `changes`, if there are any to be reported, what it did.
  Result<Applied> apply(Bytes bytes, const UpdateLimits& limits,
                        std::vector<uint8_t>* changes = nullptr,
                        const Cleaning* cleaning = nullptr);

  // As those of freshet/crdt/doc.h.
  Status diff(Bytes state_vector, std::vector<uint8_t>& out);
  Status diff_v2(Bytes state_vector, std::vector<uint8_t>& out);

  // A transaction of local edits. Returns the number of the client, kNoClient if there are too
  // many. REQUIRES: no other is open.
  uint32_t begin_edit(uint64_t client, std::string_view origin, uint64_t now_ms,
                      Maker maker = Maker::edit);
  // Appends to `update` what was withheld before, and what it did. Status::unsupported: it did what
  // format v1 cannot say.
  Status end_edit(uint32_t client, std::vector<uint8_t>& update);
  // Nobody takes its update now: it goes out with that of the next edit.
  void withhold_edit(uint32_t client);

  // Memory ran out in the middle of a change: the document holds part of it.
  bool torn() const { return torn_; }
  void tear() { torn_ = true; }
  void mend() { torn_ = false; }  // what was begun is whole

  // It is told of all transactions until it is ignored or dismissed.
  void observe(ReplicaObserver& observer) { observers_.push_back(&observer); }
  void ignore(const ReplicaObserver& observer) { std::erase(observers_, &observer); }
  // Ignores it, and keeps it until it has let go of what was kept for it.
  void dismiss(std::unique_ptr<ReplicaObserver> observer);
  // Has all observers release; if a transaction is open, at its end.
  void release_kept();

  Tree tree;
  Pending pending;
  Withheld withheld{merge_withheld};
  uint64_t last_scan_steps = 0;

 private:
  struct Integration;
  struct Trial;

  // replica.cc: updates
  // Somebody wants to know what an update does.
  bool observed(const std::vector<uint8_t>* changes) const {
    return changes != nullptr || !observers_.empty();
  }
  bool wants_hold(const std::vector<uint8_t>* changes);
  bool apply_keystroke(Bytes bytes);
  void rewrite(std::vector<uint8_t>& into);
  Status admit(const Update& update, size_t bytes, size_t pending_limit) const;
  bool roots_fit(const Update& update) const;
  size_t parked_bytes_of(const Update& update) const;
  void integrate_structs();
  void note_contradiction(const WireStruct& item);
  void wake();
  void wake_deletes();
  void wake_structs(uint32_t client);
  void apply_deletes();
  void remove_known(uint32_t client, uint32_t from, uint32_t to);
  void shrink_scratch();

  // replica_edits.cc: the ends of transactions
  Status close_edit(uint32_t client, std::vector<uint8_t>& update);
  Status finish(const Occasion& occasion, std::vector<uint8_t>* changes, const Cleaning* cleaning);
  void tell();
  static Status merge_withheld(std::span<const Bytes> updates, std::vector<uint8_t>& out);

  Update update_;  // scratch, reused
  std::vector<uint32_t> advanced_;
  std::vector<uint32_t> went_on_;  // and had deletions that waited for them
  std::vector<std::pair<IdKey, Parked>> ready_;
  std::vector<Pending::Range> ranges_;
  Applied outcome_{};
  std::vector<ReplicaObserver*> observers_;  // each is there until its owner takes it out
  std::vector<std::unique_ptr<ReplicaObserver>> dismissed_;
  Maker maker_ = Maker::edit;  // of the edits that are open
  std::string origin_;         // theirs
  uint64_t now_ms_ = 0;
  uint32_t clients_before_ = 0;  // them
  bool torn_ = false;
};

// One update worth all of them together, see freshet/crdt/updates.h.
Status merge(std::span<const Bytes> updates, Gc gc, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
