// freshet/testing/fake_room_storage.h: what apps keep beside rooms, in memory.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "freshet/abi/room_storage.h"
#include "freshet/sink.h"

namespace freshet::testing {

// Answers at once, in the thread that calls. [any]
class FakeRoomStorage {
 public:
  FakeRoomStorage() = default;
  FakeRoomStorage(const FakeRoomStorage&) = delete;
  FakeRoomStorage& operator=(const FakeRoomStorage&) = delete;

  const freshet_room_storage* table() const { return &table_; }

  // Empty: nothing is kept.
  std::string value(const std::string& room, const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find({room, name});
    return found == values_.end() ? std::string() : found->second.bytes;
  }

  // From now on all is answered so, as by a server whose store is away.
  void fail(freshet_status status) {
    const std::lock_guard lock(mutex_);
    failing_ = status;
  }

 private:
  struct Value {
    uint64_t version = 0;
    std::string bytes;
  };
  struct Answer {
    freshet_status status = FRESHET_OK;
    bool tells = false;
    Value value = {};
  };

  Answer read(freshet_str room, freshet_str name) const {
    const std::lock_guard lock(mutex_);
    if (failing_ != FRESHET_OK) return {failing_};
    const auto found = values_.find({std::string(view(room)), std::string(view(name))});
    if (found == values_.end()) return {FRESHET_NOT_FOUND};
    return {FRESHET_OK, true, found->second};
  }

  Answer write(freshet_str room, freshet_str name, uint64_t version, freshet_bytes bytes) {
    const std::lock_guard lock(mutex_);
    if (failing_ != FRESHET_OK) return {failing_};
    const auto key = std::pair(std::string(view(room)), std::string(view(name)));
    const auto found = values_.find(key);
    const uint64_t there = found == values_.end() ? 0 : found->second.version;
    if (version != FRESHET_KEPT_ANY && version != there) {
      return {FRESHET_CONFLICT, true, {there, {}}};
    }
    if (bytes.size == 0) {
      values_.erase(key);
      return {FRESHET_OK, true, {}};
    }
    values_[key] = {++last_version_, std::string(as_text(view(bytes)))};
    return {FRESHET_OK, true, {last_version_, {}}};
  }

  static void give(const Answer& answer, freshet_reply reply) {
    const freshet_item item{FRESHET_STORE_KEPT, answer.value.version,
                            to_c(as_bytes(answer.value.bytes))};
    if (answer.tells) reply.to->write(reply.to->ctx, reply.token, &item);
    reply.to->done(reply.to->ctx, reply.token, answer.status);
  }

  static FakeRoomStorage& of(void* ctx) { return *static_cast<FakeRoomStorage*>(ctx); }

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::pair<std::string, std::string>, Value> values_;
  uint64_t last_version_ = 0;
  freshet_status failing_ = FRESHET_OK;

  const freshet_room_storage table_{
      .size = sizeof(freshet_room_storage),
      .ctx = this,
      .read = [](void* ctx, freshet_str room, freshet_str name,
                 freshet_reply reply) { give(of(ctx).read(room, name), reply); },
      .write = [](void* ctx, freshet_str room, freshet_str name, uint64_t version,
                  freshet_bytes value,
                  freshet_reply reply) { give(of(ctx).write(room, name, version, value), reply); },
  };
};

}  // namespace freshet::testing
