#include "sim/plugins/sim_store.h"

#include <algorithm>
#include <cstring>

#include "freshet/store.h"
#include "sim/platform/sim_platform.h"

namespace freshet::sim {
namespace {

constexpr Range kLieLasts{50 * kMs, 500 * kMs};

void refuse(freshet_reply reply) {
  reply.to->done(reply.to->ctx, reply.token, FRESHET_UNSUPPORTED);
}

Blob blob(freshet_bytes bytes) { return {bytes.data, bytes.data + bytes.size}; }

UpdateIds ids_of(Bytes update) { return read_update_ids(update).value_or(UpdateIds{}); }

}  // namespace

// ---- the disk

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
  return it == rooms.end() ? kNone : it->second.ids;
}

// ---- calls

SimStore::SimStore(Scene& scene, SimDisk& disk, SimPlatform& platform, Plant plant, bool shared)
    : scene_(scene), disk_(disk), platform_(platform), plant_(plant) {
  c_.size = sizeof(freshet_store);
  c_.self = this;
  c_.load = [](void* self, freshet_str room, freshet_reply reply) {
    of(self).take(of(self).call_on(Kind::load, room, reply));
  };
  c_.append = [](void* self, const freshet_batch* batch, freshet_reply reply) {
    Call call = of(self).call_on(Kind::append, {nullptr, 0}, reply);
    call.writer = batch->writer;
    call.number = batch->number;
    for (const freshet_append& e : std::span(batch->entries, batch->count)) {
      call.entries.push_back({std::string(view(e.room)), e.epoch, e.flags, blob(e.update),
                              std::string(view(e.author))});
      call.lend(e.update, call.entries.back().update);
    }
    of(self).take(std::move(call));
  };
  c_.replace = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
                  freshet_bytes snapshot, freshet_reply reply) {
    Call call = of(self).call_on(Kind::replace, room, reply);
    call.epoch = epoch;
    call.through_seq = through_seq;
    call.bytes = blob(snapshot);
    call.lend(snapshot, call.bytes);
    of(self).take(std::move(call));
  };
  c_.put = [](void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
              freshet_reply reply) {
    Call call = of(self).call_on(Kind::put, room, reply);
    call.epoch = epoch;
    call.bytes = blob(snapshot);
    call.lend(snapshot, call.bytes);
    of(self).take(std::move(call));
  };
  c_.erase = [](void* self, freshet_str room, freshet_reply reply) {
    of(self).take(of(self).call_on(Kind::erase, room, reply));
  };
  c_.list = [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
    Call call = of(self).call_on(Kind::list, after, reply);
    call.limit = limit;
    of(self).take(std::move(call));
  };
  c_.info = [](void* self, freshet_str room, freshet_reply reply) {
    of(self).take(of(self).call_on(Kind::info, room, reply));
  };
  c_.backup = [](void* self, freshet_str path, freshet_reply reply) {
    of(self).take(of(self).call_on(Kind::backup, path, reply));
  };
  c_.check = [](void* self, freshet_reply reply) {
    const std::string& trouble = of(self).trouble_;
    const freshet_item item{FRESHET_STORE_TROUBLE, 0, to_c(as_bytes(trouble))};
    if (!trouble.empty()) reply.to->write(reply.to->ctx, reply.token, &item);
    reply.to->done(reply.to->ctx, reply.token, FRESHET_OK);
  };
  if (shared) share();
}

