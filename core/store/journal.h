// core/store/journal.h: from an applied update to a durable one.
//
// Lives on one shard and takes the updates of all its rooms. What comes after a pause leaves at
// once; what has arrived while a batch was being written, and until its window is over, goes out as
// the next one: see commit_pace.h. One batch at a time, and a full one does not wait. What one
// author wrote into one room is one row of it. A failed batch is tried again until it is written;
// nothing behind it is acknowledged before it. What became of it may be unknown, so the same
// entries go out under the same number, and the store writes them once. Rooms that the store
// refuses by name leave the batch, so that they hold up nobody else.
//
// The store gives the sequences, for it may have other writers.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/limits.h"
#include "core/loop/loop.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/store/batch.h"
#include "core/store/commit_pace.h"
#include "core/store/log_end.h"
#include "core/store/spread.h"
#include "core/store/store_queue.h"

namespace freshet {

// What a commit wrote of one room.
struct Stored {
  freshet_writer by{};
  size_t rows = 0;
  size_t updates = 0;                          // in them
  uint64_t first_number = 0, last_number = 0;  // of these, as the journal counts
  uint64_t last_seq = 0;
  std::optional<freshet_epoch> epoch;  // of the history that was there, if it is another
  std::optional<RowWriter> before;     // of the row before these, if the store says
  size_t bytes = 0;                    // of the rows
  bool first_refused = false;          // something was there before what was to be the first
};

// Whose updates are journaled: a room. Must outlive its unsaved entries.
class Journaled {
 public:
  virtual const std::string& name() const = 0;
  virtual void on_saved(const Stored& stored) = 0;  // saved() has passed some of its positions
  // The store will never take what is unsaved of this room (Status::conflict: it holds another
  // history; otherwise, what it has is damaged): that is dropped, and the room must go.
  virtual void on_refused(Status why) = 0;

 protected:
  ~Journaled() = default;
};

class Journal {
 public:
  // `run`: of this server, see freshet_writer.
  using Run = std::array<uint8_t, sizeof(freshet_writer::run)>;
  Journal(const Run& run, Loop loop, const freshet_crdt& crdt, StoreQueue& store,
          const Limits& limits, Log& log, Metrics& metrics);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // This node is taken for another from now on: what is not being written yet is that one's.
  void go_on_as(const freshet_node& self) { run_ = self; }

  // Takes a copy. The entry's position: it is durable once saved() has reached it.
  uint64_t append(Journaled& room, const JournalRow& row);

  // A position of what is not to be written: saved when all before it is.
  uint64_t mark();

  uint64_t saved() const { return saved_; }
  uint64_t last() const { return last_; }
  bool idle() const { return !in_flight_ && waiting_.empty(); }
  bool failing() const { return failing_; }
  // How long commits take now.
  uint64_t commit_ms() const { return pace_.lasts_ns(loop_.now_ns()) / 1'000'000; }
  size_t unsaved_bytes() const { return unsaved_bytes_; }
  const Spread& commit_times() const { return commit_times_; }  // [any]

 private:
  class Call;
  static constexpr uint64_t kNoTimer = UINT64_MAX;

  bool full(const Batch& batch) const;
  void count_unsaved(size_t more_bytes, size_t fewer_bytes);
  void start_when_due();
  void end_window();
  void start();
  void write();
  void on_done(Status status, const ReplyItems& items);
  void on_late();
  void drop_refused(Status why, const ReplyItems& items);
  void drop_empty_batches();
  // What was written of each room, in the order of their first rows; nothing if the answer is not
  // what a store has to say.
  using StoredRooms = std::vector<std::pair<Journaled*, Stored>>;
  std::optional<StoredRooms> written(const ReplyItems& items) const;
  void finish_batch(const StoredRooms& rooms);
  std::string nonsense(const ReplyItems& items) const;
  void retry_later(const std::string& why);
  void set_failing(bool failing, std::string_view why);

  const Loop loop_;
  const freshet_crdt& crdt_;
  StoreQueue& store_;
  const Limits& limits_;
  Log& log_;
  freshet_metric& commits_;
  freshet_metric& updates_;
  freshet_metric& rows_;
  freshet_metric& failing_shards_;
  freshet_metric& unsaved_;

  std::deque<Batch> waiting_;
  Batch batch_;           // being written, if in_flight_
  freshet_node run_{};    // of the batches to come
  freshet_batch call_{};  // batch_, as the store sees it; another number whenever it is another
  std::vector<freshet_append> appends_;  // of call_
  CommitPace pace_;
  uint64_t began_ns_ = 0;  // the commit that is under way
  Spread commit_times_;
  bool in_flight_ = false;
  uint64_t timer_ns_ = kNoTimer;  // for the end of the window, the first that will go off
  bool failing_ = false;
  uint32_t retry_ms_ = 0;
  uint64_t last_ = 0;
  uint64_t saved_ = 0;
  size_t unsaved_bytes_ = 0;
};

}  // namespace freshet
