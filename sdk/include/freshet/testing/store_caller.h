// freshet/testing/store_caller.h: calls a store through its C table and waits for each answer.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "freshet/abi/store.h"
#include "freshet/testing.h"

namespace freshet::testing {

// An epoch that can be compared.
struct Epoch : freshet_epoch {
  friend bool operator==(const Epoch& a, const Epoch& b) {
    return std::equal(std::begin(a.bytes), std::end(a.bytes), std::begin(b.bytes));
  }
};

// An epoch that is easy to tell from others.
inline Epoch epoch_of(uint8_t name) {
  Epoch epoch{};
  for (auto& byte : epoch.bytes) byte = name++;
  return epoch;
}

// One entry of a batch, owning its bytes. The first of a room says NEW.
struct Append {
  std::string room;
  Epoch epoch;
  uint64_t seq;  // what the store is to call it; 0: whatever it says
  std::string update;
  std::string author = {};
  uint64_t first_unix_ms = 0, last_unix_ms = 0;
  bool only_first = false;  // FIRST

  uint32_t flags() const {
    const uint32_t first = only_first ? FRESHET_APPEND_NEW | FRESHET_APPEND_FIRST : 0;
    return first | (seq == 1 ? uint32_t{FRESHET_APPEND_NEW} : 0);
  }
};

// What append() said.
struct Appended {
  Status status = Status::ok;
  std::vector<uint64_t> seqs;
  std::vector<Epoch> epochs;  // of histories that are not what the entry called them
  std::vector<std::string> offenders;
  // Of each entry: the last number of who wrote the row before it; 0: it is not told.
  std::vector<uint64_t> before = {};
};

// A row of a log, with who wrote it when.
struct Row {
  uint64_t seq = 0;
  std::string update, author;
  uint64_t first_unix_ms = 0, last_unix_ms = 0;
  std::string writer = {};     // of a shared store: run and shard
  uint64_t writer_number = 0;  // the last
  friend bool operator==(const Row&, const Row&) = default;
};

// For what all stores say.
inline std::vector<Row> without_writers(std::vector<Row> rows) {
  for (Row& row : rows) {
    row.writer.clear();
    row.writer_number = 0;
  }
  return rows;
}

// What load() or tail() said of a room, in the order it came.
struct Loaded {
  Status status = Status::ok;
  std::vector<Epoch> epochs;
  uint64_t last_seq = 0;                                    // tail
  std::vector<std::pair<uint64_t, std::string>> snapshots;  // through which sequence, bytes
  std::vector<std::pair<uint64_t, std::string>> updates;    // sequence, bytes
  std::vector<Row> rows;                                    // the same, with all that was said
  uint64_t snapshot_writer_number = 0;  // of the last update in it; 0: it is not told
  bool ended = false;                   // tail: the history that was asked of
  bool in_order = true;                 // the epoch first, then the snapshot, then the log
};

struct RoomInfo {
  Status status = Status::ok;
  Epoch epoch{};
  uint64_t last_seq = 0, snapshot_bytes = 0, log_count = 0, log_bytes = 0;
};

// One entry of an outbox, as much as was told of it.
struct OutboxEntry {
  uint64_t id = 0;
  std::string key;
  uint64_t unix_ms = 0;
  uint64_t bytes = 0;
  std::string body;                   // read only
  std::optional<std::string> reason;  // of a dead one
};

struct OutboxAnswer {
  Status status = Status::ok;
  std::vector<OutboxEntry> entries;
};

struct OutboxTopic {
  std::string name;
  uint64_t live = 0, live_bytes = 0, dead = 0, dead_bytes = 0;
  friend bool operator==(const OutboxTopic&, const OutboxTopic&) = default;
};

// What was told of a value that is kept beside a room.
struct KeptValue {
  Status status = Status::ok;
  std::optional<uint64_t> version;  // as far as it was told
  std::string bytes;
};

// A value of a list.
struct KeptName {
  std::string room, name;
  uint64_t bytes = 0, version = 0;
  friend bool operator==(const KeptName&, const KeptName&) = default;
};

// An entry to add.
struct Outgoing {
  std::string key;
  std::string body;
  uint64_t unix_ms = 0;
};

// Waits for the answers of a store, and reads them.
class StoreAnswers {
 protected:
  static Loaded loaded_from(Answer& answer) {
    Loaded loaded;
    loaded.status = once(answer);
    uint32_t last_kind = 0;
    for (const auto& item : answer.items()) {
      if (of_row(item, loaded)) continue;
      if (item.kind == FRESHET_STORE_LAST_SEQ) {
        loaded.last_seq = item.number;
        continue;
      }
      if (item.kind == FRESHET_STORE_ENDED) {
        loaded.ended = true;
        continue;
      }
      loaded.in_order = loaded.in_order && item.kind >= last_kind;
      last_kind = item.kind;
      if (item.kind == FRESHET_STORE_EPOCH) loaded.epochs.push_back(epoch(item));
      if (item.kind == FRESHET_STORE_SNAPSHOT)
        loaded.snapshots.emplace_back(item.number, item.text());
      if (item.kind != FRESHET_STORE_UPDATE) continue;
      loaded.updates.emplace_back(item.number, item.text());
      loaded.rows.push_back({.seq = item.number, .update = item.text(), .author = {}});
    }
    return loaded;
  }

