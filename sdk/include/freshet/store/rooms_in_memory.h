// freshet/store/rooms_in_memory.h: what a store knows of its rooms, all of it in memory: epochs,
// snapshots, the rows after them, and what each writer's last batch was answered.
//
// For a store that also keeps it somewhere else: whatever may be refused is asked first, and
// changes nothing; what then changes it always can. Used by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/store.h"

namespace freshet {

class RoomsInMemory {
 public:
  using Blob = std::vector<uint8_t>;

  struct Row {
    Blob update;
    std::string author;  // empty: nobody's that is known
    uint64_t first_unix_ms, last_unix_ms;
  };
  struct Room {
    freshet_epoch epoch{};
    uint64_t snapshot_seq = 0;  // the snapshot, if there is one, has all updates through this one
    std::optional<Blob> snapshot;
    std::vector<Row> log;  // the updates after it, without gaps

    uint64_t last_seq() const { return snapshot_seq + log.size(); }
    uint64_t snapshot_bytes() const { return snapshot ? snapshot->size() : 0; }
    uint64_t log_bytes() const {
      uint64_t sum = 0;
      for (const Row& row : log) sum += row.update.size();
      return sum;
    }
  };

  explicit RoomsInMemory(size_t max_rooms) : max_rooms_(max_rooms) {}

  // By name: std::string compares byte by byte.
  const std::map<std::string, Room, std::less<>>& all() const { return rooms_; }
  const Room* find(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? nullptr : &it->second;
  }

