#include "core/cli/migration/store_copy.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "core/cli/limits.h"
#include "core/store/epoch.h"
#include "core/store/history.h"
#include "core/store/store_queue.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet::cli {
namespace {

// Of a room without a snapshot, so that it can be begun anew: a document without content.
constexpr uint8_t kNothing[] = {0, 0};

// A row of a log, from an UPDATE and what is said behind it.
std::vector<freshet_append> rows_of(const ReplyItems& items) {
  std::vector<freshet_append> rows;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_UPDATE) rows.emplace_back().update = to_c(Bytes(item.bytes));
    if (rows.empty()) continue;
    freshet_append& row = rows.back();
    if (item.kind == FRESHET_STORE_AUTHOR) row.author = to_c(as_text(item.bytes));
    if (item.kind == FRESHET_STORE_FIRST_TIME) row.first_unix_ms = item.number;
    if (item.kind == FRESHET_STORE_LAST_TIME) row.last_unix_ms = item.number;
  }
  return rows;
}

}  // namespace

struct StoreCopy::Size {
  freshet_epoch epoch{};
  uint64_t snapshot_bytes = 0, log_count = 0, log_bytes = 0;

  bool is_copy_of(const Size& other) const {
    return begins_as(other) && log_count == other.log_count && log_bytes == other.log_bytes;
  }
  // As a copy that was interrupted leaves it.
  bool is_part_of(const Size& other) const {
    return begins_as(other) && log_count < other.log_count && log_bytes < other.log_bytes;
  }

 private:
  bool begins_as(const Size& other) const {
    return snapshot_bytes == (other.snapshot_bytes == 0 ? sizeof(kNothing) : other.snapshot_bytes);
  }
};

struct StoreCopy::Letter {
  std::string key;
  uint64_t unix_ms = 0;
  std::vector<uint8_t> body;
  std::string reason;
};

StoreCopy::StoreCopy(Caller& caller, const freshet_store& from, const freshet_store& to)
    : caller_(caller), from_(from), to_(to) {
  std::random_device random;
  for (uint8_t& byte : writer_.run) byte = static_cast<uint8_t>(random());
}

Result<ReplyItems> StoreCopy::ask(const Caller::Call& call) {
  Answer answer = caller_.call(call);
  if (answer.status != Status::ok) return answer.status;
  return std::move(answer.items);
}

// ---- rooms

Result<std::vector<std::string>> StoreCopy::rooms_after(const std::string& name) {
  FRESHET_TRY(const ReplyItems items, ask([&](freshet_reply reply) {
                from_.list(from_.self, to_c(name), kPageEntries, reply);
              }));
  std::vector<std::string> rooms;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_ROOM) rooms.emplace_back(as_text(item.bytes));
  }
  return rooms;
}

Result<StoreCopy::Size> StoreCopy::size_of(const freshet_store& store, const std::string& room) {
  FRESHET_TRY(const ReplyItems items,
              ask([&](freshet_reply reply) { store.info(store.self, to_c(room), reply); }));
  Size size;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_EPOCH) size.epoch = epoch_of(item.bytes).value_or(size.epoch);
    if (item.kind == FRESHET_STORE_SNAPSHOT) size.snapshot_bytes = item.number;
    if (item.kind == FRESHET_STORE_LOG_COUNT) size.log_count = item.number;
    if (item.kind == FRESHET_STORE_LOG_BYTES) size.log_bytes = item.number;
  }
  return size;
}

Result<StoreCopy::There> StoreCopy::look(const std::string& room) {
  FRESHET_TRY(const Size wanted, size_of(from_, room));
  const Result<Size> there = size_of(to_, room);
  if (there.status() == Status::not_found) return There::no;
  if (!there) return there.status();
  if (!same(there->epoch, wanted.epoch)) return There::another_history;
  if (there->is_copy_of(wanted)) return There::all_of_it;
  return there->is_part_of(wanted) ? There::some_of_it : There::changed;
}

Result<uint64_t> StoreCopy::copy(const std::string& room) {
  FRESHET_TRY(const ReplyItems items,
              ask([&](freshet_reply reply) { from_.load(from_.self, to_c(room), reply); }));
  FRESHET_TRY(const History history, read_history(items));
  const ReplyItem* snapshot = find_item(items, FRESHET_STORE_SNAPSHOT);
  const bool has_snapshot = snapshot != nullptr && !snapshot->bytes.empty();
  const Bytes begun = has_snapshot ? Bytes(snapshot->bytes) : Bytes(kNothing);
  FRESHET_CHECK(ask([&](freshet_reply reply) {
                  to_.put(to_.self, to_c(room), history.epoch, to_c(begun), reply);
                }).status());
  FRESHET_CHECK(append(room, items, history.epoch));
  return history.snapshot_bytes + history.log_bytes;
}

// In batches, so that a long log is no more at once than a server would write.
Status StoreCopy::append(const std::string& room, const ReplyItems& items,
                         const freshet_epoch& epoch) {
  std::vector<freshet_append> batch;
  size_t bytes = 0;
  for (freshet_append row : rows_of(items)) {
    row.room = to_c(room);
    row.epoch = epoch;
    row.first_number = row.last_number = ++row_;
    bytes += row.update.size;
    batch.push_back(row);
    if (batch.size() < kBatchRows && bytes < kBatchBytes) continue;
    FRESHET_CHECK(write(std::exchange(batch, {})));
    bytes = 0;
  }
  return write(batch);
}

