#include "sim/plugins/store_work.h"

#include <algorithm>

#include "sim/plugins/cluster_work.h"

namespace freshet::sim {
namespace {

using Kind = StoreCall::Kind;

constexpr Range kLieLasts{50 * kMs, 500 * kMs};

size_t stored_bytes(const StoredRoom& room) {
  size_t bytes = 0;
  for (const auto& [seq, update] : room.log) bytes += update.size();
  return bytes;
}

}  // namespace

Status StoreWork::carry_out(StoreCall& call) {
  switch (call.kind) {
    case Kind::load: return load(call);
    case Kind::append: return append(call);
    case Kind::replace: return replace(call);
    case Kind::fold: return fold(call);
    case Kind::new_history: return new_history(call);
    case Kind::put: return put(call);
    case Kind::erase: return erase(call);
    case Kind::list: return list(call);
    case Kind::info: return info(call);
    case Kind::tail: return tail(call);
    case Kind::heads: return heads(call);
    case Kind::backup: return backup(call);
    default: return ClusterWork(scene_, disk_, plant_).carry_out(call);
  }
}

// ---- reading

void StoreWork::written_by(StoreCall& call, const RowOrigin& origin) {
  Blob writer(std::begin(origin.writer.run), std::end(origin.writer.run));
  for (const uint32_t shift : {24u, 16u, 8u, 0u}) {
    writer.push_back(static_cast<uint8_t>(origin.writer.shard >> shift));
  }
  call.item(FRESHET_STORE_WRITER, origin.last_number, writer);
}

// With all that is known of it, where many share the store.
void StoreWork::row(StoreCall& call, const StoredRoom& room, uint64_t seq,
                    const Blob& update) const {
  call.item(FRESHET_STORE_UPDATE, seq, update);
  if (!shared()) return;
  if (const auto author = room.authors.find(seq); author != room.authors.end()) {
    call.item(FRESHET_STORE_AUTHOR, 0, as_bytes(author->second));
  }
  const auto origin = room.origins.find(seq);
  if (origin == room.origins.end()) return;
  const RowOrigin& known = origin->second;
  if (known.first_unix_ms != 0) call.item(FRESHET_STORE_FIRST_TIME, known.first_unix_ms);
  if (known.last_unix_ms != 0) call.item(FRESHET_STORE_LAST_TIME, known.last_unix_ms);
  written_by(call, known);
}

void StoreWork::snapshot(StoreCall& call, const StoredRoom& room) const {
  call.item(FRESHET_STORE_SNAPSHOT, room.through_seq, *room.snapshot);
  const auto last = room.origins.find(room.through_seq);
  if (shared() && last != room.origins.end()) written_by(call, last->second);
}

Status StoreWork::load(StoreCall& call) {
  ++count_.loads;
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) {
    const auto erased = disk_.erased.find(call.room);
    if (erased != disk_.erased.end()) call.item(FRESHET_STORE_EPOCH, 0, erased->second.bytes);
    return Status::not_found;
  }
  const StoredRoom& room = it->second;
  call.item(FRESHET_STORE_EPOCH, 0, room.epoch.bytes);
  if (room.snapshot) snapshot(call, room);
  size_t left = plant_ == Plant::load_half ? room.log.size() / 2 : room.log.size();
  for (const auto& [seq, update] : room.log) {
    if (left-- == 0) break;
    row(call, room, seq, update);
  }
  return Status::ok;
}

Status StoreWork::tail(StoreCall& call) {
  ++count_.tails;
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end() || !same(it->second.epoch, call.epoch)) return tail_of_another(call);
  const StoredRoom& room = it->second;
  const bool hides = plant_ == Plant::failover_hidden;
  call.item(FRESHET_STORE_LAST_SEQ, hides ? room.most_seq : room.last_seq);
  size_t bytes = 0;
  if (room.snapshot && call.number < room.through_seq && plant_ != Plant::tail_skips) {
    snapshot(call, room);
    bytes += room.snapshot->size();
  }
  for (auto it_row = room.log.upper_bound(call.number); it_row != room.log.end(); ++it_row) {
    if (bytes != 0 && bytes + it_row->second.size() > call.most_bytes) break;
    bytes += it_row->second.size();
    row(call, room, it_row->first, it_row->second);
  }
  return Status::ok;
}

Status StoreWork::tail_of_another(StoreCall& call) {
  if (disk_.ended.contains(std::to_array(call.epoch.bytes))) call.item(FRESHET_STORE_ENDED, 0);
  const auto room = disk_.rooms.find(call.room);
  if (room != disk_.rooms.end()) {
    call.item(FRESHET_STORE_EPOCH, 0, room->second.epoch.bytes);
    return Status::conflict;
  }
  const auto erased = disk_.erased.find(call.room);
  if (erased != disk_.erased.end()) call.item(FRESHET_STORE_EPOCH, 0, erased->second.bytes);
  return Status::not_found;
}

