// tests/sim/plugins/sim_disk.h: what outlives a process and a power cut: one store's disk, or the
// database that the nodes of a cluster share.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "freshet/store.h"
#include "sim/update_ids.h"

namespace freshet::sim {

using Blob = std::vector<uint8_t>;

// Where a row of a log comes from.
struct RowOrigin {
  freshet_writer writer{};
  uint64_t last_number = 0;
  uint64_t first_unix_ms = 0, last_unix_ms = 0;
};

struct StoredRoom {
  freshet_epoch epoch{};
  uint64_t through_seq = 0;
  std::optional<Blob> snapshot;
  std::map<uint64_t, Blob> log;
  std::map<uint64_t, std::string> authors;  // of the log; none: nobody's that is known
  std::map<uint64_t, RowOrigin> origins;    // of the log; none: nothing is known of it
  uint64_t last_seq = 0;
  uint64_t most_seq = 0;  // ever, which a failover does not take back
  UpdateIds ids;          // of all that ever was stored under this epoch

  void add(Blob update, const std::string& author, const RowOrigin& origin);
};

// A batch asks for an entry, and is answered where it went.
struct BatchEntry {
  std::string room;
  freshet_epoch epoch;
  uint32_t flags;
  Blob update;
  std::string author;
  RowOrigin origin;

  bool is_new() const { return (flags & FRESHET_APPEND_NEW) != 0; }
  bool only_first() const { return (flags & FRESHET_APPEND_FIRST) != 0; }
  bool operator==(const BatchEntry& other) const {
    return room == other.room && same(epoch, other.epoch) && flags == other.flags &&
           update == other.update && author == other.author;
  }
};
struct RowPlace {
  freshet_epoch epoch;
  uint64_t seq;                          // 0: it was to be the first, and was not
  std::optional<RowOrigin> before = {};  // of the row before it, if that is not of the batch
};
struct LastBatch {
  uint64_t number = 0;
  std::vector<RowPlace> at;
  std::vector<BatchEntry> entries = {};
};

using NodeId = std::array<uint8_t, sizeof(freshet_node)>;
using WriterId = std::pair<NodeId, uint32_t>;
NodeId id_of(const freshet_node& node);
WriterId id_of(const freshet_writer& writer);

// What nodes keep in the database of each other. Of one that was ended no more is known than that.
struct NodeRow {
  uint64_t beats = 0;
  Blob about;
  bool ended = false;
  std::set<std::string> open;
};
struct NoticeRow {
  std::string room;
  std::optional<freshet_epoch> epoch;
  uint64_t opening = 0;  // that has ended
};
struct ClaimRow {
  NodeId holder{};
  uint64_t until_us = 0;
};

// All that is stored.
struct DiskContent {
  std::map<std::string, StoredRoom> rooms;
  std::map<std::string, freshet_epoch> erased;  // by what they are to be called next
  std::set<NodeId> ended;                       // epochs of histories that somebody has ended
  std::map<WriterId, LastBatch> writers;
  std::map<NodeId, NodeRow> nodes;
  std::map<uint64_t, NoticeRow> notices;
  std::map<std::string, ClaimRow> claims;
  std::map<std::string, uint64_t> openings;  // how often a room that nobody had open was opened
  uint64_t history = 0;                      // of all of it
};

class SimDisk : public DiskContent {
 public:
  // What a restart would find: its ids, read anew from what is stored now.
  UpdateIds readable_ids(const std::string& room) const;
  std::vector<Blob> updates(const std::string& room) const;
  // Of all that ever was stored of it, since it was erased last. Never null: none of a room that is
  // not there.
  const UpdateIds& ids(const std::string& room) const;
  StoredRoom& make_room(const std::string& name, const freshet_epoch& epoch);

  // ---- as a database ----
  bool away = false;  // nobody reaches it

  // Before each change. Remembers what is there now, if a failover may come.
  void begin_change();
  // How many of the last changes a failover may take back; 0: there is none.
  void expect_failover(size_t most_lost) { most_lost_ = most_lost; }
  // One took back how this room began. Where no node had it any more it was begun anew, and who
  // knew it as what it was is told so.
  bool lost_beginning_of(const std::string& room) const { return lost_beginnings_.contains(room); }
  // A standby takes over that has not heard of the last `lost` changes, if they were as many.
  void fail_over(size_t lost);

  // A COMMIT that is still under way when its writer's connection is gone. Whatever this writer
  // asks for next waits until it is through.
  void commit_later(const freshet_writer& writer, std::function<void()> commit);
  void finish_commit(const freshet_writer& writer);

  uint64_t next_notice() { return ++last_notice_; }
  // Every notice there ever was.
  std::map<uint64_t, NoticeRow> all_notices;

 private:
  size_t most_lost_ = 0;
  std::deque<DiskContent> past_;
  std::map<std::string, UpdateIds> taken_back_;  // of rooms that a failover took back whole
  std::set<std::string> lost_beginnings_;
  std::map<WriterId, std::function<void()>> commits_;
  uint64_t last_notice_ = 0;
};

}  // namespace freshet::sim
