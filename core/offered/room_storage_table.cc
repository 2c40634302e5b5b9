#include "core/offered/room_storage_table.h"

#include <utility>
#include <vector>

#include "core/config/room_name.h"
#include "core/offered/owned.h"

namespace freshet {

RoomStorageTable::RoomStorageTable()
    : c_{
          .size = sizeof(freshet_room_storage),
          .ctx = this,
          .read = [](void* ctx, freshet_str room, freshet_str name,
                     freshet_reply reply) { of(ctx).read(owned(room), owned(name), reply); },
          .write =
              [](void* ctx, freshet_str room, freshet_str name, uint64_t version,
                 freshet_bytes value, freshet_reply reply) {
                of(ctx).write(owned(room), owned(name), version, view(value), reply);
              },
      } {}

void RoomStorageTable::open(StoreQueue& store, uint32_t shard, const Limits& limits) {
  most_bytes_ = limits.room_storage_bytes;
  most_name_bytes_ = limits.room_name_bytes;
  calls_.open(store, shard);
}

Status RoomStorageTable::judge(std::string_view room, std::string_view name) const {
  if (most_name_bytes_ == 0) return Status::retry;
  if (!room_name_fault(room, most_name_bytes_).empty()) return Status::not_found;
  const bool good = !name.empty() && name.size() <= FRESHET_ROOM_VALUE_NAME;
  return good ? Status::ok : Status::malformed;
}

void RoomStorageTable::read(std::string room, std::string name, freshet_reply reply) {
  if (const Status judged = judge(room, name); judged != Status::ok) {
    return StoreCalls::answer(reply, judged);
  }
  calls_.call(
      [room = std::move(room), name = std::move(name)](const freshet_store& store,
                                                       freshet_reply to) {
        store.kept_read(store.self, to_c(std::string_view(room)), to_c(std::string_view(name)), to);
      },
      reply);
}

void RoomStorageTable::write(std::string room, std::string name, uint64_t version, Bytes value,
                             freshet_reply reply) {
  Status judged = judge(room, name);
  if (judged == Status::ok && value.size() > most_bytes_) {
    judged = Status::too_large;
  }
  if (judged != Status::ok) return StoreCalls::answer(reply, judged);
  calls_.call(
      [room = std::move(room), name = std::move(name), version,
       value = std::vector(value.begin(), value.end())](const freshet_store& store,
                                                        freshet_reply to) {
        store.kept_write(store.self, to_c(std::string_view(room)), to_c(std::string_view(name)),
                         version, to_c(Bytes(value)), to);
      },
      reply, {Status::ok, Status::conflict});
}

}  // namespace freshet
