// freshet/room_storage.h: freshet.room_storage/0, as a plugin in C++ uses it.
//
//   const auto* table = host.service<freshet_room_storage>(FRESHET_ROOM_STORAGE_ID);  // in
//   create() RoomStorage storage(table, "my-app");
#pragma once

#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/abi/room_storage.h"
#include "freshet/offered/later.h"

namespace freshet {

// One value of each room, under one name. A cheap handle; any thread.
class RoomStorage {
 public:
  // A version is never 0, and no two values have the same.
  struct Value {
    uint64_t version = 0;
    std::vector<uint8_t> bytes;
  };
  // Called once, on a shard or at once: it must not block, and not throw. Status::not_found: there
  // is none.
  using Read = std::function<void(Status, Value)>;
  // `version`: of what is there now, also with Status::conflict; 0: nothing, or it is not known.
  using Written = std::function<void(Status, uint64_t version)>;

  RoomStorage(const freshet_room_storage* table, std::string name)
      : table_(table), name_(std::move(name)) {}

  void read(std::string_view room, Read done) const {
    table_->read(table_->ctx, to_c(room), name(),
                 detail::Later::expect([done = std::move(done)](Status status, LaterItems items) {
                   if (items.empty()) return done(status, {});
                   done(status, {items[0].number, std::move(items[0].bytes)});
                 }));
  }
  // Whatever is there, or nothing. No bytes: nothing is kept any more.
  void write(std::string_view room, Bytes value, Written done) const {
    replace(room, FRESHET_KEPT_ANY, value, std::move(done));
  }
  // Only in the place of what has this version, 0: of nothing. Status::conflict: there is another.
  void replace(std::string_view room, uint64_t version, Bytes value, Written done) const {
    table_->write(table_->ctx, to_c(room), name(), version, to_c(value),
                  detail::Later::expect([done = std::move(done)](Status status, LaterItems items) {
                    done(status, items.empty() ? 0 : items[0].number);
                  }));
  }

  // The same on a worker, where a procedure may wait for the disk. Never on a shard: the answer
  // comes there.
  Result<Value> read(std::string_view room) const {
    return wait<Value>([&](auto done) { read(room, std::move(done)); });
  }
  Result<uint64_t> write(std::string_view room, Bytes value) const {
    return wait<uint64_t>([&](auto done) { write(room, value, std::move(done)); });
  }
  Result<uint64_t> replace(std::string_view room, uint64_t version, Bytes value) const {
    return wait<uint64_t>([&](auto done) { replace(room, version, value, std::move(done)); });
  }

 private:
  // Every call of the core is answered once, within limits.store_deadline_ms.
  template <class T, class Ask>
  static Result<T> wait(Ask ask) {
    std::promise<Result<T>> answered;
    ask([&answered](Status status, T value) {
      answered.set_value(status == Status::ok ? Result<T>(std::move(value)) : Result<T>(status));
    });
    return answered.get_future().get();
  }

  freshet_str name() const { return to_c(std::string_view(name_)); }

  const freshet_room_storage* table_;
  std::string name_;
};

}  // namespace freshet