Status StoreWork::heads(StoreCall& call) {
  const bool hides = plant_ == Plant::failover_hidden;
  for (const std::string& name : call.rooms) {
    const auto it = disk_.rooms.find(name);
    if (it == disk_.rooms.end()) {
      call.item(FRESHET_STORE_LAST_SEQ, 0);
      continue;
    }
    call.item(FRESHET_STORE_EPOCH, 0, it->second.epoch.bytes);
    const auto last = it->second.origins.find(it->second.last_seq);
    if (last != it->second.origins.end() && !hides) written_by(call, last->second);
    call.item(FRESHET_STORE_LAST_SEQ, hides ? it->second.most_seq : it->second.last_seq);
  }
  return Status::ok;
}

Status StoreWork::list(StoreCall& call) {
  uint32_t left = call.limit;
  for (auto it = disk_.rooms.upper_bound(call.room); it != disk_.rooms.end() && left != 0; ++it) {
    const size_t snapshot = it->second.snapshot ? it->second.snapshot->size() : 0;
    call.item(FRESHET_STORE_ROOM, snapshot + stored_bytes(it->second), as_bytes(it->first));
    --left;
  }
  return Status::ok;
}

Status StoreWork::backup(StoreCall& call) {
  if (no_backups_.empty()) return Status::ok;
  call.item(FRESHET_STORE_TROUBLE, 0, as_bytes(no_backups_));
  return Status::denied;
}

Status StoreWork::info(StoreCall& call) {
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) return Status::not_found;
  const StoredRoom& room = it->second;
  call.item(FRESHET_STORE_EPOCH, 0, room.epoch.bytes);
  call.item(FRESHET_STORE_LAST_SEQ, room.last_seq);
  call.item(FRESHET_STORE_SNAPSHOT, room.snapshot ? room.snapshot->size() : 0);
  call.item(FRESHET_STORE_LOG_COUNT, room.log.size());
  call.item(FRESHET_STORE_LOG_BYTES, stored_bytes(room));
  return Status::ok;
}

// ---- appending

uint64_t StoreWork::last_seq(const std::string& room) const {
  if (const auto it = promised_seq_.find(room); it != promised_seq_.end()) return it->second;
  const auto it = disk_.rooms.find(room);
  return it == disk_.rooms.end() ? 0 : it->second.last_seq;
}

bool StoreWork::fits(const BatchEntry& entry,
                     const std::map<std::string, freshet_epoch>& made) const {
  const auto room = disk_.rooms.find(entry.room);
  if (room != disk_.rooms.end()) return entry.is_new() || same(room->second.epoch, entry.epoch);
  const auto its = made.find(entry.room);
  if (its == made.end() || !same(its->second, entry.epoch)) return false;
  const auto erased = disk_.erased.find(entry.room);
  return erased == disk_.erased.end() || same(erased->second, entry.epoch);
}

std::set<std::string> StoreWork::offenders(const StoreCall& call) const {
  std::set<std::string> out;
  std::map<std::string, freshet_epoch> made;
  for (const BatchEntry& e : call.entries) {
    if (!disk_.rooms.contains(e.room) && e.is_new()) made.try_emplace(e.room, e.epoch);
    if (!fits(e, made)) out.insert(e.room);
  }
  return out;
}

Status StoreWork::write_new(StoreCall& call, LastBatch& last) {
  std::set<std::string> rotten;
  for (const BatchEntry& e : call.entries) {
    if (rotten_.contains(e.room)) rotten.insert(e.room);
  }
  for (const std::string& room : rotten) call.item(FRESHET_STORE_ROOM, 0, as_bytes(room));
  if (!rotten.empty()) return Status::corrupt;
  const std::set<std::string> against = offenders(call);
  if (!against.empty() && !conflicts_expected_ && plant_ == Plant::none) {
    scene_.verdict.broke(Broken::store_contract,
                         "an append to " + *against.begin() + " is of another epoch");
  }
  for (const std::string& room : against) call.item(FRESHET_STORE_ROOM, 0, as_bytes(room));
  if (!against.empty()) return Status::conflict;
  disk_.begin_change();
  last = {call.number, place(call.entries), call.entries};
  if (!scene_.chance.percent(scene_.weather.append_unknown_percent)) return Status::ok;
  scene_.verdict.trace("store", "wrote, and says that it failed");
  return Status::retry;
}

Status StoreWork::append(StoreCall& call) {
  ++count_.appends;
  disk_.finish_commit(call.writer);
  LastBatch& last = disk_.writers[id_of(call.writer)];
  if (last.number != call.number) {
    FRESHET_CHECK(write_new(call, last));
  } else if (last.entries != call.entries) {
    scene_.verdict.broke(Broken::store_contract, "a number came again with other entries");
  }
  for (size_t i = 0; i < call.entries.size(); ++i) {
    if (!same(last.at[i].epoch, call.entries[i].epoch) || last.at[i].seq == 0) {
      call.item(FRESHET_STORE_EPOCH, 0, last.at[i].epoch.bytes);
    }
    if (shared() && last.at[i].before) written_by(call, *last.at[i].before);
    call.item(FRESHET_STORE_SEQ, last.at[i].seq);
  }
  return Status::ok;
}