// As others on the same disk have it, too. Nodes of a cluster are not known here: nobody else
// claims anything.
void SimStore::share() {
  c_.tail = [](void* self, freshet_str room, freshet_epoch epoch, uint64_t after_seq, uint64_t,
               freshet_reply reply) {
    Call call = of(self).call_on(Kind::tail, room, reply);
    call.epoch = epoch;
    call.through_seq = after_seq;
    of(self).take(std::move(call));
  };
  c_.heads = [](void* self, const freshet_str* rooms, size_t count, freshet_reply reply) {
    Call call = of(self).call_on(Kind::heads, {nullptr, 0}, reply);
    for (const freshet_str& room : std::span(rooms, count)) call.rooms.emplace_back(view(room));
    const auto* bytes = reinterpret_cast<const uint8_t*>(rooms);
    const size_t size = count * sizeof(*rooms);
    call.lend({bytes, size}, Blob(bytes, bytes + size));
    of(self).take(std::move(call));
  };
  c_.claim = [](void* self, freshet_str name, freshet_node, uint32_t, freshet_reply reply) {
    of(self).take(of(self).call_on(Kind::claim, name, reply));
  };
  c_.node_beat = [](void*, freshet_node, freshet_bytes, freshet_reply reply) { refuse(reply); };
  c_.node_end = [](void*, freshet_node, int, freshet_reply reply) { refuse(reply); };
  c_.rooms_open = [](void*, freshet_node, const freshet_str*, size_t, freshet_reply reply) {
    refuse(reply);
  };
  c_.rooms_close = [](void*, freshet_node, const freshet_str*, size_t, int, freshet_reply reply) {
    refuse(reply);
  };
  c_.room_nodes = [](void*, freshet_str, freshet_reply reply) { refuse(reply); };
  c_.notices = [](void*, uint64_t, uint32_t, freshet_reply reply) { refuse(reply); };
  c_.notice_remove = [](void*, uint64_t, freshet_reply reply) { refuse(reply); };
}

SimStore::Call SimStore::call_on(Kind kind, freshet_str room, freshet_reply reply) {
  Call call;
  call.kind = kind;
  call.reply = reply;
  call.room = view(room);
  call.lend({reinterpret_cast<const uint8_t*>(room.data), room.size},
            Blob(call.room.begin(), call.room.end()));
  return call;
}

void SimStore::take(Call call) {
  if (dead_) return answer(call, Status::retry);
  calls_.push_back(std::move(call));
  if (!busy_ && !held_) start_next();
}

void SimStore::hold(bool held) {
  held_ = held;
  if (!held_ && !busy_ && !calls_.empty()) start_next();
}

void SimStore::start_next() {
  busy_ = true;
  const bool slow = scene_.chance.percent(scene_.weather.disk_slow_percent);
  const Range takes = slow ? scene_.weather.disk_slow : scene_.weather.disk;
  scene_.timeline.after(scene_.within(takes), [this] { finish(); });
}

void SimStore::finish() {
  if (dead_) return;
  Call call = std::move(calls_.front());
  calls_.pop_front();
  check_lent(call);
  busy_ = false;
  platform_.threads().as_thread(SimThreads::kStoreThread, [&] { answer(call, perform(call)); });
  if (!busy_ && !held_ && !calls_.empty()) start_next();
}

void SimStore::check_lent(const Call& call) {
  for (const auto& [bytes, copy] : call.lent) {
    if (bytes.size != copy.size() ||
        (bytes.size != 0 && std::memcmp(bytes.data, copy.data(), bytes.size) != 0)) {
      scene_.verdict.broke(Broken::store_contract, "an argument changed before its call was done");
    }
  }
}

void SimStore::answer(const Call& call, Status status) {
  call.reply.to->done(call.reply.to->ctx, call.reply.token, freshet_status(status));
}

void SimStore::item(const Call& call, uint32_t kind, uint64_t number, Bytes bytes) {
  static_cast<void>(Reply(call.reply).write(kind, number, bytes));
}

void SimStore::die() {
  dead_ = true;
  if (busy_ && scene_.chance.percent(50)) static_cast<void>(perform(calls_.front()));
  for (const Call& call : calls_) answer(call, Status::retry);
  calls_.clear();
}

bool SimStore::fails(Kind kind, Status& with) {
  const Weather& weather = scene_.weather;
  const bool reads = kind == Kind::load || kind == Kind::info || kind == Kind::list ||
                     kind == Kind::tail || kind == Kind::heads;
  const bool swaps = kind == Kind::replace;
  with = reads ? load_answer_ : swaps ? replace_answer_ : append_answer_;
  if (with != Status::ok) return true;
  const uint64_t share = reads   ? weather.load_fails_percent
                         : swaps ? weather.replace_fails_percent
                                 : weather.append_fails_percent;
  if (!scene_.chance.percent(share)) return false;
  with = scene_.chance.percent(70) ? Status::retry : Status::internal;
  return true;
}

Status SimStore::perform(Call& call) {
  Status with{};
  if (fails(call.kind, with)) {
    scene_.verdict.trace("store", "fails: " + std::string(freshet::name_of(with)));
    return with;
  }
  switch (call.kind) {
    case Kind::load: return load(call);
    case Kind::append: return append(call);
    case Kind::replace: return replace(call);
    case Kind::put: return put(call);
    case Kind::erase: return erase(call);
    case Kind::list: return list(call);
    case Kind::info: return info(call);
    case Kind::tail: return tail(call);
    case Kind::heads: return heads(call);
    case Kind::backup:
    case Kind::claim: return Status::ok;
  }
  return Status::internal;
}

