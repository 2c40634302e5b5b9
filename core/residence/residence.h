// core/residence/residence.h: the document of one room, wherever it is, and what the store has of
// it.
//
//   in the store ──load()──► in memory ──lend()──► with a worker
//        ▲                     │     ▲                  │
//        └───────let_go()──────┘     └────take_back()───┘
//
// Lives on the room's shard, owned by the room. What it has begun (a load, work on a worker, a
// compaction) ends here: it must not be destroyed before, see at_rest() and Owner.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/residence/compaction.h"
#include "core/residence/room_services.h"
#include "core/residence/row_marks.h"
#include "core/residence/saved.h"
#include "core/residence/state_vector.h"
#include "core/store/history.h"
#include "core/store/journal.h"
#include "core/store/log_end.h"

namespace freshet {

struct LongUpdate;

class Residence {
 public:
  // Whose document it is: a room.
  class Owner : public Journaled {
   public:
    // Once for each load().
    virtual void on_loaded(Status status) = 0;
    // Once for each lend(): take_back() it, or let it go with what was done to it.
    virtual void on_worked(std::unique_ptr<LongUpdate> work) = 0;

   protected:
    ~Owner() = default;
  };

  // Both outlive it.
  Residence(RoomServices& services, Owner& owner);
  Residence(const Residence&) = delete;
  Residence& operator=(const Residence&) = delete;

  // Null: it is not in memory, or a worker has it.
  const Document* document() const { return document_ ? &*document_ : nullptr; }
  bool away() const { return away_ != nullptr; }  // with a worker
  freshet_doc_stats stats() const;
  const History& history() const { return history_; }
  uint64_t version() const { return version_; }  // grows with each change
  // The document has reached its limit, as of the last tick.
  bool full() const { return full_; }
  // The engine failed in the middle of a change: what is here is not what the store will have, and
  // good for nothing until it is loaded anew.
  bool broken() const { return broken_; }

  // Of version(). Status::retry: there is no memory for it now, and nothing is known of what the
  // document has. REQUIRES: document(), or it was had for the same version before.
  Result<StateVector> state_vector();

  // ---- REQUIRES: document() ----
  // All that a peer at `state_vector` lacks; everything, if that is empty.
  Status diff(Bytes state_vector, std::vector<uint8_t>& out);
  // The update in a form that may be passed on: `update` as it is, or what holds until the next
  // apply().
  Result<Bytes> apply(uint32_t format, Bytes update, freshet_applied& applied);
  // What another node has appended, however large. Otherwise than Status::ok: it is not in.
  Status apply_row(Bytes update, freshet_applied& applied);
  // What another node has applied and not saved yet; as apply(). If it has changed the document,
  // that is unsaved from saved().position() on.
  Result<Bytes> apply_early(Bytes update, freshet_applied& applied);
  // As one transaction of `client`. Empty: nothing changed.
  Result<std::vector<uint8_t>> edit(uint64_t client, Bytes operations);

  // ---- what is saved ----
  // To the journal with what has changed the document. `author`: a user's id; empty: not known.
  // `applied`: what the engine said of it, for what may share a row. `patience_ns`: see JournalRow.
  void keep(Bytes update, std::string_view author = {}, const freshet_applied& applied = {},
            uint64_t patience_ns = 0);
  // What the room begins with: it is kept only if nobody has begun it meanwhile, which
  // Stored::first_refused tells. Then what is here is nobody's, and reload() has what is. Where
  // something is stored of the room, though nothing that counts as content, as keep().
  void keep_first(Bytes update, std::string_view author);
  void reload();
  // Some of it is stored. Status::conflict: so is what another process wrote, which is not here,
  // and the store is not shared.
  Status note_stored(const Stored& stored);
  Saved& saved() { return saved_; }
  const Saved& saved() const { return saved_; }
  // Others have begun it meanwhile. REQUIRES: history().is_new.
  void adopt(const freshet_epoch& epoch);
  // What is left of a room of which the store has lost some.
  struct Left {
    bool nothing = false;
    std::optional<freshet_epoch> epoch;  // none: it has no name yet
    uint64_t last_seq = 0;
  };
  // Stores all that is here once more. Otherwise than Status::ok: there is no memory for it now.
  // REQUIRES: document().
  Status bring_back(const Left& left);
  // Nothing of what is unsaved will ever be saved.
  void forget_unsaved();
  // What it begins with, on its way to the store: it is not known whether it is the first. Then
  // `refused`: the store had something of the room, and has left it out.
  struct FirstRow {
    bool on_its_way = false, refused = false;
  };
  FirstRow first_row() const { return first_row_; }

  // ---- where the document is ----
  // From the store; if that does not know the room, from an app, or as an empty one.
  void load();
  // Somebody needs it.
  void touch() { touched_ms_ = services_.now_ms; }
  uint64_t touched_ms() const { return touched_ms_; }
  // Nobody has needed it for so long, and it can be loaded again. What nobody ever wrote into is
  // not in the store.
  bool may_let_go(uint64_t after_ms) const;
  // Otherwise than Status::ok, these have done nothing, and all is as before. `rows`: of what is
  // let go of, which has all to the row `through`. If the store has others in their places when it
  // is loaded, or ends before, that is Status::retry.
  Status let_go(const RowMarks& rows = {}, uint64_t through = 0);
  // Has a worker do it, with the document. Status::limit: too much waits for one already.
  // REQUIRES: document().
  Status lend(std::unique_ptr<LongUpdate> work);
  void take_back(LongUpdate& work);

  // REQUIRES: document().
  void compact_if_due();
  void tick();
  // Nothing but a load is under way.
  bool at_rest() const { return !compaction_.running() && away_ == nullptr; }

 private:
  void begin();
  void begin_with(std::vector<uint8_t> first);
  void store_first(Document document, Bytes state);
  void end_first(const Stored& stored);
  void end_load(Result<Loaded> loaded);
  Status noted(Status status);

  RoomServices& services_;
  Owner& owner_;
  std::optional<Document> document_;
  std::optional<Document> first_;     // with what an app gave, while that is being stored
  std::unique_ptr<LongUpdate> away_;  // what a worker has the document for
  History history_;
  Compaction compaction_;
  uint64_t version_ = 0;
  Saved saved_;
  uint64_t touched_ms_ = 0;
  FirstRow first_row_;
  bool full_ = false;
  bool broken_ = false;
  bool let_go_ = false;             // what is loaded is what it was
  RowMarks let_go_rows_;            // of that
  std::vector<uint8_t> rewritten_;  // of the last update that was odd
  StateVector state_vector_;        // of this or an older version
};

}  // namespace freshet
