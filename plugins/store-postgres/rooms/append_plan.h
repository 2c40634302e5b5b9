// plugins/store-postgres/rooms/append_plan.h: what a batch does to its rooms.
//
// Made from the rows of the rooms, once these are locked; asks the database nothing. The same batch
// with the same rows gives the same plan: that is how one that comes again is answered as it was.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "freshet/store.h"

namespace freshet::postgres {

// A room that a batch appends to, as it is before that.
struct Growing {
  std::string_view name;
  int64_t id = 0;  // 0: there is no such row
  freshet_epoch epoch{};
  uint64_t last_seq = 0;
  bool has_snapshot = false;
  // It was there before this batch, so that an entry with NEW goes on with whatever it is called.
  bool existed = false;
  bool may_be_made = false;      // an entry says NEW
  std::string last_writer = {};  // of `last_seq`, as an item has it; empty: it is not known
  uint64_t last_number = 0;      // the same

  uint64_t grown_seq = 0;  // with what the batch adds
  int64_t grown_bytes = 0;
  Status fault = Status::ok;  // why the batch cannot be written, if it is for this room
};

class AppendPlan {
 public:
  explicit AppendPlan(const freshet_batch& batch);

  // One for each room of the batch, in the order of their names.
  std::vector<Growing>& rooms() { return rooms_; }
  const std::vector<Growing>& rooms() const { return rooms_; }
  // Null: the batch has no such room.
  Growing* find(std::string_view name);

  // Gives each entry its sequence; Status::ok, or the fault of one of the rooms.
  Status place();

  // REQUIRES of all below: place() answered ok.
  std::span<const freshet_append> entries() const { return entries_of(batch_); }
  const Growing& room_of(size_t entry) const { return rooms_[room_of_[entry]]; }
  uint64_t seq_of(size_t entry) const { return seqs_[entry]; }  // 0: it is left out

  Status answer(Reply out) const;
  Status name_offenders(Reply out) const;

  // What the writer's row keeps to place this batch again: of each room, in order, 16 bytes of
  // epoch, 8 of the last sequence before it (big-endian) and one that tells of a snapshot.
  std::string kept() const;
  // False: it is none of this batch.
  bool restore(Bytes kept);

 private:
  Status fault_of(const freshet_append& entry, const Growing& room) const;

  const freshet_batch& batch_;
  std::vector<Growing> rooms_;
  std::vector<size_t> room_of_;  // of each entry
  std::vector<uint64_t> seqs_;   // of each entry
};

}  // namespace freshet::postgres