// ---- what they do

Status SimStore::load(const Call& call) {
  ++count_.loads;
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) return Status::not_found;
  const StoredRoom& room = it->second;
  item(call, FRESHET_STORE_EPOCH, 0, room.epoch.bytes);
  if (room.snapshot) item(call, FRESHET_STORE_SNAPSHOT, room.through_seq, *room.snapshot);
  size_t left = plant_ == Plant::load_half ? room.log.size() / 2 : room.log.size();
  for (const auto& [seq, update] : room.log) {
    if (left-- == 0) break;
    item(call, FRESHET_STORE_UPDATE, seq, update);
  }
  return Status::ok;
}

uint64_t SimStore::last_seq(const std::string& room) const {
  if (const auto it = promised_seq_.find(room); it != promised_seq_.end()) return it->second;
  const auto it = disk_.rooms.find(room);
  return it == disk_.rooms.end() ? 0 : it->second.last_seq;
}

std::set<std::string> SimStore::offenders(const Call& call) const {
  std::set<std::string> out;
  std::map<std::string, freshet_epoch> made;
  for (const Entry& e : call.entries) {
    const auto room = disk_.rooms.find(e.room);
    if (room == disk_.rooms.end() && e.is_new()) made.try_emplace(e.room, e.epoch);
    const auto its = made.find(e.room);
    const bool fits = room != disk_.rooms.end() ? e.is_new() || same(room->second.epoch, e.epoch)
                                                : its != made.end() && same(its->second, e.epoch);
    if (!fits) out.insert(e.room);
  }
  return out;
}

SimStore::Answered& SimStore::last_of(const freshet_writer& writer) {
  return answered_[{{std::begin(writer.run), std::end(writer.run)}, writer.shard}];
}

Status SimStore::write_new(const Call& call, Answered& last) {
  std::set<std::string> rotten;
  for (const Entry& e : call.entries) {
    if (rotten_.contains(e.room)) rotten.insert(e.room);
  }
  for (const std::string& room : rotten) item(call, FRESHET_STORE_ROOM, 0, as_bytes(room));
  if (!rotten.empty()) return Status::corrupt;
  const std::set<std::string> against = offenders(call);
  if (!against.empty() && !conflicts_expected_ && plant_ == Plant::none) {
    scene_.verdict.broke(Broken::store_contract,
                         "an append to " + *against.begin() + " is of another epoch");
  }
  for (const std::string& room : against) item(call, FRESHET_STORE_ROOM, 0, as_bytes(room));
  if (!against.empty()) return Status::conflict;
  last = {call.number, place(call.entries), call.entries};
  if (!scene_.chance.percent(scene_.weather.append_unknown_percent)) return Status::ok;
  scene_.verdict.trace("store", "wrote, and says that it failed");
  return Status::retry;
}

Status SimStore::append(const Call& call) {
  ++count_.appends;
  Answered& last = last_of(call.writer);
  if (last.number != call.number) {
    FRESHET_CHECK(write_new(call, last));
  } else if (last.entries != call.entries) {
    scene_.verdict.broke(Broken::store_contract, "a number came again with other entries");
  }
  for (size_t i = 0; i < call.entries.size(); ++i) {
    if (!same(last.at[i].epoch, call.entries[i].epoch) || last.at[i].seq == 0) {
      item(call, FRESHET_STORE_EPOCH, 0, last.at[i].epoch.bytes);
    }
    item(call, FRESHET_STORE_SEQ, last.at[i].seq);
  }
  return Status::ok;
}

