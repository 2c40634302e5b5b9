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
#include <string>
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
    for (uint64_t seq = room.snapshot_seq; const Blob& update : room.log) {
      FRESHET_CHECK(out.write(FRESHET_STORE_UPDATE, ++seq, update));
    }
    return freshet::Status::ok;
  }

  // All of the batch or nothing of it: look first, then change. (A store with transactions begins
  // one here.)
  freshet::Status append(std::span<const freshet_append> entries, freshet::Reply out) override {
    std::map<std::string_view, Growing> growing;
    for (const freshet_append& entry : entries) {
      const auto [it, is_first] = growing.try_emplace(freshet::view(entry.room));
      Growing& room = it->second;
      if (is_first) room = look_up(it->first, entry.epoch);
      if (!same(room.epoch, entry.epoch) || entry.seq != ++room.last_seq) room.conflict = true;
    }
    size_t conflicts = 0, added = 0;
    for (const auto& [name, room] : growing) {
      if (room.conflict) FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, name));
      conflicts += room.conflict ? 1 : 0;
      added += room.is_new ? 1 : 0;
    }
    if (conflicts > 0) return freshet::Status::conflict;
    if (rooms_.size() + added > max_rooms_) return freshet::Status::limit;
    for (const freshet_append& entry : entries) {
      Room& room = rooms_[std::string(freshet::view(entry.room))];
      room.epoch = entry.epoch;
      room.log.push_back(blob(freshet::view(entry.update)));
    }
    rooms_metric_.set(static_cast<int64_t>(rooms_.size()));
    return freshet::Status::ok;
  }

  // The log through `through_seq` has become a snapshot; what was appended after it stays.
  freshet::Status replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                          freshet::Bytes snapshot) override {
    const auto it = rooms_.find(name);
    if (it == rooms_.end() || !same(it->second.epoch, epoch)) return freshet::Status::conflict;
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

  struct Room {
    freshet_epoch epoch{};
    uint64_t snapshot_seq = 0;  // the snapshot, if any, has all updates through this one
    std::optional<Blob> snapshot;
    std::vector<Blob> log;  // the updates after it, without gaps

    uint64_t last_seq() const { return snapshot_seq + log.size(); }
    uint64_t snapshot_bytes() const { return snapshot ? snapshot->size() : 0; }
    uint64_t log_bytes() const {
      uint64_t sum = 0;
      for (const Blob& update : log) sum += update.size();
      return sum;
    }
  };
  // What a batch makes of a room.
  struct Growing {
    freshet_epoch epoch{};
    uint64_t last_seq = 0;
    bool is_new = false, conflict = false;
  };

  Growing look_up(std::string_view name, const freshet_epoch& epoch_if_new) const {
    const auto it = rooms_.find(name);
    if (it == rooms_.end()) return {epoch_if_new, 0, true, false};
    return {it->second.epoch, it->second.last_seq(), false, false};
  }

  // What is passed in is borrowed for the call: what is kept is copied.
  static Blob blob(freshet::Bytes bytes) { return {bytes.begin(), bytes.end()}; }

  static bool same(const freshet_epoch& a, const freshet_epoch& b) {
    return std::equal(std::begin(a.bytes), std::end(a.bytes), std::begin(b.bytes));
  }

  std::map<std::string, Room, std::less<>> rooms_;  // std::string compares byte by byte
  size_t max_rooms_;
  freshet::Metric rooms_metric_;
};