  // True if it says something of the row before it.
  static bool of_row(const Answer::Item& item, Loaded& loaded) {
    if (item.kind < FRESHET_STORE_AUTHOR || item.kind > FRESHET_STORE_WRITER) return false;
    if (loaded.rows.empty()) {
      const bool of_snapshot = item.kind == FRESHET_STORE_WRITER && !loaded.snapshots.empty();
      if (of_snapshot) loaded.snapshot_writer_number = item.number;
      loaded.in_order = loaded.in_order && of_snapshot;
      return true;
    }
    Row& row = loaded.rows.back();
    if (item.kind == FRESHET_STORE_AUTHOR) row.author = item.text();
    if (item.kind == FRESHET_STORE_FIRST_TIME) row.first_unix_ms = item.number;
    if (item.kind == FRESHET_STORE_LAST_TIME) row.last_unix_ms = item.number;
    if (item.kind == FRESHET_STORE_WRITER) {
      row.writer = item.text();
      row.writer_number = item.number;
    }
    return true;
  }

  static Epoch epoch(const Answer::Item& item) {
    Epoch epoch{};
    std::copy_n(item.bytes.begin(), std::min(item.bytes.size(), sizeof(epoch.bytes)), epoch.bytes);
    return epoch;
  }

  static std::vector<std::string> texts(const Answer& answer, uint32_t kind) {
    std::vector<std::string> out;
    for (const auto& item : answer.items()) {
      if (item.kind == kind) out.push_back(item.text());
    }
    return out;
  }

  // An answer that is given twice is a broken promise, whatever it says.
  static Status once(Answer& answer) {
    const Status status = answer.wait();
    return answer.times_done() == 1 ? status : Status::internal;
  }

  template <class F>
  static Status call(F&& f) {
    Answer answer;
    f(answer.reply());
    return once(answer);
  }

  static freshet_str str(std::string_view text) { return to_c(text); }
};

// Borrows the table. One thread at a time, as the host calls a store.
class StoreCaller : private StoreAnswers {
 public:
  explicit StoreCaller(const freshet_store* table) : t_(table) {}
  // By another writer than those who take the default.
  StoreCaller(const freshet_store* table, char writer)
      : t_(table), writer_{{static_cast<uint8_t>(writer)}, 0} {}

