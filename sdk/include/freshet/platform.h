// freshet/platform.h: a platform in C++. See abi/platform.h for what each function promises.
#pragma once

#include <span>

#include "freshet/abi/platform.h"
#include "freshet/service.h"

namespace freshet {

// What writing to connections has cost a shard so far.
struct WritingCost {
  uint64_t processor_ns = 0;
  uint64_t writes = 0;
};

// What the process takes of the machine's memory, and the most it may. 0: not known.
struct MemoryUse {
  uint64_t used_bytes = 0;
  uint64_t available_bytes = 0;
};

class Platform {
 public:
  using Task = void (*)(void*);

  virtual uint32_t shards() = 0;
  virtual Status start(const freshet_listen& listen, const freshet_events& events) = 0;
  virtual Status run() = 0;
  virtual void finish() = 0;

  virtual uint64_t now_ms() = 0;
  virtual uint64_t unix_ms() = 0;
  virtual void random(std::span<uint8_t> out) = 0;

  virtual void post(uint32_t shard, Task fn, void* arg) = 0;
  virtual void post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) = 0;
  virtual Result<uint32_t> queue_create(std::string_view name, uint32_t threads,
                                        uint32_t limit) = 0;
  virtual Status queue_push(uint32_t queue, Task fn, void* arg) = 0;

  virtual void respond(freshet_exchange* exchange, const freshet_response& response) = 0;
  virtual void accept(freshet_exchange* exchange, const freshet_accept& accept) = 0;

  virtual freshet_body* body_create(size_t size) = 0;
  virtual void body_ref(freshet_body* body) = 0;
  virtual void body_unref(freshet_body* body) = 0;

  virtual void send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text) = 0;
  virtual void close(freshet_conn* conn, uint16_t code, std::string_view reason) = 0;
  virtual Status send_urgent(freshet_conn* conn, Bytes message, bool text) = 0;
  virtual void close_later(freshet_conn* conn, uint16_t code, std::string_view reason,
                           uint32_t delay_ms) = 0;

  virtual uint64_t now_ns() = 0;
  virtual WritingCost writing_cost(uint32_t shard) = 0;

  virtual MemoryUse memory() = 0;

  virtual void pause_reading(freshet_conn* conn, uint32_t ms) = 0;

 protected:
  ~Platform() = default;
};

template <>
class Bound<Platform> : detail::BoundTo<Platform> {
 public:
  static constexpr const char* kId = FRESHET_PLATFORM_ID;

  Bound(Platform& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_platform* table() const { return &table_; }

 private:
  // A value asked for; `fallback` if the call threw.
  template <class T, class F>
  static T value(void* self, T fallback, F&& f) noexcept {
    run(self, [&](Platform& p) { fallback = f(p); });
    return fallback;
  }

  freshet_platform table_ = {
      .size = sizeof(freshet_platform),
      .self = nullptr,
      .shards = [](void* self) { return value(self, 1u, [](Platform& p) { return p.shards(); }); },
      .start =
          [](void* self, const freshet_listen* listen, const freshet_events* events) {
            return call(self, [&](Platform& p) { return p.start(*listen, *events); });
          },
      .run = [](void* self) { return call(self, [](Platform& p) { return p.run(); }); },
      .finish = [](void* self) { run(self, [](Platform& p) { p.finish(); }); },
      .now_ms =
          [](void* self) {
            return value(self, uint64_t{0}, [](Platform& p) { return p.now_ms(); });
          },
      .unix_ms =
          [](void* self) {
            return value(self, uint64_t{0}, [](Platform& p) { return p.unix_ms(); });
          },
      .random = [](void* self, uint8_t* out,
                   size_t size) { run(self, [&](Platform& p) { p.random({out, size}); }); },
      .post = [](void* self, uint32_t shard, Platform::Task fn,
                 void* arg) { run(self, [&](Platform& p) { p.post(shard, fn, arg); }); },
      .post_after =
          [](void* self, uint32_t shard, uint32_t delay_ms, Platform::Task fn, void* arg) {
            run(self, [&](Platform& p) { p.post_after(shard, delay_ms, fn, arg); });
          },
      .queue_create =
          [](void* self, freshet_str name, uint32_t threads, uint32_t limit, uint32_t* queue) {
            return call(self, [&](Platform& p) {
              FRESHET_TRY(*queue, p.queue_create(view(name), threads, limit));
              return Status::ok;
            });
          },
      .queue_push =
          [](void* self, uint32_t queue, Platform::Task fn, void* arg) {
            return call(self, [&](Platform& p) { return p.queue_push(queue, fn, arg); });
          },
      .respond =
          [](void* self, freshet_exchange* exchange, const freshet_response* response) {
            run(self, [&](Platform& p) { p.respond(exchange, *response); });
          },
      .accept =
          [](void* self, freshet_exchange* exchange, const freshet_accept* accept) {
            run(self, [&](Platform& p) { p.accept(exchange, *accept); });
          },
      .body_create =
          [](void* self, size_t size) {
            return value(self, static_cast<freshet_body*>(nullptr),
                         [&](Platform& p) { return p.body_create(size); });
          },
      .body_ref = [](void* self,
                     freshet_body* body) { run(self, [&](Platform& p) { p.body_ref(body); }); },
      .body_unref = [](void* self,
                       freshet_body* body) { run(self, [&](Platform& p) { p.body_unref(body); }); },
      .send =
          [](void* self, freshet_conn* conn, freshet_bytes prefix, freshet_body* body, int text) {
            run(self, [&](Platform& p) { p.send(conn, view(prefix), body, text != 0); });
          },
      .close =
          [](void* self, freshet_conn* conn, uint16_t code, freshet_str reason) {
            run(self, [&](Platform& p) { p.close(conn, code, view(reason)); });
          },
      .send_urgent =
          [](void* self, freshet_conn* conn, freshet_bytes message, int text) {
            return call(self,
                        [&](Platform& p) { return p.send_urgent(conn, view(message), text != 0); });
          },
      .close_later =
          [](void* self, freshet_conn* conn, uint16_t code, freshet_str reason, uint32_t delay_ms) {
            run(self, [&](Platform& p) { p.close_later(conn, code, view(reason), delay_ms); });
          },
      .now_ns =
          [](void* self) {
            return value(self, uint64_t{0}, [](Platform& p) { return p.now_ns(); });
          },
      .writing_cost =
          [](void* self, uint32_t shard, uint64_t* processor_ns, uint64_t* writes) {
            const WritingCost cost =
                value(self, WritingCost{}, [&](Platform& p) { return p.writing_cost(shard); });
            *processor_ns = cost.processor_ns;
            *writes = cost.writes;
          },
      .memory =
          [](void* self, uint64_t* used_bytes, uint64_t* available_bytes) {
            const MemoryUse use = value(self, MemoryUse{}, [](Platform& p) { return p.memory(); });
            *used_bytes = use.used_bytes;
            *available_bytes = use.available_bytes;
          },
      .pause_reading =
          [](void* self, freshet_conn* conn, uint32_t ms) {
            run(self, [&](Platform& p) { p.pause_reading(conn, ms); });
          },
  };
};

}  // namespace freshet
