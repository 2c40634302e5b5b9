// world.h: a whole platform on loopback sockets, a core of a few lines, and a client that speaks
// bytes. The client shares no code with the platform.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "freshet/testing.h"
#include "platform-ws/ws_platform.h"

namespace freshet::ws::testing {

using namespace std::chrono_literals;

// How long a test waits for what must happen. Never waited out by a test that passes.
inline constexpr auto kPatience = 20s;

// The core: echoes messages and records what it was told. Hooks replace a reaction; set them before
// the server runs. Thread-safe.
class EchoCore {
  template <class F>
  auto locked(F&& f) const {
    const std::lock_guard lock(mutex_);
    return f();
  }

 public:
  struct Request {
    std::string method, target, peer, site, body;
    std::map<std::string, std::string> headers;
    uint32_t shard, role;
    bool upgrade, movable;
  };

  EchoCore();
  void attach(Platform& platform) { platform_ = &platform; }
  const freshet_events& events() const { return events_; }
  Platform& platform() { return *platform_; }

  // Answers the default reaction gives: accept on the shard in "?shard=N", else on the request's;
  // respond 200 with the target as body.
  void accept(freshet_exchange* exchange, uint32_t shard, void* data = nullptr,
              uint16_t close_code = 0, std::string_view subprotocol = {});
  void respond(freshet_exchange* exchange, uint16_t status, std::string_view body);
  void send(freshet_conn* conn, std::string_view message, bool text = false);

  std::function<void(freshet_exchange*, const freshet_request&, uint32_t shard)> on_request;
  std::function<uint64_t(const freshet_request&)> body_limit;  // else: no limit
  std::function<void(freshet_conn*)> on_open, on_drain, on_close;
  std::function<void(freshet_conn*, Bytes, bool text)> on_message;
  std::function<void(freshet_conn*, uint16_t code, std::string reason)> on_fault;  // else: nothing
  std::function<void(freshet_accept&)> on_accept;                                  // may change it
  std::function<void()> on_stop;                                                   // else: finish()

  // Waits until `count` such calls have come; false when patience ends.
  bool wait_opened(size_t count) {
    return wait([&] { return opened_ >= count; });
  }
  bool wait_closed(size_t count) {
    return wait([&] { return closed_ >= count; });
  }
  bool wait_requests(size_t count) {
    return wait([&] { return requests_.size() >= count; });
  }
  bool wait_drained(size_t count) {
    return wait([&] { return drained_ >= count; });
  }
  size_t opened() const {
    return locked([&] { return opened_; });
  }
  size_t closed() const {
    return locked([&] { return closed_; });
  }
  size_t stops() const {
    return locked([&] { return stops_; });
  }
  Request request(size_t index) const {
    return locked([&] { return requests_.at(index); });
  }
  std::vector<std::string> messages() const {
    return locked([&] { return messages_; });
  }
  // Calls for a connection outside on_open .. on_close, or on another thread than its on_open.
  size_t broken_promises() const {
    return locked([&] { return broken_; });
  }

 private:
  bool wait(const std::function<bool()>& reached);
  void note(const std::function<void()>& change);
  void check(freshet_conn* conn);
  static EchoCore& self(void* ctx) { return *static_cast<EchoCore*>(ctx); }

  freshet_events events_{};
  Platform* platform_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  size_t opened_ = 0, closed_ = 0, drained_ = 0, stops_ = 0, broken_ = 0;
  std::vector<Request> requests_;
  std::vector<std::string> messages_;
  std::map<freshet_conn*, std::thread::id> live_;
};

// A platform that listens on 127.0.0.1 and whatever else a test names, running in a thread. Change
// `host` and `core` before start().
class World {
 public:
  World() { host.set("shards", int64_t{2}); }
  ~World();

  // The status of start(); on Status::ok the loops run.
  Status start(std::vector<std::string> listeners = {"127.0.0.1:0"});
  // Stops as a signal does, and gives what run() returned.
  Status stop();
  // Waits for run() to return by itself.
  Status ended();
  uint16_t port(size_t listener = 0) const;
  // Runs on a shard and waits for it.
  void on_shard(uint32_t shard, std::function<void()> fn);

  freshet::testing::FakeHost host{kSettings};
  EchoCore core;
  std::unique_ptr<WsPlatform> platform;
  std::function<void()> before_run;  // the server has started

 private:
  std::thread thread_;
  std::promise<Status> status_;
  std::future<Status> ended_ = status_.get_future();
};

struct Frame {
  int opcode = -1;  // -1: the stream ended
  bool fin = false;
  std::string payload;
  uint16_t close_code() const;  // 0: none
};

struct Response {
  int status = 0;  // 0: the stream ended
  std::string head, body;
  std::string header(const std::string& name) const;
};

// A blocking client. Everything it fails to do in time throws, which fails the test.
class Client {
 public:
  explicit Client(uint16_t port);  // 127.0.0.1
  static Client unix(const std::string& path);
  static Client tls(uint16_t port);
  Client(Client&&) noexcept;
  ~Client();

  // The headers of a handshake.
  static const char* const kUpgrade;

  void write(std::string_view bytes);
  std::string read(size_t size);  // shorter only at the end of the stream
  // Reads until the stream ends.
  std::string read_all();

  static std::string request(std::string_view target, std::string_view headers = "",
                             std::string_view method = "GET");
  Response get(std::string_view target, std::string_view headers = "",
               std::string_view method = "GET");
  Response response(bool with_body = true);
  // The answer to a WebSocket handshake: status 101, or why not.
  Response handshake(std::string_view target = "/", std::string_view headers = "");

  // One masked frame.
  static std::string frame(int opcode, std::string_view payload, bool fin = true);
  void send(int opcode, std::string_view payload, bool fin = true) {
    write(frame(opcode, payload, fin));
  }
  Frame receive();
  // The next frame that is no ping.
  Frame receive_data();
  // Reads on until a close frame or the end; its code.
  uint16_t receive_close();
  // SHA-256 of the server's certificate.
  std::string certificate() const;

  int fd() const { return fd_; }
  void close();
  void reset();  // so that the server sees an error, not an end

 private:
  Client() = default;
  void connect_to(const sockaddr* address, socklen_t size);

  int fd_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Writes a fresh self-signed certificate and its key.
void write_certificate(const std::string& cert_path, const std::string& key_path);

}  // namespace freshet::ws::testing
