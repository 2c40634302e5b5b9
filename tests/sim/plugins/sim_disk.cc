#include "sim/plugins/sim_disk.h"

#include <algorithm>

namespace freshet::sim {
NodeId id_of(const freshet_node& node) { return std::to_array(node.run); }

WriterId id_of(const freshet_writer& writer) { return {std::to_array(writer.run), writer.shard}; }

void StoredRoom::add(Blob update, const std::string& author, const RowOrigin& origin) {
  ++last_seq;
  most_seq = std::max(most_seq, last_seq);
  ids.add(ids_of(update));
  log.emplace(last_seq, std::move(update));
  origins.emplace(last_seq, origin);
  if (!author.empty()) authors.emplace(last_seq, author);
}

std::vector<Blob> SimDisk::updates(const std::string& room) const {
  std::vector<Blob> out;
  const auto it = rooms.find(room);
  if (it == rooms.end()) return out;
  if (it->second.snapshot) out.push_back(*it->second.snapshot);
  for (const auto& [seq, update] : it->second.log) out.push_back(update);
  return out;
}

UpdateIds SimDisk::readable_ids(const std::string& room) const {
  UpdateIds out;
  for (const Blob& update : updates(room)) out.add(ids_of(update));
  return out;
}

const UpdateIds& SimDisk::ids(const std::string& room) const {
  static const UpdateIds kNone;
  const auto it = rooms.find(room);
  if (it != rooms.end()) return it->second.ids;
  const auto once = taken_back_.find(room);
  return once == taken_back_.end() ? kNone : once->second;
}

StoredRoom& SimDisk::make_room(const std::string& name, const freshet_epoch& epoch) {
  StoredRoom& room = rooms[name];
  room.epoch = epoch;
  room.ids = std::exchange(taken_back_[name], UpdateIds());
  return room;
}

void SimDisk::begin_change() {
  if (most_lost_ == 0) return;
  past_.push_back(*this);
  if (past_.size() > most_lost_) past_.pop_front();
}

void SimDisk::fail_over(size_t lost) {
  lost = std::min(lost, past_.size());
  if (lost == 0) return;
  DiskContent old = std::move(past_[past_.size() - lost]);
  // What was stored once people may have been told of.
  for (const auto& [name, now] : rooms) {
    const auto then = old.rooms.find(name);
    if (then == old.rooms.end()) {
      taken_back_[name].add(now.ids);
      lost_beginnings_.insert(name);
    } else if (same(then->second.epoch, now.epoch)) {
      then->second.ids.add(now.ids);
      then->second.most_seq = now.most_seq;
    }
  }
  static_cast<DiskContent&>(*this) = std::move(old);
  past_.clear();
  commits_.clear();
}

void SimDisk::commit_later(const freshet_writer& writer, std::function<void()> commit) {
  commits_.emplace(id_of(writer), std::move(commit));
}

void SimDisk::finish_commit(const freshet_writer& writer) {
  const auto it = commits_.find(id_of(writer));
  if (it == commits_.end()) return;
  const auto commit = std::move(it->second);
  commits_.erase(it);
  commit();
}

}  // namespace freshet::sim