Status StoreCopy::write(const std::vector<freshet_append>& rows) {
  if (rows.empty()) return Status::ok;
  const freshet_batch batch{sizeof(batch), writer_, ++batch_, rows.data(), rows.size()};
  return ask([&](freshet_reply reply) { to_.append(to_.self, &batch, reply); }).status();
}

// ---- the outbox

bool StoreCopy::keeps_outbox() const { return freshet::keeps_outbox(to_); }

Result<std::vector<StoreCopy::Topic>> StoreCopy::topics() {
  if (!freshet::keeps_outbox(from_)) return std::vector<Topic>();
  return topics_of(from_);
}

Result<bool> StoreCopy::has_topic(const std::string& topic) {
  FRESHET_TRY(const std::vector<Topic> all, topics_of(to_));
  return std::ranges::find(all, topic, &Topic::name) != all.end();
}

Result<std::vector<StoreCopy::Topic>> StoreCopy::topics_of(const freshet_store& store) {
  FRESHET_TRY(const ReplyItems items,
              ask([&](freshet_reply reply) { store.outbox_topics(store.self, reply); }));
  std::vector<Topic> topics;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_TOPIC) topics.push_back({std::string(as_text(item.bytes))});
    if (topics.empty()) continue;
    if (item.kind == FRESHET_STORE_LIVE) topics.back().live = item.number;
    if (item.kind == FRESHET_STORE_DEAD) topics.back().dead = item.number;
  }
  return topics;
}

Result<StoreCopy::Letter> StoreCopy::read(const std::string& topic, uint64_t id) {
  FRESHET_TRY(ReplyItems items, ask([&](freshet_reply reply) {
                from_.outbox_read(from_.self, to_c(topic), id, reply);
              }));
  Letter letter;
  for (ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_ENTRY) letter.key = as_text(item.bytes);
    if (item.kind == FRESHET_STORE_TIME) letter.unix_ms = item.number;
    if (item.kind == FRESHET_STORE_BODY) letter.body = std::move(item.bytes);
    if (item.kind == FRESHET_STORE_REASON) letter.reason = as_text(item.bytes);
  }
  return letter;
}

Status StoreCopy::copy_outbox(const std::string& topic) {
  FRESHET_CHECK(copy_letters(topic, true));
  return copy_letters(topic, false);
}

Status StoreCopy::copy_letters(const std::string& topic, bool dead) {
  for (uint64_t after = 0; true;) {
    FRESHET_TRY(const ReplyItems page, ask([&](freshet_reply reply) {
                  from_.outbox_list(from_.self, to_c(topic), dead ? 1 : 0, after, kPageEntries,
                                    reply);
                }));
    const uint64_t before = after;
    for (const ReplyItem& item : page) {
      if (item.kind != FRESHET_STORE_ENTRY) continue;
      after = item.number;
      FRESHET_TRY(const Letter letter, read(topic, after));
      const freshet_outgoing out{to_c(letter.key), letter.unix_ms, to_c(Bytes(letter.body))};
      FRESHET_TRY(const ReplyItems added, ask([&](freshet_reply reply) {
                    to_.outbox_add(to_.self, to_c(topic), &out, 1, reply);
                  }));
      const ReplyItem* entry = find_item(added, FRESHET_STORE_ENTRY);
      if (entry == nullptr) return Status::internal;
      if (!dead) continue;
      FRESHET_CHECK(ask([&](freshet_reply reply) {
                      to_.outbox_bury(to_.self, to_c(topic), entry->number, to_c(letter.reason),
                                      reply);
                    }).status());
    }
    if (after == before) return Status::ok;
  }
}

// ---- what apps keep

bool StoreCopy::keeps_values() const { return freshet::keeps_values(to_); }

Result<std::vector<StoreCopy::Kept>> StoreCopy::kept_after(const Kept& last) {
  std::vector<Kept> page;
  if (!freshet::keeps_values(from_)) return page;
  FRESHET_TRY(const ReplyItems items, ask([&](freshet_reply reply) {
                from_.kept_list(from_.self, to_c(last.room), to_c(last.name), kPageEntries, reply);
              }));
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_ROOM) page.push_back({std::string(as_text(item.bytes)), {}});
    if (item.kind == FRESHET_STORE_NAME && !page.empty()) page.back().name = as_text(item.bytes);
  }
  return page;
}

Result<std::vector<uint8_t>> StoreCopy::read(const freshet_store& store, const Kept& kept) {
  FRESHET_TRY(const ReplyItems items, ask([&](freshet_reply reply) {
                store.kept_read(store.self, to_c(kept.room), to_c(kept.name), reply);
              }));
  const ReplyItem* value = find_item(items, FRESHET_STORE_KEPT);
  if (value == nullptr) return Status::internal;
  return value->bytes;
}

Result<StoreCopy::There> StoreCopy::look(const Kept& kept) {
  const auto there = read(to_, kept);
  if (there.status() == Status::not_found) return There::no;
  if (!there) return there.status();
  FRESHET_TRY(const std::vector<uint8_t> wanted, read(from_, kept));
  return *there == wanted ? There::all_of_it : There::changed;
}

Status StoreCopy::copy(const Kept& kept) {
  FRESHET_TRY(const std::vector<uint8_t> value, read(from_, kept));
  return ask([&](freshet_reply reply) {
           to_.kept_write(to_.self, to_c(kept.room), to_c(kept.name), FRESHET_KEPT_ANY,
                          to_c(Bytes(value)), reply);
         })
      .status();
}

}  // namespace freshet::cli
