// SPDX-License-Identifier: MIT
//
// A Freshet store that keeps rooms in memory: a whole plugin, to begin your own from. What each
// function promises is said in freshet/abi/store.h, and memory_store_test.cc checks it.
#pragma once

#include <freshet/plugin.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// The server calls a store on one worker thread at a time, so there is nothing to lock.
class MemoryStore final : public freshet::Store {
 public:
  // What a manifest may say under [plugin.settings]. The server checks types and bounds by this
  // before the plugin runs; `freshet plugins` prints it.
  static constexpr freshet_setting kSettings[] = {
      freshet::setting::integer("max_rooms", "10000", 1, 1'000'000, nullptr,
                                "Rooms kept; the next one is refused."),
  };

  // What the plugin tells of itself.
  static constexpr freshet::About kAbout{
      .id = "store-memory",
      .version = "1.0.0",
      .licence = "MIT",
      .summary = "Keeps rooms in memory, until the server stops.",
      .settings = kSettings,
  };

  // Where anything that can fail is done: open files, connect. On failure, say why with
  // host.error(...) and return a Status; the server then does not start.
  static freshet::Result<std::unique_ptr<MemoryStore>> create(freshet::Host host) {
    return std::make_unique<MemoryStore>(host);
  }

  explicit MemoryStore(freshet::Host host)
      : max_rooms_(static_cast<size_t>(host.number("max_rooms"))),
        rooms_metric_(host.gauge("store_memory_rooms", "Rooms in memory.")) {}

