// tests/sim/plugins/sim_store.h: a store whose disk survives the process, and whose promises can be
// bent.
//
// The disk belongs to the run, the store to one process. One that nobody shares carries out one
// call after the other and answers at that moment: a process that dies before leaves the disk as it
// was, or with that one call done, whole or not at all. A shared one is a way to a database: calls
// that have no key in common overlap, one is carried out a while before its answer comes back, and
// a connection that breaks meanwhile leaves it open what became of it.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "freshet/store.h"
#include "sim/plugins/plant.h"
#include "sim/plugins/sim_disk.h"
#include "sim/plugins/store_call.h"
#include "sim/plugins/store_table.h"
#include "sim/plugins/store_work.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimPlatform;

class SimStore final : public StoreDesk {
 public:
  SimStore(Scene& scene, SimDisk& disk, SimPlatform& platform, Plant plant,
           Sharing sharing = Sharing::alone);
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
  void rot(const std::string& room) { work_.rot(room); }
  // Calls are held back, unanswered, until let go.
  void hold(bool held);
  void refuse_backups(std::string why) { work_.refuse_backups(std::move(why)); }
  void expect_conflicts() { work_.expect_conflicts(); }

  // ---- of a shared one ----
  // This process does not reach the database.
  void cut(bool is_cut);
  // What is under way is lost: some of it is carried out all the same, and no answer says so.
  void lose_connections();

  // The process is gone. What it was writing is on the disk, or not.
  void die();

  using Count = StoreWork::Count;
  const Count& count() const { return work_.count(); }

  // ---- StoreDesk ----
  void take(StoreCall call) override;
  std::string trouble() const override;

 private:
  bool shared() const { return sharing_ == Sharing::shared; }
  bool unreachable() const { return cut_ || disk_.away; }
  void start_ready();
  void start(StoreCall call);
  void reach(uint64_t id);      // where it is carried out
  void come_back(uint64_t id);  // to the process
  void deliver(uint64_t id);
  void carry_out(StoreCall& call);
  bool commits_late(const StoreCall& call);
  bool is_of_another_history(StoreCall::Kind kind);
  bool fails(StoreCall::Kind kind, Status& with);
  void answer(StoreCall& call, Status status);

  Scene& scene_;
  SimDisk& disk_;
  SimPlatform& platform_;
  const Sharing sharing_;
  StoreWork work_;
  Status append_answer_ = Status::ok;
  Status load_answer_ = Status::ok;
  Status replace_answer_ = Status::ok;
  std::string trouble_;
  uint64_t history_;  // that it knows of all that is stored
  bool held_ = false;
  bool cut_ = false;
  bool dead_ = false;
  std::deque<StoreCall> waiting_;
  std::map<uint64_t, StoreCall> running_;  // by when they began
  uint64_t last_id_ = 0;
  freshet_store c_;
};

}  // namespace freshet::sim
