// event_loop.h: one event loop, its thread's memory, and the peers that live on it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "platform-ws/limits.h"
#include "platform-ws/loop/held_closes.h"
#include "platform-ws/loop/peer.h"
#include "platform-ws/socket/listener.h"
#include "platform-ws/wiring/wiring.h"

namespace freshet::ws {

class Exchange;

// What becomes a WebSocket connection on the loop where it will live.
struct Arrival {
  OwnedFd fd;  // none: the peer has gone; the core is still told of its coming and going
  SslPtr ssl;
  Seat seat;
  std::string response;  // of the handshake
  std::string leftover;  // bytes the peer sent behind its request
  void* data = nullptr;
  uint16_t close_code = 0;  // not 0: shake hands, say this, tell the core nothing
  std::string close_reason;
  uint32_t close_delay_ms = 0;
  uint32_t idle_ms = 0;  // 0: as the settings have it
  uint64_t message_bytes = 0;
};

// Everything but post() is for its own thread, or for the time before run() and after stop().
class EventLoop {
 public:
  EventLoop(uint32_t index, Wiring& wiring);
  ~EventLoop();

  // The thread's body: returns after stop().
  void run();
  void stop() { io_.stop(); }  // [any]

  // FIFO from one thread. `task` is counted as outstanding until it has run. [any]
  void post(void (*task)(void*), void* arg);
  void post_after(uint32_t delay_ms, void (*task)(void*), void* arg);

  // An accepted socket begins as HTTP. [any]
  void accept(OwnedFd fd, SslPtr ssl, Seat seat, const PeerAddress& peer, uint32_t role);
  // A WebSocket connection comes to live here. [any]
  void arrive(Arrival arrival);
  // Whoever has nothing at hand goes; answers say that the connection closes. [any]
  void begin_stopping();
  // The core has finished: all connections close. [any]
  void begin_finish();
  // All sockets close now. [any]
  void kill_all();

  // on_turn() of the peer at the end of this loop turn.
  void schedule(Peer& peer);
  void bury(Peer& peer);
  void keep(std::unique_ptr<Exchange> exchange);
  std::unique_ptr<Exchange> give_up(Exchange& exchange);

  // For one read at a time, with kReadAheadBytes behind it.
  std::span<uint8_t> read_buffer() { return {read_buffer_.get(), kReadBufferBytes}; }
  HeldCloses& held_closes() { return held_closes_; }
  boost::asio::io_context& io() { return io_; }
  uint32_t index() const { return index_; }
  Wiring& wiring() { return wiring_; }
  const WsSettings& settings() const { return wiring_.settings; }
  Events& events() { return wiring_.events; }
  bool stopping() const { return stopping_; }
  bool finishing() const { return finishing_; }
  bool on_own_thread() const { return thread_ == std::this_thread::get_id(); }

  // Counted here, without sharing a cache line, and handed to the metrics now and then.
  struct Tally {
    int64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0;
  };
  Tally tally;

 private:
  Peer& add(std::unique_ptr<Peer> peer);
  void turn();
  void sweep();
  void report();
  template <class F>
  void post_counted(F&& f);
  template <class F>
  void for_each_peer(F&& f);

  const uint32_t index_;
  Wiring& wiring_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay_;
  boost::asio::steady_timer sweep_timer_;
  std::thread::id thread_;
  std::unique_ptr<uint8_t[]> read_buffer_;
  HeldCloses held_closes_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<Peer*> scheduled_, running_, buried_;
  bool turn_posted_ = false, stopping_ = false, finishing_ = false, killing_ = false;
};

}  // namespace freshet::ws
