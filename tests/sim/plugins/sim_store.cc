#include "sim/plugins/sim_store.h"

#include <algorithm>
#include <utility>

#include "sim/platform/sim_platform.h"

namespace freshet::sim {
namespace {

using Kind = StoreCall::Kind;

constexpr Range kNoticed{10 * kMs, 5 * kSecond};     // that nobody answers any more
constexpr Range kCommitLate{10 * kMs, 3 * kSecond};  // after its connection is gone
// Of the batches of which nobody knows what became: those that are still being written.
constexpr uint64_t kLateShare = 50;

bool reads(Kind kind) {
  switch (kind) {
    case Kind::load:
    case Kind::info:
    case Kind::list:
    case Kind::tail:
    case Kind::heads:
    case Kind::room_nodes:
    case Kind::notices: return true;
    default: return false;
  }
}

}  // namespace

SimStore::SimStore(Scene& scene, SimDisk& disk, SimPlatform& platform, Plant plant, Sharing sharing)
    : scene_(scene),
      disk_(disk),
      platform_(platform),
      sharing_(sharing),
      work_(scene, disk, plant, sharing),
      history_(disk.history),
      c_(store_table(*this, sharing)) {}

std::string SimStore::trouble() const {
  return trouble_.empty() && unreachable() ? "nobody answers" : trouble_;
}

// ---- from a call to its answer

void SimStore::take(StoreCall call) {
  if (dead_) return answer(call, Status::retry);
  if (!shared()) call.keys = {"disk"};
  waiting_.push_back(std::move(call));
  start_ready();
}

void SimStore::hold(bool held) {
  held_ = held;
  start_ready();
}

void SimStore::start_ready() {
  if (held_ || dead_) return;
  std::set<std::string> taken;
  for (const auto& [id, call] : running_) taken.insert(call.keys.begin(), call.keys.end());
  const auto is_taken = [&](const std::string& key) { return taken.contains(key); };
  for (size_t i = 0; i < waiting_.size();) {
    const bool waits = std::ranges::any_of(waiting_[i].keys, is_taken);
    taken.insert(waiting_[i].keys.begin(), waiting_[i].keys.end());
    if (waits) {
      ++i;
      continue;
    }
    StoreCall ready = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    start(std::move(ready));
  }
}

void SimStore::start(StoreCall call) {
  const uint64_t id = ++last_id_;
  const bool slow = scene_.chance.percent(scene_.weather.disk_slow_percent);
  uint64_t takes_us = scene_.within(slow ? scene_.weather.disk_slow : scene_.weather.disk);
  if (shared()) {
    if (unreachable()) {
      call.lost = true;
      call.arrives = false;
      takes_us = scene_.within(kNoticed);
    }
    scene_.timeline.after(scene_.chance.below(takes_us + 1), [this, id] { reach(id); });
  }
  running_.emplace(id, std::move(call));
  scene_.timeline.after(takes_us, [this, id] { come_back(id); });
}

void SimStore::reach(uint64_t id) {
  const auto it = running_.find(id);
  if (it == running_.end() || !it->second.arrives) return;
  if (disk_.away) {
    it->second.lost = true;
    return;
  }
  carry_out(it->second);
}

void SimStore::come_back(uint64_t id) {
  if (dead_) return static_cast<void>(running_.erase(id));
  platform_.threads().arrive(SimThreads::kStoreThread, [this, id] { deliver(id); });
}

void SimStore::deliver(uint64_t id) {
  const auto it = running_.find(id);
  if (it == running_.end()) return;
  StoreCall call = std::move(it->second);
  running_.erase(it);
  if (call.answered) return;
  if (call.changed()) {
    scene_.verdict.broke(Broken::store_contract, "an argument changed before its call was done");
  }
  if (!call.carried_out && !call.lost) carry_out(call);
  answer(call, call.lost ? Status::retry : call.status);
  start_ready();
}

void SimStore::carry_out(StoreCall& call) {
  call.carried_out = true;
  if (is_of_another_history(call.kind)) return static_cast<void>(call.status = Status::retry);
  if (fails(call.kind, call.status)) {
    return scene_.verdict.trace("store", "fails: " + std::string(freshet::name_of(call.status)));
  }
  if (commits_late(call)) {
    call.lost = true;
    return;
  }
  call.status = work_.carry_out(call);
  const bool changes = shared() && !reads(call.kind) && call.kind != Kind::append;
  if (changes && scene_.chance.percent(scene_.weather.append_unknown_percent)) call.lost = true;
}

// True: its connection breaks while it commits.
bool SimStore::commits_late(const StoreCall& call) {
  if (!shared() || call.kind != Kind::append) return false;
  const uint64_t share = scene_.weather.append_unknown_percent;
  if (!scene_.chance.percent(share) || !scene_.chance.percent(kLateShare)) return false;
  scene_.verdict.trace("store", "a commit goes on without its connection");
  disk_.finish_commit(call.writer);
  disk_.commit_later(call.writer,
                     [this, late = call]() mutable { static_cast<void>(work_.carry_out(late)); });
  scene_.timeline.after(scene_.within(kCommitLate),
                        [this, writer = call.writer] { disk_.finish_commit(writer); });
  return true;
}

// Whoever begins one knows it.
bool SimStore::is_of_another_history(Kind kind) {
  if (kind == Kind::new_history && history_ == disk_.history) ++disk_.history, ++history_;
  return history_ != disk_.history;
}

bool SimStore::fails(Kind kind, Status& with) {
  const Weather& weather = scene_.weather;
  const bool swaps = kind == Kind::replace || kind == Kind::fold;
  with = reads(kind) ? load_answer_ : swaps ? replace_answer_ : append_answer_;
  if (with != Status::ok) return true;
  const uint64_t share = reads(kind) ? weather.load_fails_percent
                         : swaps     ? weather.replace_fails_percent
                                     : weather.append_fails_percent;
  if (!scene_.chance.percent(share)) return false;
  with = scene_.chance.percent(70) ? Status::retry : Status::internal;
  return true;
}

void SimStore::answer(StoreCall& call, Status status) {
  call.answered = true;
  for (const StoreCall::Item& item : call.items) {
    static_cast<void>(Reply(call.reply).write(item.kind, item.number, Bytes(item.bytes)));
  }
  call.reply.to->done(call.reply.to->ctx, call.reply.token, freshet_status(status));
}

// ---- what goes wrong

void SimStore::cut(bool is_cut) {
  cut_ = is_cut;
  if (is_cut) lose_connections();
}

void SimStore::lose_connections() {
  for (auto& [id, call] : running_) {
    call.lost = true;
    if (!call.carried_out) call.arrives = scene_.chance.percent(50);
  }
}

void SimStore::die() {
  dead_ = true;
  work_.die();
  for (auto& [id, call] : running_) {
    if (!call.carried_out && !call.lost) call.arrives = scene_.chance.percent(50);
    if (!shared() && call.arrives) carry_out(call);
    if (!call.answered) answer(call, Status::retry);
  }
  for (StoreCall& call : waiting_) answer(call, Status::retry);
  waiting_.clear();
}

}  // namespace freshet::sim
