// core/offered/room_storage_table.h: what apps keep beside rooms, as plugins call it
// (freshet.room_storage/0).
//
// Outlives the plugins and the server: calls that come before the server is there, or after it,
// are answered Status::retry (store_calls.h).
#pragma once

#include <atomic>
#include <string>

#include "core/config/limits.h"
#include "core/offered/store_calls.h"
#include "freshet/abi/room_storage.h"
#include "freshet/result.h"

namespace freshet {

class RoomStorageTable {
 public:
  RoomStorageTable();
  RoomStorageTable(const RoomStorageTable&) = delete;
  RoomStorageTable& operator=(const RoomStorageTable&) = delete;

  // What plugins are offered. [main]
  const freshet_room_storage* table() const { return &c_; }

  void open(StoreQueue& store, uint32_t shard, const Limits& limits);  // [main]
  void close() { calls_.close(); }                                     // see StoreCalls

 private:
  static RoomStorageTable& of(void* ctx) { return *static_cast<RoomStorageTable*>(ctx); }
  Status judge(std::string_view room, std::string_view name) const;
  void read(std::string room, std::string name, freshet_reply reply);
  void write(std::string room, std::string name, uint64_t version, Bytes value,
             freshet_reply reply);

  StoreCalls calls_{&StoreQueue::kept};
  // Not known before it is opened, and known after it was closed: a plugin may ask until its end.
  std::atomic<size_t> most_bytes_ = 0, most_name_bytes_ = 0;  // of a value, of a room's name
  const freshet_room_storage c_;
};

}  // namespace freshet
