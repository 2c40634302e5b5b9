// freshet/store.h: a store plugin in C++. See abi/store.h for what each function promises.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "freshet/abi/store.h"
#include "freshet/service.h"

namespace freshet {

// Called on one worker queue, one call at a time: plain blocking code is right here.
class Store {
 public:
  virtual Status load(std::string_view room, Reply out) = 0;
  virtual Status append(std::span<const freshet_append> entries, Reply out) = 0;
  virtual Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                         Bytes snapshot) = 0;
  virtual Status put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) = 0;
  virtual Status erase(std::string_view room) = 0;
  virtual Status list(std::string_view after, uint32_t limit, Reply out) = 0;
  virtual Status info(std::string_view room, Reply out) = 0;
  virtual Status backup(std::string_view path) {
    static_cast<void>(path);
    return Status::unsupported;
  }

 protected:
  ~Store() = default;  // never deleted through the interface
};

template <>
class Bound<Store> : detail::BoundTo<Store> {
 public:
  static constexpr const char* kId = FRESHET_STORE_ID;

  Bound(Store& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_store* table() const { return &table_; }

 private:
  freshet_store table_ = {
      .size = sizeof(freshet_store),
      .self = nullptr,
      .load =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.load(view(room), out); });
          },
      .append =
          [](void* self, const freshet_append* entries, size_t count, freshet_reply reply) {
            answer(self, reply,
                   [&](Store& s, Reply out) { return s.append({entries, count}, out); });
          },
      .replace =
          [](void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
             freshet_bytes snapshot, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply) {
              return s.replace(view(room), epoch, through_seq, view(snapshot));
            });
          },
      .put =
          [](void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
             freshet_reply reply) {
            answer(self, reply,
                   [&](Store& s, Reply) { return s.put(view(room), epoch, view(snapshot)); });
          },
      .erase =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply) { return s.erase(view(room)); });
          },
      .list =
          [](void* self, freshet_str after, uint32_t limit, freshet_reply reply) {
            answer(self, reply,
                   [&](Store& s, Reply out) { return s.list(view(after), limit, out); });
          },
      .info =
          [](void* self, freshet_str room, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply out) { return s.info(view(room), out); });
          },
      .backup =
          [](void* self, freshet_str path, freshet_reply reply) {
            answer(self, reply, [&](Store& s, Reply) { return s.backup(view(path)); });
          },
  };
};

}  // namespace freshet
