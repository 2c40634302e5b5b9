// tests/sim/plugins/sim_store.h: a store whose disk survives the process, and whose promises can be
// bent.
//
// The disk belongs to the run, the store to one process. A call changes the disk at one moment,
// when it is answered; a process that dies before leaves the disk as it was, or with that one call
// done: whole or not at all. Arguments are copied at the call and compared when it is answered, for
// callers must keep them until then.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "freshet/sink.h"
#include "freshet/store.h"
#include "sim/scene.h"
#include "sim/update_ids.h"

namespace freshet::sim {

class SimPlatform;

using Blob = std::vector<uint8_t>;

struct StoredRoom {
  freshet_epoch epoch{};
  uint64_t through_seq = 0;
  std::optional<Blob> snapshot;
  std::map<uint64_t, Blob> log;
  std::map<uint64_t, std::string> authors;  // of the log; none: nobody's that is known
  uint64_t last_seq = 0;
  UpdateIds ids;  // of all that ever was stored under this epoch
};

// What outlives a process and a power cut.
class SimDisk {
 public:
  std::map<std::string, StoredRoom> rooms;

  // What a restart would find: its ids, read anew from what is stored now.
  UpdateIds readable_ids(const std::string& room) const;
  std::vector<Blob> updates(const std::string& room) const;
  // Never null: of an empty room if there is none.
  const UpdateIds& ids(const std::string& room) const;
};

// Bugs that a run must be able to see.
enum class Plant {
  none,
  acknowledge_before_write,  // answers an append, and writes it a while later
  load_half,                 // answers a load with the first half of the log
  replace_forgets_tail,      // drops what was appended after the snapshot
  hasty_wire,                // not the store's, see hasty_wire.h
};

class SimStore {
 public:
  SimStore(Scene& scene, SimDisk& disk, SimPlatform& platform, Plant plant, bool shared = false);
  SimStore(const SimStore&) = delete;
  SimStore& operator=(const SimStore&) = delete;

  const freshet_store* table() const { return &c_; }

  // From now on every append and load fails, until healed. `with`: what they answer.
  void fail_appends(Status with) { append_answer_ = with; }
  void fail_loads(Status with) { load_answer_ = with; }
  void fail_replaces(Status with) { replace_answer_ = with; }
  void heal() { append_answer_ = load_answer_ = replace_answer_ = Status::ok; }
  bool failing() const { return append_answer_ != Status::ok; }
  // What it says of itself when it is asked; empty: all is well.
  void tell_trouble(std::string trouble) { trouble_ = std::move(trouble); }
  // What is stored of this room is damaged, as appends find out.
  void rot(const std::string& room) { rotten_.insert(room); }
  // Calls are held back, unanswered, until let go.
  void hold(bool held);
  // Somebody else writes to this disk, so that conflicts are no fault of the caller.
  void expect_conflicts() { conflicts_expected_ = true; }

  // The process is gone. What it was writing is on the disk, or not.
  void die();

  struct Count {
    uint64_t loads = 0, appends = 0, entries = 0, replaces = 0, puts = 0, erases = 0;
  };
  const Count& count() const { return count_; }

 private:
  enum class Kind { load, append, replace, put, erase, list, info, backup, tail, heads, claim };
  struct Entry {
    std::string room;
    freshet_epoch epoch;
    uint32_t flags;
    Blob update;
    std::string author;
    bool is_new() const { return (flags & FRESHET_APPEND_NEW) != 0; }
    bool only_first() const { return (flags & FRESHET_APPEND_FIRST) != 0; }
    bool operator==(const Entry& other) const {
      return room == other.room && same(epoch, other.epoch) && flags == other.flags &&
             update == other.update && author == other.author;
    }
  };
  // Where an entry went.
  struct Place {
    freshet_epoch epoch;
    uint64_t seq;  // 0: it was to be the first, and was not
  };
  // The last batch of a writer.
  struct Answered {
    uint64_t number = 0;
    std::vector<Place> at;
    std::vector<Entry> entries = {};
  };
  struct Call {
    Kind kind;
    freshet_reply reply;
    std::string room;  // or `after`, or `path`
    freshet_epoch epoch{};
    uint64_t through_seq = 0;
    uint32_t limit = 0;
    std::vector<std::string> rooms = {};
    Blob bytes;
    freshet_writer writer{};
    uint64_t number = 0;
    std::vector<Entry> entries;
    // What the caller lent, to see that it is still the same.
    std::vector<std::pair<freshet_bytes, Blob>> lent;

    void lend(freshet_bytes bytes_lent, const Blob& copy) { lent.emplace_back(bytes_lent, copy); }
  };

  static SimStore& of(void* self) { return *static_cast<SimStore*>(self); }
  Call call_on(Kind kind, freshet_str room, freshet_reply reply);
  void take(Call call);
  void start_next();
  void finish();
  Status perform(Call& call);
  bool fails(Kind kind, Status& with);
  void check_lent(const Call& call);
  void answer(const Call& call, Status status);
  void item(const Call& call, uint32_t kind, uint64_t number, Bytes bytes = {});

  Status load(const Call& call);
  Status append(const Call& call);
  Status replace(const Call& call);
  Status put(const Call& call);
  Status erase(const Call& call);
  Status list(const Call& call);
  Status info(const Call& call);
  Status tail(const Call& call);
  Status heads(const Call& call);
  void share();
  // The rooms that stand against the batch.
  std::set<std::string> offenders(const Call& call) const;
  Answered& last_of(const freshet_writer& writer);
  Status write_new(const Call& call, Answered& last);
  std::vector<Place> place(const std::vector<Entry>& entries);
  void write(const std::vector<Entry>& entries);
  uint64_t last_seq(const std::string& room) const;

  Scene& scene_;
  SimDisk& disk_;
  SimPlatform& platform_;
  const Plant plant_;
  Status append_answer_ = Status::ok;
  Status load_answer_ = Status::ok;
  Status replace_answer_ = Status::ok;
  std::string trouble_;
  std::set<std::string> rotten_;
  bool conflicts_expected_ = false;
  bool held_ = false;
  bool dead_ = false;
  bool busy_ = false;
  std::deque<Call> calls_;  // the first is under way if busy_
  std::map<std::pair<std::vector<uint8_t>, uint32_t>, Answered> answered_;
  std::map<std::string, uint64_t> promised_seq_;  // planted: answered, not written
  std::deque<std::vector<Entry>> promised_;
  Count count_;
  freshet_store c_{};
};

}  // namespace freshet::sim
