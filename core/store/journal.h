// core/store/journal.h: from an applied update to a durable one.
//
// Lives on one shard and takes the updates of all its rooms. What has arrived while the last batch
// was being written goes out as the next one: group commit by arrival, no timer, one batch at a
// time. A failed batch is tried again, the same entries under the same sequences, until it is
// written; nothing behind it is acknowledged before it. Rooms that the store refuses by name leave
// the batch, so that they hold up nobody else.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/config/limits.h"
#include "core/loop/loop.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/store/store_queue.h"

namespace freshet {

// Whose updates are journaled: a room. Must outlive its unsaved entries.
class Journaled {
 public:
  virtual const std::string& name() const = 0;
  virtual void on_saved() = 0;  // Journal::saved() has passed some of its positions
  // The store will never take what is unsaved of this room (it holds another history, or what it
  // has is damaged): that is dropped, and the room must go.
  virtual void on_refused() = 0;

 protected:
  ~Journaled() = default;
};

class Journal {
 public:
  Journal(Loop loop, StoreQueue& store, const Limits& limits, Log& log, Metrics& metrics);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Takes a copy. The entry's position: it is durable once saved() has reached it.
  uint64_t append(Journaled& room, const freshet_epoch& epoch, uint64_t seq, Bytes update);

  uint64_t saved() const { return saved_; }
  uint64_t last() const { return last_; }
  bool idle() const { return !in_flight_ && waiting_.empty(); }
  bool failing() const { return failing_; }
  size_t unsaved_bytes() const { return unsaved_bytes_; }

 private:
  struct Entry {
    Journaled* room;
    freshet_epoch epoch;
    uint64_t seq;
    uint64_t position;
    size_t offset, size;  // in Batch::bytes
  };
  struct Batch {
    std::vector<uint8_t> bytes;
    std::vector<Entry> entries;
  };
  class Call;

  static void add(Batch& batch, const Entry& entry, Bytes update);
  void start();
  void write();
  void on_done(Status status, const ReplyItems& items);
  void on_late();
  void drop_refused(Status why, const ReplyItems& items);
  void finish_batch();
  void retry_later(Status status);
  void set_failing(bool failing, std::string_view why);

  const Loop loop_;
  StoreQueue& store_;
  const Limits& limits_;
  Log& log_;
  freshet_metric& commits_;
  freshet_metric& updates_;
  freshet_metric& failing_shards_;
  freshet_metric& unsaved_;

  std::deque<Batch> waiting_;
  Batch batch_;                          // being written, if in_flight_
  std::vector<freshet_append> appends_;  // batch_, as the store sees it
  bool in_flight_ = false;
  bool failing_ = false;
  uint32_t retry_ms_ = 0;
  uint64_t last_ = 0;
  uint64_t saved_ = 0;
  size_t unsaved_bytes_ = 0;
};

}  // namespace freshet
