// A document's state: what is integrated, what is parked, and how an update changes both.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/subdocument_log.h"
#include "edit/undo_log.h"
#include "encode/encode.h"
#include "encode/encode_changes.h"
#include "format/update_v1.h"
#include "freshet/crdt/doc.h"
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
  explicit Replica(Options options);

  // Appends to `changes`, if there are any to be reported, what it did.
  Result<Applied> apply(Bytes bytes, const UpdateLimits& limits,
                        std::vector<uint8_t>* changes = nullptr,
                        const Cleaning* cleaning = nullptr);

  // A transaction of local edits. Returns the number of the client, kNoClient if there are too
  // many. REQUIRES: no other is open.
  uint32_t begin_edit(uint64_t client, std::string_view origin, uint64_t now_ms);
  // Appends to `update` what was withheld before, and what it did. Status::unsupported: it did what
  // format v1 cannot say.
  Status end_edit(uint32_t client, std::vector<uint8_t>& update);
  // Nobody takes its update now: it goes out with that of the next edit.
  void withhold_edit(uint32_t client);

  // Memory ran out in the middle of a change: the document holds part of it.
  bool torn() const { return torn_; }
  void tear() { torn_ = true; }
  void mend() { torn_ = false; }  // what was begun is whole

  // Collects what undo histories do not keep any more; if a transaction is open, at its end.
  void release_undone();
  // The same for a history that goes and keeps nothing any more.
  void release_undone(UndoLog leaving);

  // Each is there until its owner takes it out.
  std::vector<UndoLog*> undo_logs;
  std::vector<SubdocumentLog*> subdocument_logs;

  Tree tree;
  Pending pending;
  Withheld withheld;
  uint64_t last_scan_steps = 0;

 private:
  friend struct IntegratingSink;

  struct Trial;
  Status close_edit(uint32_t client, std::vector<uint8_t>& update);
  enum class Maker { other, local_edit };
  Status finish(Maker maker, std::vector<uint8_t>* changes, const Cleaning* cleaning);
  // Somebody wants to know what an update does.
  bool observed(const std::vector<uint8_t>* changes) const;
  bool watched(const std::vector<uint8_t>* changes);
  bool take_keystroke(Bytes bytes);
  Status admit(const Update& update, size_t bytes) const;
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

  Update update_;  // scratch, reused
  std::vector<uint32_t> advanced_;
  std::vector<uint32_t> went_on_;  // and had deletions that waited for them
  std::vector<std::pair<Pending::Key, Parked>> ready_;
  std::vector<Pending::Range> ranges_;
  Applied outcome_{};
  std::vector<UndoLog> leaving_;  // histories that are gone but for what they kept
  std::string origin_;            // of the edits that are open
  uint32_t clients_before_ = 0;   // them
  uint64_t now_ms_ = 0;
  bool torn_ = false;
};

}  // namespace freshet::crdt