  // A batch under a number of its own, by the same writer. Status::internal: what it answered makes
  // no sense, fault() says why. `offenders`: the rooms that a conflict names.
  Status append(const std::vector<Append>& batch, std::vector<std::string>* offenders = nullptr) {
    const Appended appended = append_as(writer_, ++number_, batch);
    if (offenders != nullptr) *offenders = appended.offenders;
    fault_.clear();
    if (appended.status != Status::ok) return appended.status;
    if (appended.seqs.size() != batch.size()) {
      fault_ = "append answered ok, with " + std::to_string(appended.seqs.size()) +
               " sequences for " + std::to_string(batch.size()) + " entries";
      return Status::internal;
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].seq == 0 || batch[i].seq == appended.seqs[i]) continue;
      fault_ = "append answered ok, with the sequence " + std::to_string(appended.seqs[i]) +
               " for an entry that is the " + std::to_string(batch[i].seq) + ". of its room";
      return Status::internal;
    }
    return Status::ok;
  }
  // What of the last answer to append() makes no sense; empty: all does.
  const std::string& fault() const { return fault_; }
  // The last batch once more, as when nobody knows what became of it.
  Appended append_again(const std::vector<Append>& batch) {
    return append_as(writer_, number_, batch);
  }
  Appended append_as(const freshet_writer& writer, uint64_t number,
                     const std::vector<Append>& batch) {
    std::vector<freshet_append> entries;
    entries.reserve(batch.size());
    for (const Append& a : batch) {
      entries.push_back({.room = str(a.room),
                         .epoch = a.epoch,
                         .flags = a.flags(),
                         .update = to_c(as_bytes(a.update)),
                         .author = str(a.author),
                         .first_unix_ms = a.first_unix_ms,
                         .last_unix_ms = a.last_unix_ms,
                         .first_number = entries.size() + 1,
                         .last_number = entries.size() + 1});
    }
    const freshet_batch c{sizeof(c), writer, number, entries.data(), entries.size()};
    Answer answer;
    t_->append(t_->self, &c, answer.reply());
    Appended out{once(answer), {}, {}, texts(answer, FRESHET_STORE_ROOM)};
    uint64_t before = 0;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_WRITER) before = item.number;
      if (item.kind == FRESHET_STORE_SEQ) {
        out.seqs.push_back(item.number);
        out.before.push_back(std::exchange(before, 0));
      }
      if (item.kind == FRESHET_STORE_EPOCH) out.epochs.push_back(epoch(item));
    }
    return out;
  }

  Loaded load(std::string_view room) {
    Answer answer;
    t_->load(t_->self, str(room), answer.reply());
    return loaded_from(answer);
  }

  Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                 std::string_view snapshot) {
    return call([&](freshet_reply reply) {
      t_->replace(t_->self, str(room), epoch, through_seq, to_c(as_bytes(snapshot)), reply);
    });
  }
  Status put(std::string_view room, const freshet_epoch& epoch, std::string_view snapshot) {
    return call([&](freshet_reply reply) {
      t_->put(t_->self, str(room), epoch, to_c(as_bytes(snapshot)), reply);
    });
  }
  Status erase(std::string_view room) {
    return call([&](freshet_reply reply) { t_->erase(t_->self, str(room), reply); });
  }
  // FRESHET_UNSUPPORTED for a store without the function. `trouble`: why there is none, if it says.
  Status backup(std::string_view path, std::string* trouble = nullptr) {
    if (!FRESHET_HAS(t_, backup)) return Status::unsupported;
    Answer answer;
    t_->backup(t_->self, str(path), answer.reply());
    const Status status = once(answer);
    const auto told = texts(answer, FRESHET_STORE_TROUBLE);
    if (trouble != nullptr && !told.empty()) *trouble = told.front();
    return status;
  }

  // What is wrong with the store; empty: nothing, or it does not say. "?": it failed to answer.
  std::string trouble() {
    if (!FRESHET_HAS(t_, check)) return {};
    Answer answer;
    t_->check(t_->self, answer.reply());
    if (once(answer) != Status::ok) return "?";
    const auto told = texts(answer, FRESHET_STORE_TROUBLE);
    return told.empty() ? std::string() : told.front();
  }

  // Names, and bytes stored.
  std::vector<std::pair<std::string, uint64_t>> list(std::string_view after, uint32_t limit,
                                                     Status* status = nullptr) {
    Answer answer;
    t_->list(t_->self, str(after), limit, answer.reply());
    const Status said = once(answer);
    if (status != nullptr) *status = said;
    std::vector<std::pair<std::string, uint64_t>> rooms;
    for (const auto& item : answer.items()) rooms.emplace_back(item.text(), item.number);
    return rooms;
  }

  RoomInfo info(std::string_view room) {
    Answer answer;
    t_->info(t_->self, str(room), answer.reply());
    RoomInfo info;
    info.status = once(answer);
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_EPOCH) info.epoch = epoch(item);
      if (item.kind == FRESHET_STORE_LAST_SEQ) info.last_seq = item.number;
      if (item.kind == FRESHET_STORE_SNAPSHOT) info.snapshot_bytes = item.number;
      if (item.kind == FRESHET_STORE_LOG_COUNT) info.log_count = item.number;
      if (item.kind == FRESHET_STORE_LOG_BYTES) info.log_bytes = item.number;
    }
    return info;
  }

  // ---- the outbox; REQUIRES of all but the first: the store has one

  bool has_outbox() const { return FRESHET_HAS(t_, outbox_add); }

  OutboxAnswer outbox_add(std::string_view topic, const std::vector<Outgoing>& batch) {
    std::vector<freshet_outgoing> entries;
    for (const Outgoing& o : batch) {
      entries.push_back({str(o.key), o.unix_ms, to_c(as_bytes(o.body))});
    }
    Answer answer;
    t_->outbox_add(t_->self, str(topic), entries.data(), entries.size(), answer.reply());
    return outbox_answer(answer);
  }
  OutboxAnswer outbox_list(std::string_view topic, bool dead, uint64_t after = 0,
                           uint32_t limit = 1000) {
    Answer answer;
    t_->outbox_list(t_->self, str(topic), dead ? 1 : 0, after, limit, answer.reply());
    return outbox_answer(answer);
  }
  OutboxAnswer outbox_read(std::string_view topic, uint64_t id) {
    Answer answer;
    t_->outbox_read(t_->self, str(topic), id, answer.reply());
    return outbox_answer(answer);
  }
  Status outbox_remove(std::string_view topic, const std::vector<uint64_t>& ids) {
    return call([&](freshet_reply reply) {
      t_->outbox_remove(t_->self, str(topic), ids.data(), ids.size(), reply);
    });
  }
  Status outbox_bury(std::string_view topic, uint64_t id, std::string_view reason) {
    return call([&](freshet_reply reply) {
      t_->outbox_bury(t_->self, str(topic), id, str(reason), reply);
    });
  }
  // How many, or why not.
  Result<uint64_t> outbox_revive(std::string_view topic, uint64_t id) {
    Answer answer;
    t_->outbox_revive(t_->self, str(topic), id, answer.reply());
    return counted(answer);
  }
  Result<uint64_t> outbox_drop(std::string_view topic, uint64_t id) {
    Answer answer;
    t_->outbox_drop(t_->self, str(topic), id, answer.reply());
    return counted(answer);
  }
  std::vector<OutboxTopic> outbox_topics() {
    Answer answer;
    t_->outbox_topics(t_->self, answer.reply());
    std::vector<OutboxTopic> topics;
    if (once(answer) != Status::ok) return topics;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_TOPIC) topics.push_back({.name = item.text()});
      if (topics.empty()) continue;
      if (item.kind == FRESHET_STORE_LIVE) topics.back().live = item.number;
      if (item.kind == FRESHET_STORE_LIVE_BYTES) topics.back().live_bytes = item.number;
      if (item.kind == FRESHET_STORE_DEAD) topics.back().dead = item.number;
      if (item.kind == FRESHET_STORE_DEAD_BYTES) topics.back().dead_bytes = item.number;
    }
    return topics;
  }

  // ---- what apps keep; REQUIRES of all but the first: the store keeps it

  bool has_kept() const { return FRESHET_HAS(t_, kept_read); }

  KeptValue kept_read(std::string_view room, std::string_view name) {
    Answer answer;
    t_->kept_read(t_->self, str(room), str(name), answer.reply());
    return kept_value(answer);
  }
  KeptValue kept_write(std::string_view room, std::string_view name, uint64_t version,
                       std::string_view value) {
    Answer answer;
    t_->kept_write(t_->self, str(room), str(name), version, to_c(as_bytes(value)), answer.reply());
    return kept_value(answer);
  }
  std::vector<KeptName> kept_list(std::string_view room, std::string_view after,
                                  uint32_t limit = 1000) {
    Answer answer;
    t_->kept_list(t_->self, str(room), str(after), limit, answer.reply());
    std::vector<KeptName> values;
    if (once(answer) != Status::ok) return {{"?", "it failed"}};
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_ROOM) values.push_back({item.text(), {}});
      if (values.empty()) continue;
      if (item.kind == FRESHET_STORE_KEPT) values.back().version = item.number;
      if (item.kind != FRESHET_STORE_NAME) continue;
      values.back().name = item.text();
      values.back().bytes = item.number;
    }
    return values;
  }

 private:
  static KeptValue kept_value(Answer& answer) {
    KeptValue value{once(answer), {}, {}};
    for (const auto& item : answer.items()) {
      if (item.kind != FRESHET_STORE_KEPT) continue;
      value.version = item.number;
      value.bytes = item.text();
    }
    return value;
  }

  static OutboxAnswer outbox_answer(Answer& answer) {
    OutboxAnswer out{once(answer), {}};
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_ENTRY) {
        out.entries.push_back({.id = item.number, .key = item.text(), .body = {}, .reason = {}});
      }
      if (out.entries.empty()) continue;
      OutboxEntry& entry = out.entries.back();
      if (item.kind == FRESHET_STORE_TIME) entry.unix_ms = item.number;
      if (item.kind == FRESHET_STORE_REASON) entry.reason = item.text();
      if (item.kind != FRESHET_STORE_BODY) continue;
      entry.bytes = item.number;
      entry.body = item.text();
    }
    return out;
  }

  static Result<uint64_t> counted(Answer& answer) {
    if (const Status status = once(answer); status != Status::ok) return status;
    for (const auto& item : answer.items()) {
      if (item.kind == FRESHET_STORE_COUNT) return item.number;
    }
    return Status::internal;
  }

  const freshet_store* t_;
  freshet_writer writer_{{'t', 'e', 's', 't'}, 0};
  uint64_t number_ = 0;
  std::string fault_;
};

}  // namespace freshet::testing