  // Tell everything there is of a room: its epoch, its snapshot if it has one, then its log.
  freshet::Status load(std::string_view name, freshet::Reply out) override {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return freshet::Status::not_found;
    const Room& room = it->second;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, freshet::Bytes(room.epoch.bytes)));
    if (room.snapshot) {
      FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room.snapshot_seq, *room.snapshot));
    }
    for (uint64_t seq = room.snapshot_seq; const Row& row : room.log) {
      FRESHET_CHECK(out.write(FRESHET_STORE_UPDATE, ++seq, row.update));
      if (!row.author.empty()) FRESHET_CHECK(out.write(FRESHET_STORE_AUTHOR, row.author));
      FRESHET_CHECK(out.write(FRESHET_STORE_FIRST_TIME, row.first_unix_ms));
      FRESHET_CHECK(out.write(FRESHET_STORE_LAST_TIME, row.last_unix_ms));
    }
    return freshet::Status::ok;
  }

  // All of the batch or nothing of it: look first, then change. (A store with transactions begins
  // one here.)
  freshet::Status append(const freshet_batch& batch, freshet::Reply out) override {
    Answered& last = answered_[key(batch.writer)];
    if (last.number != batch.number) {
      FRESHET_CHECK(may_append(batch, out));
      std::vector<Place> at;
      for (const freshet_append& entry : freshet::entries_of(batch)) at.push_back(add(entry));
      last = {batch.number, std::move(at)};
      rooms_metric_.set(static_cast<int64_t>(rooms_.size()));
    }
    for (size_t i = 0; i < batch.count; ++i) {
      const bool is_other = !freshet::same(last.at[i].epoch, batch.entries[i].epoch);
      if (is_other || last.at[i].seq == 0) {
        FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, freshet::Bytes(last.at[i].epoch.bytes)));
      }
      FRESHET_CHECK(out.write(FRESHET_STORE_SEQ, last.at[i].seq));
    }
    return freshet::Status::ok;
  }

  // The log through `through_seq` has become a snapshot; what was appended after it stays.
  freshet::Status replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                          freshet::Bytes snapshot) override {
    const auto it = rooms_.find(name);
    if (it == rooms_.end() || !freshet::same(it->second.epoch, epoch))
      return freshet::Status::conflict;
    Room& room = it->second;
    if (through_seq < room.snapshot_seq || through_seq > room.last_seq()) {
      return freshet::Status::conflict;
    }
    const auto merged = static_cast<std::ptrdiff_t>(through_seq - room.snapshot_seq);
    room.log.erase(room.log.begin(), room.log.begin() + merged);
    room.snapshot_seq = through_seq;
    room.snapshot = blob(snapshot);
    return freshet::Status::ok;
  }

  // A new history begins: nothing of the old one is left.
  freshet::Status put(std::string_view name, const freshet_epoch& epoch,
                      freshet::Bytes snapshot) override {
    if (!rooms_.contains(name) && rooms_.size() >= max_rooms_) return freshet::Status::limit;
    rooms_[std::string(name)] = {
        .epoch = epoch, .snapshot_seq = 0, .snapshot = blob(snapshot), .log = {}};
    rooms_metric_.set(static_cast<int64_t>(rooms_.size()));
    return freshet::Status::ok;
  }

  freshet::Status erase(std::string_view name) override {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return freshet::Status::not_found;
    rooms_.erase(it);
    rooms_metric_.set(static_cast<int64_t>(rooms_.size()));
    return freshet::Status::ok;
  }

  freshet::Status list(std::string_view after, uint32_t limit, freshet::Reply out) override {
    for (auto it = rooms_.upper_bound(after); it != rooms_.end() && limit > 0; ++it, --limit) {
      const Room& room = it->second;
      const uint64_t stored = room.snapshot_bytes() + room.log_bytes();
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, stored, freshet::as_bytes(it->first)));
    }
    return freshet::Status::ok;
  }

  freshet::Status info(std::string_view name, freshet::Reply out) override {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return freshet::Status::not_found;
    const Room& room = it->second;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, freshet::Bytes(room.epoch.bytes)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, room.last_seq()));
    FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room.snapshot_bytes()));
    FRESHET_CHECK(out.write(FRESHET_STORE_LOG_COUNT, uint64_t{room.log.size()}));
    return out.write(FRESHET_STORE_LOG_BYTES, room.log_bytes());
  }

 private:
  using Blob = std::vector<uint8_t>;

  // Of the log.
  struct Row {
    Blob update;
    std::string author;  // empty: nobody's that is known
    uint64_t first_unix_ms, last_unix_ms;
  };

  struct Room {
    freshet_epoch epoch{};
    uint64_t snapshot_seq = 0;  // the snapshot, if any, has all updates through this one
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
  // Where an entry of a batch went.
  struct Place {
    freshet_epoch epoch;
    uint64_t seq;  // 0: it was to be the first, and was not
  };
  // The last batch of a writer: one that comes again is answered as it was.
  struct Answered {
    uint64_t number = 0;
    std::vector<Place> at;
  };

  using Writer = std::pair<std::string, uint32_t>;  // a run of a server, and the shard
  static Writer key(const freshet_writer& writer) {
    return {std::string(std::begin(writer.run), std::end(writer.run)), writer.shard};
  }

  // Writes the names of the rooms that stand against it.
  freshet::Status may_append(const freshet_batch& batch, freshet::Reply out) const {
    std::map<std::string_view, freshet_epoch> made;
    std::set<std::string_view> conflicts;
    for (const freshet_append& entry : freshet::entries_of(batch)) {
      const std::string_view name = freshet::view(entry.room);
      const bool may_make = (entry.flags & FRESHET_APPEND_NEW) != 0;
      const auto it = rooms_.find(name);
      if (it == rooms_.end() && may_make) made.try_emplace(name, entry.epoch);
      const auto its = made.find(name);
      const bool fits = it != rooms_.end()
                            ? may_make || freshet::same(it->second.epoch, entry.epoch)
                            : its != made.end() && freshet::same(its->second, entry.epoch);
      if (!fits) conflicts.insert(name);
    }
    for (const std::string_view name : conflicts)
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, name));
    if (!conflicts.empty()) return freshet::Status::conflict;
    return rooms_.size() + made.size() > max_rooms_ ? freshet::Status::limit : freshet::Status::ok;
  }

  Place add(const freshet_append& entry) {
    const auto [it, is_new] = rooms_.try_emplace(std::string(freshet::view(entry.room)));
    Room& room = it->second;
    if (is_new) room.epoch = entry.epoch;
    if (!is_new && (entry.flags & FRESHET_APPEND_FIRST) != 0) return {room.epoch, 0};
    room.log.push_back({.update = blob(freshet::view(entry.update)),
                        .author = std::string(freshet::view(entry.author)),
                        .first_unix_ms = entry.first_unix_ms,
                        .last_unix_ms = entry.last_unix_ms});
    return {room.epoch, room.last_seq()};
  }

  // What is passed in is borrowed for the call: what is kept is copied.
  static Blob blob(freshet::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  std::map<std::string, Room, std::less<>> rooms_;  // std::string compares byte by byte
  std::map<Writer, Answered> answered_;             // no more than the server has shards
  size_t max_rooms_;
  freshet::Metric rooms_metric_;
};