  // ---- what is asked ----
  Status load(std::string_view name, Reply out) const {
    const Room* room = find(name);
    if (room == nullptr) return Status::not_found;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(room->epoch.bytes)));
    if (room->snapshot) {
      FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room->snapshot_seq, *room->snapshot));
    }
    for (uint64_t seq = room->snapshot_seq; const Row& row : room->log) {
      FRESHET_CHECK(out.write(FRESHET_STORE_UPDATE, ++seq, row.update));
      if (!row.author.empty()) FRESHET_CHECK(out.write(FRESHET_STORE_AUTHOR, row.author));
      FRESHET_CHECK(out.write(FRESHET_STORE_FIRST_TIME, row.first_unix_ms));
      FRESHET_CHECK(out.write(FRESHET_STORE_LAST_TIME, row.last_unix_ms));
    }
    return Status::ok;
  }
  Status list(std::string_view after, uint32_t limit, Reply out) const {
    for (auto at = rooms_.upper_bound(after); at != rooms_.end() && limit > 0; ++at, --limit) {
      const auto& [name, room] = *at;
      FRESHET_CHECK(
          out.write(FRESHET_STORE_ROOM, room.snapshot_bytes() + room.log_bytes(), as_bytes(name)));
    }
    return Status::ok;
  }
  Status info(std::string_view name, Reply out) const {
    const Room* room = find(name);
    if (room == nullptr) return Status::not_found;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(room->epoch.bytes)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, room->last_seq()));
    FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room->snapshot_bytes()));
    FRESHET_CHECK(out.write(FRESHET_STORE_LOG_COUNT, uint64_t{room->log.size()}));
    return out.write(FRESHET_STORE_LOG_BYTES, room->log_bytes());
  }

  // ---- a batch ----
  // It was written before, and is to be answered as it was.
  bool knows(const freshet_batch& batch) const {
    const auto it = answered_.find(key_of(batch.writer));
    return it != answered_.end() && it->second.number == batch.number;
  }
  // All of it, or why not: with the names of the rooms that stand against it.
  Status may_append(const freshet_batch& batch, Reply out) const {
    std::map<std::string_view, freshet_epoch> made;
    std::set<std::string_view> conflicts;
    for (const freshet_append& entry : entries_of(batch)) {
      const std::string_view name = view(entry.room);
      const bool may_make = (entry.flags & FRESHET_APPEND_NEW) != 0;
      const Room* room = find(name);
      if (room == nullptr && may_make) made.try_emplace(name, entry.epoch);
      const auto its = made.find(name);
      const bool fits = room != nullptr ? may_make || same(room->epoch, entry.epoch)
                                        : its != made.end() && same(its->second, entry.epoch);
      if (!fits) conflicts.insert(name);
    }
    for (const std::string_view name : conflicts) {
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, name));
    }
    if (!conflicts.empty()) return Status::conflict;
    return rooms_.size() + made.size() > max_rooms_ ? Status::limit : Status::ok;
  }
  // REQUIRES: may_append().
  void append(const freshet_batch& batch) {
    Answered& last = answered_[key_of(batch.writer)];
    last = {batch.number, {}};
    for (const freshet_append& entry : entries_of(batch)) last.at.push_back(add(entry));
  }
  // REQUIRES: knows().
  Status answer(const freshet_batch& batch, Reply out) const {
    const Answered& last = answered_.at(key_of(batch.writer));
    for (size_t i = 0; i < last.at.size() && i < batch.count; ++i) {
      const auto& [epoch, seq] = last.at[i];
      if (seq == 0 || !same(epoch, batch.entries[i].epoch)) {
        FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(epoch.bytes)));
      }
      FRESHET_CHECK(out.write(FRESHET_STORE_SEQ, seq));
    }
    return Status::ok;
  }

  // ---- one room ----
  Status may_replace(std::string_view name, const freshet_epoch& epoch,
                     uint64_t through_seq) const {
    const Room* room = find(name);
    const bool may = room != nullptr && same(room->epoch, epoch) &&
                     through_seq >= room->snapshot_seq && through_seq <= room->last_seq();
    return may ? Status::ok : Status::conflict;
  }
  // REQUIRES: may_replace().
  void replace(std::string_view name, uint64_t through_seq, Bytes snapshot) {
    Room& room = rooms_.find(name)->second;
    const auto merged = static_cast<std::ptrdiff_t>(through_seq - room.snapshot_seq);
    room.log.erase(room.log.begin(), room.log.begin() + merged);
    room.snapshot_seq = through_seq;
    room.snapshot = Blob(snapshot.begin(), snapshot.end());
  }
  Status may_put(std::string_view name) const {
    return find(name) == nullptr && rooms_.size() >= max_rooms_ ? Status::limit : Status::ok;
  }
  void put(std::string_view name, Room room) { rooms_[std::string(name)] = std::move(room); }
  void put(std::string_view name, const freshet_epoch& epoch, Bytes snapshot) {
    put(name, {epoch, 0, Blob(snapshot.begin(), snapshot.end()), {}});
  }
  void erase(std::string_view name) {
    if (const auto it = rooms_.find(name); it != rooms_.end()) rooms_.erase(it);
  }

 private:
  using Place = std::pair<freshet_epoch, uint64_t>;  // sequence 0: was to be the first, and was not
  struct Answered {
    uint64_t number = 0;
    std::vector<Place> at;
  };
  using Key = std::pair<std::array<uint8_t, 16>, uint32_t>;

  static Key key_of(const freshet_writer& writer) {
    Key out{{}, writer.shard};
    std::copy(std::begin(writer.run), std::end(writer.run), out.first.begin());
    return out;
  }

  Place add(const freshet_append& entry) {
    const auto [it, is_new] = rooms_.try_emplace(std::string(view(entry.room)));
    Room& room = it->second;
    if (is_new) room.epoch = entry.epoch;
    if (!is_new && (entry.flags & FRESHET_APPEND_FIRST) != 0) return {room.epoch, 0};
    const Bytes update = view(entry.update);
    room.log.push_back({Blob(update.begin(), update.end()), std::string(view(entry.author)),
                        entry.first_unix_ms, entry.last_unix_ms});
    return {room.epoch, room.last_seq()};
  }

  std::map<std::string, Room, std::less<>> rooms_;
  std::map<Key, Answered> answered_;  // no more than the server has shards, in each of its runs
  size_t max_rooms_;
};

}  // namespace freshet
