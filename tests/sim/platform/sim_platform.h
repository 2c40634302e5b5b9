// tests/sim/platform/sim_platform.h: the outside world of one server process, simulated.
//
// Shards, worker threads, connections and timers are events of one timeline. What abi/platform.h
// leaves open is decided by dice: how long a post takes, which shard a request comes to, how the
// work of different threads mixes. What it promises is kept: order from one thread to one shard,
// one on_open and one on_close, bytes behind a message. And what it asks of the core is checked.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "freshet/platform.h"
#include "sim/scene.h"

namespace freshet::sim {

// The far end of a connection. Outlives it, or lets go of it (SimPlatform::abandon).
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void on_connected(std::string_view subprotocol) = 0;
  virtual void on_message(Bytes message, bool text) = 0;
  // `code` 1006: it broke. `status` is not 0 if the handshake was answered with an HTTP status.
  virtual void on_closed(uint16_t code, std::string_view reason, uint16_t status) = 0;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  freshet_listener_role role = FRESHET_PUBLIC;
  std::string method = "GET";
  std::string target;
  Headers headers = {};
  std::string body = "";
  std::string peer = "127.0.0.1";
};

struct HttpAnswer {
  uint16_t status = 0;  // 0: the server went away
  Headers headers;
  std::string body;
};

enum class Movable { no, yes };

class SimPlatform final : public Platform {
 public:
  using SocketId = uint64_t;

  SimPlatform(Scene& scene, uint32_t shards);
  ~SimPlatform();
  SimPlatform(const SimPlatform&) = delete;
  SimPlatform& operator=(const SimPlatform&) = delete;

  // ---- what people outside do ----
  SocketId connect(Peer& peer, const std::string& target, Movable movable, Headers headers = {});
  void send(SocketId socket, Bytes message, bool text = false);
  // As the platform finds fault with it: its peer broke a rule, is silent, or sends too much.
  void fault(SocketId socket, uint16_t code, const std::string& reason);
  void hang_up(SocketId socket);  // a proper close; nothing is heard of the connection any more
  // The peer is gone, and the server sees it only after a while. Nothing is heard any more.
  void vanish(SocketId socket, uint64_t seen_after_us);
  void read_speed(SocketId socket, uint64_t bytes_per_ms);  // 0: not at all
  void request(const HttpRequest& request, std::function<void(const HttpAnswer&)> on_answer);
  void stop(uint32_t deadline_ms);  // as SIGTERM

  // Runs what was posted and pushed, with no effect outside, as the end of a process frees its
  // memory. After it the server may be destroyed, and then check_end() called.
  void kill();
  bool dead() const { return dead_; }
  bool finished() const { return finished_; }
  void check_end();

  size_t queued_bytes(SocketId socket) const;
  size_t most_queued_bytes() const { return most_queued_bytes_; }
  // A reader may cost this much, and one message more.
  void expect_reader_bound(size_t bytes) { reader_bound_ = bytes; }
  // Hears of every message the core sends, at the moment it does.
  void watch_sends(std::function<void(Peer*, Bytes)> watch) { watch_ = std::move(watch); }

  // Who is running: for stores and other plugins that answer from threads of their own.
  static constexpr uint32_t kOutside = 0;
  static constexpr uint32_t kStoreThread = 999'999;
  template <class F>
  void as_thread(uint32_t thread, F&& f) {
    const uint32_t before = std::exchange(thread_, thread);
    f();
    thread_ = before;
  }

  // ---- freshet::Platform ----
  uint32_t shards() override { return shards_; }
  Status start(const freshet_listen& listen, const freshet_events& events) override;
  Status run() override { return Status::unsupported; }  // the timeline runs
  void finish() override { finished_ = true; }
  uint64_t now_ms() override { return kStartMs + scene_.timeline.now_us() / kMs; }
  uint64_t unix_ms() override { return kUnixStartMs + scene_.timeline.now_us() / kMs; }
  void random(std::span<uint8_t> out) override;
  void post(uint32_t shard, Task fn, void* arg) override;
  void post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) override;
  size_t pushed(std::string_view queue) const;  // jobs, ever, onto the queue of that name
  Result<uint32_t> queue_create(std::string_view name, uint32_t threads, uint32_t limit) override;
  Status queue_push(uint32_t queue, Task fn, void* arg) override;
  void respond(freshet_exchange* exchange, const freshet_response& response) override;
  void accept(freshet_exchange* exchange, const freshet_accept& accept) override;
  freshet_body* body_create(size_t size) override;
  void body_ref(freshet_body* body) override;
  void body_unref(freshet_body* body) override;
  void send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text) override;
  void close(freshet_conn* conn, uint16_t code, std::string_view reason) override;
  Status send_urgent(freshet_conn* conn, Bytes message, bool text) override;
  void close_later(freshet_conn* conn, uint16_t code, std::string_view reason,
                   uint32_t delay_ms) override;

  static constexpr uint64_t kStartMs = 1'000'000;
  static constexpr uint64_t kUnixStartMs = 1'800'000'000'000;

 private:
  struct Body;
  struct Conn;
  struct Exchange;
  struct Posted {
    Task fn;
    void* arg;
    uint32_t thread;  // it runs on
  };
  struct WorkQueue {
    std::string name;
    uint32_t threads;
    uint32_t limit;
    std::deque<Posted> waiting;
    std::vector<bool> busy;  // by thread
    size_t pushed = 0;       // ever
  };

  static uint32_t thread_of_shard(uint32_t shard) { return 1 + shard; }
  bool on_shard(uint32_t shard) const { return thread_ == thread_of_shard(shard); }
  void require(bool kept, const char* rule);
  uint64_t turn_at(uint32_t shard, uint64_t when_us) const;
  // Runs `f` as the shard, then may let it stand still for a while.
  void turn(uint32_t shard, const std::function<void()>& f);
  void run_task(uint64_t id);
  void dispatch(uint32_t queue);
  void run_job(uint32_t queue, uint32_t thread, Posted job);

  Conn* find(SocketId socket) const;
  void open(Conn& conn);
  void arrive(Conn& conn, const std::vector<uint8_t>& padded, bool text);
  void pump(Conn& conn);
  void pump_soon(Conn& conn, uint64_t delay_us);
  void finish_close(Conn& conn);
  void gone(Conn& conn);  // tells the core, once
  void tell(Conn& conn, std::function<void(Peer&)> news);
  void hold(Conn& conn, uint16_t code, std::string_view reason, uint32_t delay_ms);
  void say_held(Conn& conn, uint16_t code, const std::string& reason);
  void end_connections();

  Scene& scene_;
  const uint32_t shards_;
  const freshet_events* events_ = nullptr;
  uint32_t thread_ = kOutside;
  bool dead_ = false;
  bool finished_ = false;
  bool stopping_ = false;

  std::map<std::pair<uint32_t, uint32_t>, uint64_t> last_post_us_;  // by thread and shard
  std::vector<uint64_t> stalled_until_us_;
  std::map<uint64_t, Posted> tasks_;  // posted, not yet run
  uint64_t last_id_ = 0;
  std::vector<WorkQueue> queues_;

  std::map<SocketId, std::unique_ptr<Conn>> conns_;
  std::map<uint64_t, std::unique_ptr<Exchange>> exchanges_;
  size_t bodies_ = 0;
  size_t most_queued_bytes_ = 0;
  size_t reader_bound_ = SIZE_MAX;
  std::function<void(Peer*, Bytes)> watch_;
};

}  // namespace freshet::sim
