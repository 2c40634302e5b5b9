// tests/sim/platform/sim_platform.h: the outside world of one server process, simulated.
//
// Shards, worker threads, connections and timers are events of one timeline. What abi/platform.h
// leaves open is decided by dice: how long a post takes, which shard a request comes to, how the
// work of different threads mixes. What it promises is kept: order from one thread to one shard,
// one on_open and one on_close, bytes behind a message. And what it asks of the core is checked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "freshet/platform.h"
#include "sim/platform/sim_bodies.h"
#include "sim/platform/sim_connections.h"
#include "sim/platform/sim_exchange.h"
#include "sim/platform/sim_threads.h"
#include "sim/scene.h"

namespace freshet::sim {

class SimPlatform final : public Platform {
 public:
  using SocketId = sim::SocketId;

  SimPlatform(Scene& scene, uint32_t shards);
  ~SimPlatform();
  SimPlatform(const SimPlatform&) = delete;
  SimPlatform& operator=(const SimPlatform&) = delete;

  // ---- what people outside do ----
  SocketId connect(Peer& peer, const std::string& target, Movable movable, Headers headers = {});
  void send(SocketId socket, Bytes message, bool text = false) {
    connections_.send(socket, message, text);
  }
  // As the platform finds fault with it: its peer broke a rule, is silent, or sends too much.
  void fault(SocketId socket, uint16_t code, const std::string& reason) {
    connections_.fault(socket, code, reason);
  }
  // A proper close; nothing is heard of the connection any more.
  void hang_up(SocketId socket) { connections_.hang_up(socket); }
  // The peer is gone, and the server sees it only after a while. Nothing is heard any more.
  void vanish(SocketId socket, uint64_t seen_after_us) {
    connections_.vanish(socket, seen_after_us);
  }
  void read_speed(SocketId socket, uint64_t bytes_per_ms) {  // 0: not at all
    connections_.read_speed(socket, bytes_per_ms);
  }
  void request(const HttpRequest& request, std::function<void(const HttpAnswer&)> on_answer);
  void stop(uint32_t deadline_ms);  // as SIGTERM

  // ---- what its machine does ----
  SimClock& clock() { return threads_.clock(); }
  // It stands still for a while. A clock that stands still with it does not show for how long.
  enum class ClockThen { runs, stands };
  void pause(uint32_t ms, ClockThen clock);

  // Runs what was posted and pushed, with no effect outside, as the end of a process frees its
  // memory. After it the server may be destroyed, and then check_end() called.
  void kill();
  bool finished() const { return finished_; }
  void check_end();

  SimThreads& threads() { return threads_; }
  SimConnections& connections() { return connections_; }

  // ---- freshet::Platform ----
  uint32_t shards() override { return threads_.shards(); }
  Status start(const freshet_listen& listen, const freshet_events& events) override;
  Status run() override { return Status::unsupported; }  // the timeline runs
  void finish() override { finished_ = true; }
  uint64_t now_ms() override { return kStartMs + own_us() / kMs; }
  uint64_t unix_ms() override {
    const uint64_t true_ms = kUnixStartMs + scene_.timeline.now_us() / kMs;
    return true_ms + static_cast<uint64_t>(threads_.clock().unix_ahead_ms);
  }
  void random(std::span<uint8_t> out) override;
  void post(uint32_t shard, Task fn, void* arg) override { threads_.post(shard, fn, arg); }
  void post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) override {
    threads_.post_after(shard, delay_ms, fn, arg);
  }
  Result<uint32_t> queue_create(std::string_view name, uint32_t threads, uint32_t limit) override {
    return threads_.queue_create(name, threads, limit);
  }
  Status queue_push(uint32_t queue, Task fn, void* arg) override {
    return threads_.queue_push(queue, fn, arg);
  }
  void respond(freshet_exchange* exchange, const freshet_response& response) override;
  void accept(freshet_exchange* exchange, const freshet_accept& accept) override;
  freshet_body* body_create(size_t size) override { return bodies_.create(size); }
  void body_ref(freshet_body* body) override { bodies_.ref(body); }
  void body_unref(freshet_body* body) override { bodies_.unref(body); }
  void send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text) override {
    connections_.send(conn, prefix, body, text);
  }
  void close(freshet_conn* conn, uint16_t code, std::string_view reason) override {
    connections_.close(conn, code, reason);
  }
  Status send_urgent(freshet_conn* conn, Bytes message, bool text) override {
    return connections_.send_urgent(conn, message, text);
  }
  void close_later(freshet_conn* conn, uint16_t code, std::string_view reason,
                   uint32_t delay_ms) override {
    connections_.close_later(conn, code, reason, delay_ms);
  }
  uint64_t now_ns() override { return (kStartMs * kMs + own_us()) * kNsOfUs; }
  WritingCost writing_cost(uint32_t shard) override {
    threads_.require(threads_.on_shard(shard), "writing_cost is called on its own shard");
    return connections_.writing_cost(shard);
  }
  MemoryUse memory() override {
    return {kMemoryBytes / 100 * scene_.weather.memory_percent, kMemoryBytes};
  }
  void pause_reading(freshet_conn* conn, uint32_t ms) override {
    connections_.pause_reading(conn, ms);
  }

  static constexpr uint64_t kMemoryBytes = uint64_t{1} << 30;
  static constexpr uint64_t kStartMs = 1'000'000;
  static constexpr uint64_t kUnixStartMs = 1'800'000'000'000;

 private:
  uint64_t own_us() { return threads_.clock().own_us(scene_.timeline.now_us()); }
  SimExchange& add_exchange(const HttpRequest& request);
  void deliver(SimExchange& exchange);  // to the core, after a while

  Scene& scene_;
  SimThreads threads_;
  SimBodies bodies_;
  SimConnections connections_;
  const freshet_events* events_ = nullptr;
  bool finished_ = false;
  bool stopping_ = false;
  std::map<uint64_t, std::unique_ptr<SimExchange>> exchanges_;
  uint64_t last_exchange_ = 0;
};

}  // namespace freshet::sim
