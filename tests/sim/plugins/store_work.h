// tests/sim/plugins/store_work.h: what calls of the simulated store do to its disk.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/plugins/plant.h"
#include "sim/plugins/sim_disk.h"
#include "sim/plugins/store_call.h"
#include "sim/plugins/store_table.h"
#include "sim/scene.h"

namespace freshet::sim {

class StoreWork {
 public:
  StoreWork(Scene& scene, SimDisk& disk, Plant plant, Sharing sharing)
      : scene_(scene), disk_(disk), plant_(plant), sharing_(sharing) {}
  StoreWork(const StoreWork&) = delete;
  StoreWork& operator=(const StoreWork&) = delete;

  // All of it, at this moment.
  Status carry_out(StoreCall& call);

  // What is stored of this room is damaged, as appends find out.
  void rot(const std::string& room) { rotten_.insert(room); }
  // Somebody else writes to this disk, so that conflicts are no fault of the caller.
  void refuse_backups(std::string why) { no_backups_ = std::move(why); }
  void expect_conflicts() { conflicts_expected_ = true; }
  void die() { dead_ = true; }

  struct Count {
    uint64_t loads = 0, tails = 0, appends = 0, entries = 0, replaces = 0, puts = 0, erases = 0;
  };
  const Count& count() const { return count_; }

 private:
  Status load(StoreCall& call);
  Status append(StoreCall& call);
  Status replace(const StoreCall& call);
  Status fold(const StoreCall& call);
  Status new_history(StoreCall& call);
  Status put(const StoreCall& call);
  Status erase(const StoreCall& call);
  Status list(StoreCall& call);
  Status backup(StoreCall& call);
  Status info(StoreCall& call);
  Status tail(StoreCall& call);
  Status tail_of_another(StoreCall& call);
  static void written_by(StoreCall& call, const RowOrigin& origin);
  Status heads(StoreCall& call);
  void row(StoreCall& call, const StoredRoom& room, uint64_t seq, const Blob& update) const;
  void snapshot(StoreCall& call, const StoredRoom& room) const;
  // The rooms that stand against the batch.
  std::set<std::string> offenders(const StoreCall& call) const;
  bool fits(const BatchEntry& entry, const std::map<std::string, freshet_epoch>& made) const;
  Status write_new(StoreCall& call, LastBatch& last);
  std::vector<RowPlace> place(const std::vector<BatchEntry>& entries);
  void write(const std::vector<BatchEntry>& entries);
  uint64_t last_seq(const std::string& room) const;
  bool shared() const { return sharing_ == Sharing::shared; }

  Scene& scene_;
  SimDisk& disk_;
  const Plant plant_;
  const Sharing sharing_;
  std::set<std::string> rotten_;
  bool conflicts_expected_ = false;
  std::string no_backups_;  // why; empty: it makes them
  bool dead_ = false;
  std::map<std::string, uint64_t> promised_seq_;  // planted: answered, not written
  std::deque<std::vector<BatchEntry>> promised_;
  Count count_;
};

}  // namespace freshet::sim
