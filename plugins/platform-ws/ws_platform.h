// ws_platform.h: the platform itself: listeners and signals on the main thread, loops on theirs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "freshet/plugin.h"
#include "platform-ws/listeners.h"
#include "platform-ws/loop/event_loop.h"
#include "platform-ws/memory_return.h"
#include "platform-ws/process_memory.h"
#include "platform-ws/wiring/wiring.h"
#include "platform-ws/workers/worker_queue.h"
#include "plugin_version.h"

namespace freshet::ws {

// How run() ends:
//
//   serving ──signal──► stopping ──finish()──► finishing ──nothing outstanding──► run() returns OK
//      └───────────finish()──────────────────────┘                                        RETRY
//   deadline or second signal, anywhere: all sockets close; what is posted and pushed still runs,
//   but not for longer than kForcedEndMs.
class WsPlatform final : public Platform {
 public:
  static constexpr About kAbout{
      .id = "platform-ws",
      .version = kPluginVersion,
      .summary = "Event loops, HTTP and WebSocket over TCP, TLS and unix sockets.",
      .settings = kSettings};
  static WsSettings read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<WsPlatform>> create(Host host, WsSettings settings);

  explicit WsPlatform(WsSettings settings, Host host);
  ~WsPlatform();

  uint32_t shards() override { return static_cast<uint32_t>(loops_.size()); }
  Status start(const freshet_listen& listen, const freshet_events& events) override;
  Status run() override;
  void finish() override;

  uint64_t now_ms() override { return monotonic_ms(); }
  uint64_t unix_ms() override { return wall_clock_ms(); }
  void random(std::span<uint8_t> out) override;

  void post(uint32_t shard, Task fn, void* arg) override { loops_[shard]->post(fn, arg); }
  void post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) override {
    assert(loops_[shard]->on_own_thread());
    loops_[shard]->post_after(delay_ms, fn, arg);
  }
  Result<uint32_t> queue_create(std::string_view name, uint32_t threads, uint32_t limit) override;
  Status queue_push(uint32_t queue, Task fn, void* arg) override;

  void respond(freshet_exchange* exchange, const freshet_response& response) override;
  void accept(freshet_exchange* exchange, const freshet_accept& accept) override;

  freshet_body* body_create(size_t size) override { return SharedBody::create(size); }
  void body_ref(freshet_body* body) override { SharedBody::ref(body); }
  void body_unref(freshet_body* body) override { SharedBody::unref(body); }

  void send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text) override;
  Status send_urgent(freshet_conn* conn, Bytes message, bool text) override;
  void close(freshet_conn* conn, uint16_t code, std::string_view reason) override;
  void close_later(freshet_conn* conn, uint16_t code, std::string_view reason,
                   uint32_t delay_ms) override;

  uint64_t now_ns() override { return monotonic_ns(); }
  WritingCost writing_cost(uint32_t shard) override {
    assert(loops_[shard]->on_own_thread());
    return loops_[shard]->write_meter.cost();
  }
  MemoryUse memory() override { return {resident_bytes(), available_bytes_}; }
  void pause_reading(freshet_conn* conn, uint32_t ms) override;

  // What SIGTERM and SIGHUP do. [any]
  void request_stop();
  void request_reload();
  // Where the listeners listen, in their order; valid after start(). [main]
  std::vector<std::string> bound() const { return listeners_.bound(); }
  struct Taken {
    size_t sockets, half_received_bytes;
  };
  Taken taken() const { return {wiring_.admission.taken(), wiring_.half_received.taken()}; }

 private:
  enum class State { serving, stopping, finishing, forced };

  void wait_for_signals();
  EventLoop& loop_for_newcomer();
  void stop_accepting();
  void on_stop_requested();
  void on_finished();
  void on_deadline();
  void force();
  void end_if_done();
  void abandon();
  template <class F>
  void for_each_loop(F&& f);

  boost::asio::io_context main_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer deadline_;
  MemoryReturn memory_return_;
  const uint64_t available_bytes_ = available_bytes();  // as of the start
  Wiring wiring_;
  Listeners listeners_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<EventLoop> aside_;
  std::vector<std::unique_ptr<WorkerQueue>> queues_;
  size_t next_loop_ = 0;
  State state_ = State::serving;
  bool finished_ = false;  // the core has said so
};

}  // namespace freshet::ws
