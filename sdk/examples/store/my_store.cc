// my-store: a Freshet store that keeps rooms in memory. What each function promises is said in
// freshet/abi/store.h, and my_store_test.cc tries it.
#include <freshet/plugin.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

using freshet::Bytes, freshet::Reply, freshet::Status, freshet::view;
using Blob = std::vector<uint8_t>;

// What is passed in is borrowed for the call: what is kept is copied.
Blob blob(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

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

// The server calls a store on one worker thread, one call at a time: there is nothing to lock.
class MyStore final : public freshet::Store {
 public:
  // What a manifest may say under [plugin.settings], checked before the plugin runs.
  static constexpr freshet_setting kSettings[] = {freshet::setting::integer(
      "max_rooms", "10000", 1, 1'000'000, nullptr, "Rooms kept; the next one is refused.")};
  static constexpr freshet::About kAbout{.id = "my-store",
                                         .version = "0.1.0",
                                         .summary = "Keeps rooms in memory.",
                                         .settings = kSettings};

  // Where what can fail is done: open files, connect. Say why with host.error(), return a Status.
  static freshet::Result<std::unique_ptr<MyStore>> create(freshet::Host host) {
    return std::make_unique<MyStore>(static_cast<size_t>(host.number("max_rooms")));
  }
  explicit MyStore(size_t max_rooms) : max_rooms_(max_rooms) {}

  Status load(std::string_view name, Reply out) override {
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

  // All of the batch or nothing: look first, then change. A batch that comes again is answered as
  // it was, and not written again.
  Status append(const freshet_batch& batch, Reply out) override {
    Answered& last = answered_[{blob(batch.writer.run), batch.writer.shard}];
    if (last.number != batch.number) {
      FRESHET_CHECK(may_append(batch, out));
      last = {batch.number, {}};
      for (const freshet_append& entry : freshet::entries_of(batch)) last.at.push_back(add(entry));
    }
    for (size_t i = 0; i < batch.count; ++i) {
      const auto& [epoch, seq] = last.at[i];
      if (seq == 0 || !freshet::same(epoch, batch.entries[i].epoch)) {
        FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(epoch.bytes)));
      }
      FRESHET_CHECK(out.write(FRESHET_STORE_SEQ, seq));
    }
    return Status::ok;
  }

  Status replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                 Bytes snapshot) override {
    Room* room = find(name);
    if (room == nullptr || !freshet::same(room->epoch, epoch) || through_seq < room->snapshot_seq ||
        through_seq > room->last_seq()) {
      return Status::conflict;
    }
    const auto merged = static_cast<std::ptrdiff_t>(through_seq - room->snapshot_seq);
    room->log.erase(room->log.begin(), room->log.begin() + merged);
    room->snapshot_seq = through_seq;
    room->snapshot = blob(snapshot);
    return Status::ok;
  }

  Status put(std::string_view name, const freshet_epoch& epoch, Bytes snapshot) override {
    if (find(name) == nullptr && rooms_.size() >= max_rooms_) return Status::limit;
    rooms_[std::string(name)] = {epoch, 0, blob(snapshot), {}};
    return Status::ok;
  }

  Status erase(std::string_view name) override {
    return rooms_.erase(std::string(name)) == 0 ? Status::not_found : Status::ok;
  }

  Status list(std::string_view after, uint32_t limit, Reply out) override {
    for (auto at = rooms_.upper_bound(after); at != rooms_.end() && limit > 0; ++at, --limit) {
      const auto& [name, room] = *at;
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, room.snapshot_bytes() + room.log_bytes(),
                              freshet::as_bytes(name)));
    }
    return Status::ok;
  }

  Status info(std::string_view name, Reply out) override {
    const Room* room = find(name);
    if (room == nullptr) return Status::not_found;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(room->epoch.bytes)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, room->last_seq()));
    FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room->snapshot_bytes()));
    FRESHET_CHECK(out.write(FRESHET_STORE_LOG_COUNT, uint64_t{room->log.size()}));
    return out.write(FRESHET_STORE_LOG_BYTES, room->log_bytes());
  }

 private:
  using Place = std::pair<freshet_epoch, uint64_t>;  // sequence 0: was to be the first, and was not
  struct Answered {
    uint64_t number = 0;
    std::vector<Place> at;
  };

  Room* find(std::string_view name) {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? nullptr : &it->second;
  }

  // Writes the names of the rooms that stand against it.
  Status may_append(const freshet_batch& batch, Reply out) {
    std::map<std::string_view, freshet_epoch> made;
    std::set<std::string_view> conflicts;
    for (const freshet_append& entry : freshet::entries_of(batch)) {
      const std::string_view name = view(entry.room);
      const bool may_make = (entry.flags & FRESHET_APPEND_NEW) != 0;
      const Room* room = find(name);
      if (room == nullptr && may_make) made.try_emplace(name, entry.epoch);
      const auto its = made.find(name);
      const bool fits = room != nullptr
                            ? may_make || freshet::same(room->epoch, entry.epoch)
                            : its != made.end() && freshet::same(its->second, entry.epoch);
      if (!fits) conflicts.insert(name);
    }
    for (const std::string_view name : conflicts) {
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, name));
    }
    if (!conflicts.empty()) return Status::conflict;
    return rooms_.size() + made.size() > max_rooms_ ? Status::limit : Status::ok;
  }

  Place add(const freshet_append& entry) {
    const auto [it, is_new] = rooms_.try_emplace(std::string(view(entry.room)));
    Room& room = it->second;
    if (is_new) room.epoch = entry.epoch;
    if (!is_new && (entry.flags & FRESHET_APPEND_FIRST) != 0) return {room.epoch, 0};
    room.log.push_back({blob(view(entry.update)), std::string(view(entry.author)),
                        entry.first_unix_ms, entry.last_unix_ms});
    return {room.epoch, room.last_seq()};
  }

  std::map<std::string, Room, std::less<>> rooms_;          // std::string compares byte by byte
  std::map<std::pair<Blob, uint32_t>, Answered> answered_;  // no more than the server has shards
  size_t max_rooms_;
};

}  // namespace

FRESHET_PLUGIN(MyStore)
