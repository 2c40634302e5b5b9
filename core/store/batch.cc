#include "core/store/batch.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "core/report/in_plugin.h"
#include "core/store/limits.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet {
namespace {

struct Writer {
  const Journaled* room;
  uint64_t client;
  bool operator==(const Writer&) const = default;
};

struct WriterHash {
  size_t operator()(const Writer& writer) const {
    return std::hash<const void*>()(writer.room) ^ (writer.client * 0x9e3779b97f4a7c15);
  }
};

}  // namespace

size_t Batch::updates() const {
  size_t updates = 0;
  for (const Row& row : rows_) updates += row.updates;
  return updates;
}

// What may fail comes first.
void Batch::add(Journaled& room, const JournalRow& row, uint64_t number, uint64_t unix_ms) {
  if (rows_.size() == rows_.capacity()) rows_.reserve(2 * rows_.size() + 1);
  // Mostly one goes on typing.
  const bool again = !rows_.empty() && author_of(rows_.back()) == row.author;
  const size_t author_at = again ? rows_.back().author_offset : authors_.size();
  authors_.reserve(authors_.size() + (again ? 0 : row.author.size()));
  const size_t at = bytes_.size();
  bytes_.insert(bytes_.end(), row.update.begin(), row.update.end());
  if (!again) authors_ += row.author;
  rows_.push_back({.room = &room,
                   .epoch = row.epoch,
                   .is_new = row.is_new,
                   .first = row.first,
                   .writer = row.writer,
                   .first_number = number,
                   .last_number = number,
                   .first_unix_ms = unix_ms,
                   .last_unix_ms = unix_ms,
                   .updates = 1,
                   .offset = at,
                   .size = row.update.size(),
                   .author_offset = author_at,
                   .author_size = row.author.size(),
                   .merged = false});
  patience_ns_ = std::min(patience_ns_, row.patience_ns);
  ++given_;
}

// ---- merging

bool Batch::alike(const Row& a, const Row& b) const {
  return a.is_new == b.is_new && same(a.epoch, b.epoch) && author_of(a) == author_of(b);
}

// A writer's rows, wherever they are, but for kMaxReorderedBytes: past that all groups end, so that
// what comes then stays behind what came before.
std::vector<Batch::Group> Batch::groups() const {
  std::vector<Group> groups;
  std::unordered_map<Writer, size_t, WriterHash> open;
  size_t bytes = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (!row.writer || row.first || row.size > kMaxMergedUpdateBytes) continue;
    if (bytes += row.size; bytes > kMaxReorderedBytes) {
      open.clear();
      bytes = row.size;
    }
    const auto [it, is_new] = open.try_emplace({row.room, *row.writer}, groups.size());
    if (is_new || !alike(rows_[groups[it->second].back()], row)) {
      it->second = groups.size();
      groups.emplace_back();
    }
    groups[it->second].push_back(i);
  }
  return groups;
}

// The row takes the place of its first. What of it goes on from rows that came between is then read
// back before them: the engine parks that until they come, and what is read is always a whole
// batch, as it was written in one transaction.
void Batch::squash(const freshet_crdt& crdt, const Group& group) {
  std::vector<freshet_bytes> updates;
  for (const size_t i : group) updates.push_back(to_c(update_of(rows_[i])));
  const size_t at = merged_.size();
  const InPlugin inside("the engine's squash");
  const Status status{crdt.squash(crdt.self, FRESHET_UPDATE_V1, updates.data(), updates.size(),
                                  VectorSink(merged_).c())};
  if (status != Status::ok || merged_.size() == at) return merged_.resize(at);
  Row& row = rows_[group.front()];
  const Row& last = rows_[group.back()];
  row.last_number = last.last_number;
  row.last_unix_ms = last.last_unix_ms;
  row.updates = group.size();
  row.merged = true;
  row.offset = at;
  row.size = merged_.size() - at;
  for (size_t i = 1; i < group.size(); ++i) rows_[group[i]].updates = 0;
}

void Batch::merge(const freshet_crdt& crdt) {
  if (rows_.size() < 2 || !FRESHET_HAS(&crdt, squash)) return;
  static_cast<void>(if_memory([&] {
    for (const Group& group : groups()) {
      if (group.size() > 1) squash(crdt, group);
    }
    return Status::ok;
  }));
  std::erase_if(rows_, [](const Row& row) { return row.updates == 0; });
}

}  // namespace freshet
