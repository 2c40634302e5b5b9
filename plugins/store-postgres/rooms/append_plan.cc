#include "store-postgres/rooms/append_plan.h"

#include <algorithm>

#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

constexpr size_t kKeptBytes = 16 + 8 + 1;  // of a room

}  // namespace

AppendPlan::AppendPlan(const freshet_batch& batch) : batch_(batch) {
  for (const freshet_append& entry : entries()) rooms_.push_back({.name = view(entry.room)});
  std::ranges::sort(rooms_, {}, &Growing::name);
  const auto doubled = std::ranges::unique(rooms_, {}, &Growing::name);
  rooms_.erase(doubled.begin(), doubled.end());
  for (const freshet_append& entry : entries()) {
    room_of_.push_back(static_cast<size_t>(find(view(entry.room)) - rooms_.data()));
  }
}

Growing* AppendPlan::find(std::string_view name) {
  const auto at = std::ranges::lower_bound(rooms_, name, {}, &Growing::name);
  return at != rooms_.end() && at->name == name ? &*at : nullptr;
}

Status AppendPlan::fault_of(const freshet_append& entry, const Growing& room) const {
  if (entry.update.size > kMaxValueBytes) return Status::too_large;
  const bool is_new = (entry.flags & FRESHET_APPEND_NEW) != 0;
  if (room.existed && is_new) return Status::ok;
  // Of one that is not there the first entry says that it is to be made.
  const bool may_make = room.existed || is_new || room.grown_seq > 0;
  return may_make && same(entry.epoch, room.epoch) ? Status::ok : Status::conflict;
}

Status AppendPlan::place() {
  Status fault = Status::ok;
  seqs_.assign(batch_.count, 0);
  for (Growing& room : rooms_) {
    room.grown_seq = room.last_seq;
    room.grown_bytes = 0;
  }
  for (size_t i = 0; i < batch_.count; ++i) {
    const freshet_append& entry = batch_.entries[i];
    Growing& room = rooms_[room_of_[i]];
    if (room.fault == Status::ok) room.fault = fault_of(entry, room);
    if (room.fault != Status::ok) fault = room.fault;
    const bool holds_something = room.grown_seq > 0 || room.has_snapshot;
    if ((entry.flags & FRESHET_APPEND_FIRST) != 0 && holds_something) continue;
    seqs_[i] = ++room.grown_seq;
    room.grown_bytes += static_cast<int64_t>(entry.update.size);
  }
  return fault;
}

Status AppendPlan::answer(Reply out) const {
  for (size_t i = 0; i < batch_.count; ++i) {
    const freshet_epoch& epoch = room_of(i).epoch;
    if (seqs_[i] == 0 || !same(epoch, batch_.entries[i].epoch)) {
      FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(epoch.bytes)));
    }
    const Growing& room = room_of(i);
    if (!room.last_writer.empty() && seqs_[i] == room.last_seq + 1) {
      FRESHET_CHECK(out.write(FRESHET_STORE_WRITER, room.last_number, as_bytes(room.last_writer)));
    }
    FRESHET_CHECK(out.write(FRESHET_STORE_SEQ, seqs_[i]));
  }
  return Status::ok;
}

Status AppendPlan::name_offenders(Reply out) const {
  for (const Growing& room : rooms_) {
    if (room.fault != Status::ok) FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, room.name));
  }
  return Status::ok;
}

std::string AppendPlan::kept() const {
  std::string out;
  out.reserve(rooms_.size() * kKeptBytes);
  for (const Growing& room : rooms_) {
    out.append(as_text(Bytes(room.epoch.bytes)));
    for (int shift = 56; shift >= 0; shift -= 8) {
      out += static_cast<char>(room.last_seq >> shift & 0xff);
    }
    out += static_cast<char>(room.has_snapshot);
  }
  return out;
}

bool AppendPlan::restore(Bytes kept) {
  if (kept.size() != rooms_.size() * kKeptBytes) return false;
  for (Growing& room : rooms_) {
    std::ranges::copy(kept.first(sizeof(room.epoch.bytes)), room.epoch.bytes);
    room.last_seq = 0;
    for (const uint8_t byte : kept.subspan(16, 8)) room.last_seq = room.last_seq << 8 | byte;
    room.has_snapshot = kept[kKeptBytes - 1] != 0;
    room.existed = true;
    room.fault = Status::ok;
    kept = kept.subspan(kKeptBytes);
  }
  return true;
}

}  // namespace freshet::postgres