std::vector<SimStore::Place> SimStore::place(const std::vector<Entry>& entries) {
  std::vector<Place> at;
  std::vector<Entry> rows;
  std::map<std::string, uint64_t> next;
  for (const Entry& e : entries) {
    const auto room = disk_.rooms.find(e.room);
    const freshet_epoch& epoch = room == disk_.rooms.end() ? e.epoch : room->second.epoch;
    const bool is_there = room != disk_.rooms.end() || next.contains(e.room);
    if (e.only_first() && is_there) {
      at.push_back({epoch, 0});
      continue;
    }
    uint64_t& seq = next.try_emplace(e.room, last_seq(e.room)).first->second;
    at.push_back({epoch, ++seq});
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

void SimStore::write(const std::vector<Entry>& entries) {
  for (const Entry& e : entries) {
    const auto [it, is_new] = disk_.rooms.try_emplace(e.room);
    StoredRoom& room = it->second;
    if (is_new) room.epoch = e.epoch;
    ++room.last_seq;
    room.ids.add(ids_of(e.update));
    room.log.emplace(room.last_seq, e.update);
    if (!e.author.empty()) room.authors.emplace(room.last_seq, e.author);
    ++count_.entries;
  }
}

Status SimStore::replace(const Call& call) {
  ++count_.replaces;
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end() ||
      !std::equal(std::begin(call.epoch.bytes), std::end(call.epoch.bytes),
                  it->second.epoch.bytes) ||
      call.through_seq < it->second.through_seq || call.through_seq > it->second.last_seq) {
    return Status::conflict;
  }
  StoredRoom& room = it->second;
  room.snapshot = call.bytes;
  room.through_seq = call.through_seq;
  const auto tail = room.log.upper_bound(call.through_seq);
  room.log.erase(room.log.begin(), plant_ == Plant::replace_forgets_tail ? room.log.end() : tail);
  return Status::ok;
}

Status SimStore::put(const Call& call) {
  ++count_.puts;
  StoredRoom fresh;
  fresh.epoch = call.epoch;
  fresh.snapshot = call.bytes;
  fresh.ids = ids_of(call.bytes);
  disk_.rooms[call.room] = std::move(fresh);
  return Status::ok;
}

Status SimStore::erase(const Call& call) {
  ++count_.erases;
  return disk_.rooms.erase(call.room) == 0 ? Status::not_found : Status::ok;
}

Status SimStore::tail(const Call& call) {
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) return Status::not_found;
  const StoredRoom& room = it->second;
  if (!same(room.epoch, call.epoch)) {
    item(call, FRESHET_STORE_EPOCH, 0, room.epoch.bytes);
    return Status::conflict;
  }
  item(call, FRESHET_STORE_LAST_SEQ, room.last_seq);
  const bool folded = room.snapshot && call.through_seq < room.through_seq;
  if (folded) item(call, FRESHET_STORE_SNAPSHOT, room.through_seq, *room.snapshot);
  for (auto row = room.log.upper_bound(call.through_seq); row != room.log.end(); ++row) {
    item(call, FRESHET_STORE_UPDATE, row->first, row->second);
  }
  return Status::ok;
}

Status SimStore::heads(const Call& call) {
  for (const std::string& name : call.rooms) {
    const auto room = disk_.rooms.find(name);
    const bool is_there = room != disk_.rooms.end();
    if (is_there) item(call, FRESHET_STORE_EPOCH, 0, room->second.epoch.bytes);
    item(call, FRESHET_STORE_LAST_SEQ, is_there ? room->second.last_seq : 0);
  }
  return Status::ok;
}

Status SimStore::list(const Call& call) {
  uint32_t left = call.limit;
  for (auto it = disk_.rooms.upper_bound(call.room); it != disk_.rooms.end() && left != 0; ++it) {
    size_t bytes = it->second.snapshot ? it->second.snapshot->size() : 0;
    for (const auto& [seq, update] : it->second.log) bytes += update.size();
    item(call, FRESHET_STORE_ROOM, bytes, as_bytes(it->first));
    --left;
  }
  return Status::ok;
}

Status SimStore::info(const Call& call) {
  const auto it = disk_.rooms.find(call.room);
  if (it == disk_.rooms.end()) return Status::not_found;
  const StoredRoom& room = it->second;
  size_t log_bytes = 0;
  for (const auto& [seq, update] : room.log) log_bytes += update.size();
  item(call, FRESHET_STORE_EPOCH, 0, room.epoch.bytes);
  item(call, FRESHET_STORE_LAST_SEQ, room.last_seq);
  item(call, FRESHET_STORE_SNAPSHOT, room.snapshot ? room.snapshot->size() : 0);
  item(call, FRESHET_STORE_LOG_COUNT, room.log.size());
  item(call, FRESHET_STORE_LOG_BYTES, log_bytes);
  return Status::ok;
}

}  // namespace freshet::sim