std::vector<RowPlace> StoreWork::place(const std::vector<BatchEntry>& entries) {
  std::vector<RowPlace> at;
  std::vector<BatchEntry> rows;
  std::map<std::string, uint64_t> next;
  for (const BatchEntry& e : entries) {
    const auto room = disk_.rooms.find(e.room);
    const freshet_epoch& epoch = room == disk_.rooms.end() ? e.epoch : room->second.epoch;
    const bool is_there = room != disk_.rooms.end() || next.contains(e.room);
    if (e.only_first() && is_there && plant_ != Plant::first_ignored) {
      at.push_back({epoch, 0});
      continue;
    }
    const auto [counted, begins] = next.try_emplace(e.room, last_seq(e.room));
    at.push_back({epoch, ++counted->second});
    if (begins && room != disk_.rooms.end()) {
      const auto before = room->second.origins.find(counted->second - 1);
      if (before != room->second.origins.end()) at.back().before = before->second;
    }
    rows.push_back(e);
  }
  if (plant_ != Plant::acknowledge_before_write) {
    write(rows);
    return at;
  }
  for (const auto& [room, seq] : next) promised_seq_[room] = seq;
  promised_.push_back(std::move(rows));
  scene_.timeline.after(scene_.within(kLieLasts), [this] {
    if (dead_) return;
    write(promised_.front());
    promised_.pop_front();
  });
  return at;
}

void StoreWork::write(const std::vector<BatchEntry>& entries) {
  for (const BatchEntry& e : entries) {
    const auto it = disk_.rooms.find(e.room);
    StoredRoom& room = it == disk_.rooms.end() ? disk_.make_room(e.room, e.epoch) : it->second;
    room.add(e.update, e.author, e.origin);
    if (scene_.verdict.tracing()) {
      scene_.verdict.trace("store", e.room + " row " + std::to_string(room.last_seq) + ":" +
                                        shown(ids_of(e.update)));
    }
    disk_.erased.erase(e.room);
    ++count_.entries;
  }
}

// ---- whole rooms

Status StoreWork::replace(const StoreCall& call) {
  ++count_.replaces;
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end() || !same(call.epoch, it->second.epoch) ||
      call.number < it->second.through_seq || call.number > it->second.last_seq) {
    return Status::conflict;
  }
  disk_.begin_change();
  StoredRoom& room = it->second;
  room.snapshot = call.bytes;
  room.through_seq = call.number;
  const auto folded = plant_ == Plant::replace_forgets_tail ? room.last_seq : call.number;
  room.log.erase(room.log.begin(), room.log.upper_bound(folded));
  room.origins.erase(room.origins.begin(), room.origins.lower_bound(folded));
  return Status::ok;
}

Status StoreWork::fold(const StoreCall& call) {
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) return Status::conflict;
  const auto last = it->second.origins.find(call.number);
  const bool is_same = last != it->second.origins.end() && same(last->second.writer, call.writer) &&
                       last->second.last_number == call.last_number;
  return is_same ? replace(call) : Status::conflict;
}

Status StoreWork::new_history(StoreCall& call) {
  disk_.begin_change();
  auto it = disk_.rooms.upper_bound(call.room);
  for (uint32_t i = 0; i < call.limit && it != disk_.rooms.end(); ++i, ++it) {
    auto& [name, room] = *it;
    disk_.ended.insert(std::to_array(room.epoch.bytes));
    for (uint8_t& byte : room.epoch.bytes) byte = static_cast<uint8_t>(scene_.chance.next());
    call.item(FRESHET_STORE_ROOM, stored_bytes(room), as_bytes(name));
  }
  return Status::ok;
}

Status StoreWork::put(const StoreCall& call) {
  ++count_.puts;
  disk_.begin_change();
  StoredRoom fresh;
  fresh.epoch = call.epoch;
  fresh.snapshot = call.bytes;
  fresh.ids = ids_of(call.bytes);
  if (const auto old = disk_.rooms.find(call.room); old != disk_.rooms.end()) {
    disk_.ended.insert(std::to_array(old->second.epoch.bytes));
  }
  disk_.rooms[call.room] = std::move(fresh);
  disk_.erased.erase(call.room);
  return Status::ok;
}

Status StoreWork::erase(const StoreCall& call) {
  ++count_.erases;
  if (!disk_.rooms.contains(call.room)) return Status::not_found;
  disk_.begin_change();
  disk_.ended.insert(std::to_array(disk_.rooms.at(call.room).epoch.bytes));
  disk_.rooms.erase(call.room);
  if (!shared()) return Status::ok;
  freshet_epoch& next = disk_.erased[call.room];
  for (uint8_t& byte : next.bytes) byte = static_cast<uint8_t>(scene_.chance.next());
  return Status::ok;
}

}  // namespace freshet::sim
