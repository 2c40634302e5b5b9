// freshet/store/records.h: changes of rooms (rooms_in_memory.h) as records: written before a change
// is made, and made again when the store is opened.
//
//   a batch    'a' run[16] u64 shard, u64 number, varuint count, then of each entry:
//              bytes room, epoch[16], varuint flags, bytes update, bytes author, u64 first, u64
//              last
//   a room     'r' replaced, 'p' put, 'e' erased:  bytes room, epoch[16], u64 sequence, bytes
//   snapshot all of it  'w' bytes room, epoch[16], u64 sequence, varuint 1 and bytes snapshot, or
//   0; varuint
//              count, then of each row: bytes update, bytes author, u64 first, u64 last
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/format/codec.h"
#include "freshet/store/rooms_in_memory.h"

namespace freshet {

using Record = std::vector<uint8_t>;

namespace detail {

inline void put_u64(Record& out, uint64_t value) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<uint8_t>(value >> 8 * i));
}
inline uint64_t take_u64(Reader& in) {
  uint64_t out = 0;
  const Bytes bytes = in.take(8);
  for (size_t i = 0; i < bytes.size(); ++i) out |= uint64_t{bytes[i]} << 8 * i;
  return out;
}
template <size_t kSize>
void take_into(Reader& in, uint8_t (&out)[kSize]) {
  const Bytes bytes = in.take(kSize);
  std::copy(bytes.begin(), bytes.end(), out);
}

inline Record record_of(char what, std::string_view room, const freshet_epoch& epoch, uint64_t seq,
                        Bytes snapshot) {
  Record out{static_cast<uint8_t>(what)};
  Writer to(out);
  to.string(room);
  to.raw(epoch.bytes);
  put_u64(out, seq);
  to.bytes(snapshot);
  return out;
}

inline bool append_again(Reader& in, RoomsInMemory& rooms) {
  freshet_batch batch{sizeof(batch), {}, 0, nullptr, 0};
  take_into(in, batch.writer.run);
  batch.writer.shard = static_cast<uint32_t>(take_u64(in));
  batch.number = take_u64(in);
  std::vector<freshet_append> entries;
  for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
    freshet_append& entry = entries.emplace_back();
    entry.room = to_c(as_text(in.bytes()));
    take_into(in, entry.epoch.bytes);
    entry.flags = static_cast<uint32_t>(in.varuint());
    entry.update = to_c(in.bytes());
    entry.author = to_c(as_text(in.bytes()));
    entry.first_unix_ms = take_u64(in);
    entry.last_unix_ms = take_u64(in);
  }
  batch.entries = entries.data();
  batch.count = entries.size();
  if (in.ok()) rooms.append(batch);
  return in.ok();
}

inline bool room_again(Reader& in, RoomsInMemory& rooms) {
  RoomsInMemory::Room room;
  const std::string_view name = as_text(in.bytes());
  take_into(in, room.epoch.bytes);
  room.snapshot_seq = take_u64(in);
  if (in.varuint() != 0) {
    const Bytes snapshot = in.bytes();
    room.snapshot.emplace(snapshot.begin(), snapshot.end());
  }
  for (uint64_t left = in.varuint(); left > 0 && in.ok(); --left) {
    RoomsInMemory::Row& row = room.log.emplace_back();
    const Bytes update = in.bytes();
    row.update.assign(update.begin(), update.end());
    row.author = as_text(in.bytes());
    row.first_unix_ms = take_u64(in);
    row.last_unix_ms = take_u64(in);
  }
  if (in.ok()) rooms.put(name, std::move(room));
  return in.ok();
}

}  // namespace detail

// ---- before it is done ----
inline Record record_of_append(const freshet_batch& batch) {
  Record out{'a'};
  Writer to(out);
  to.raw(batch.writer.run);
  detail::put_u64(out, batch.writer.shard);
  detail::put_u64(out, batch.number);
  to.varuint(batch.count);
  for (const freshet_append& entry : entries_of(batch)) {
    to.string(view(entry.room));
    to.raw(entry.epoch.bytes);
    to.varuint(entry.flags);
    to.bytes(view(entry.update));
    to.string(view(entry.author));
    detail::put_u64(out, entry.first_unix_ms);
    detail::put_u64(out, entry.last_unix_ms);
  }
  return out;
}
inline Record record_of_replace(std::string_view room, const freshet_epoch& epoch, uint64_t seq,
                                Bytes snapshot) {
  return detail::record_of('r', room, epoch, seq, snapshot);
}
inline Record record_of_put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) {
  return detail::record_of('p', room, epoch, 0, snapshot);
}
inline Record record_of_erase(std::string_view room) {
  return detail::record_of('e', room, {}, 0, {});
}

// ---- all that there is, a record for each room ----
inline std::vector<Record> records_of(const RoomsInMemory& rooms) {
  std::vector<Record> all;
  for (const auto& [name, room] : rooms.all()) {
    Record& out = all.emplace_back(Record{'w'});
    Writer to(out);
    to.string(name);
    to.raw(room.epoch.bytes);
    detail::put_u64(out, room.snapshot_seq);
    to.varuint(room.snapshot ? 1 : 0);
    if (room.snapshot) to.bytes(*room.snapshot);
    to.varuint(room.log.size());
    for (const RoomsInMemory::Row& row : room.log) {
      to.bytes(row.update);
      to.string(row.author);
      detail::put_u64(out, row.first_unix_ms);
      detail::put_u64(out, row.last_unix_ms);
    }
  }
  return all;
}

// ---- and again ----
// Status::corrupt: no such record, or not of these rooms.
inline Status do_again(Bytes record, RoomsInMemory& rooms) {
  Reader in(record);
  const uint8_t what = in.u8();
  if (what == 'a') return detail::append_again(in, rooms) ? Status::ok : Status::corrupt;
  if (what == 'w') return detail::room_again(in, rooms) ? Status::ok : Status::corrupt;
  const std::string_view name = as_text(in.bytes());
  freshet_epoch epoch{};
  detail::take_into(in, epoch.bytes);
  const uint64_t seq = detail::take_u64(in);
  const Bytes snapshot = in.bytes();
  if (!in.ok() || !in.at_end()) return Status::corrupt;
  switch (what) {
    case 'r':
      if (rooms.may_replace(name, epoch, seq) != Status::ok) return Status::corrupt;
      return rooms.replace(name, seq, snapshot), Status::ok;
    case 'p': return rooms.put(name, epoch, snapshot), Status::ok;
    case 'e': return rooms.erase(name), Status::ok;
    default: return Status::corrupt;
  }
}

}  // namespace freshet
