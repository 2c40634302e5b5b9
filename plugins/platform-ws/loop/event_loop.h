// event_loop.h: one event loop, its thread's memory, and the peers that live on it.
//
// A platform has one for each shard, and one aside, which is no shard: requests that come while no
// shard comes to its next turn are answered there.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "platform-ws/limits.h"
#include "platform-ws/loop/held_closes.h"
#include "platform-ws/loop/pauses.h"
#include "platform-ws/loop/peer.h"
#include "platform-ws/loop/write_meter.h"
#include "platform-ws/wiring/wiring.h"

namespace freshet::ws {

class Exchange;

// Everything but what says [any] is for its own thread, or for the time before run() and after
// stop().
class EventLoop {
 public:
  EventLoop(uint32_t index, Wiring& wiring);
  ~EventLoop();

  // The thread's body: returns after stop().
  void run();
  void stop() { io_.stop(); }  // [any]

  // FIFO from one thread. Counted as outstanding until it has run, however that ends. [any]
  template <class F>
  void post(F f) {
    wiring_.outstanding.add();
    boost::asio::post(io_, [this, f = std::move(f)]() mutable {
      const Done done{wiring_.outstanding};
      f();
    });
  }
  void post(void (*task)(void*), void* arg);
  void post_after(uint32_t delay_ms, void (*task)(void*), void* arg);

  // Whoever has nothing at hand goes; answers say that the connection closes. [any]
  void begin_stopping();
  // The core has finished: all connections close. [any]
  void begin_finish();
  // All sockets close now. [any]
  void kill_all();

  Peers& peers() { return peers_; }
  // Tells a peer that was just added what the others were told before.
  void catch_up(Peer& newcomer);
  void keep(std::unique_ptr<Exchange> exchange);
  std::unique_ptr<Exchange> give_up(Exchange& exchange);

  HeldCloses& held_closes() { return held_closes_; }
  Pauses& pauses() { return pauses_; }
  uint32_t index() const { return index_; }
  bool aside() const { return index_ == settings().shards; }
  // False: it has begun, and not come to its next turn for long. [any]
  bool turns(uint64_t now_ms) const {
    const uint64_t last = turned_ms_.load(std::memory_order_relaxed);
    return last == 0 || now_ms < last + kLoopHangsMs;
  }
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
  WriteMeter write_meter;  // of what its connections write

 private:
  struct Done {
    Outstanding& outstanding;
    ~Done() { outstanding.done(); }
  };

  void beat();
  void sweep();
  void report();

  const uint32_t index_;
  Wiring& wiring_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay_;
  boost::asio::steady_timer sweep_timer_, beat_timer_;
  std::atomic<uint64_t> turned_ms_{0};  // 0: it has not begun
  std::thread::id thread_;
  HeldCloses held_closes_;
  Pauses pauses_;
  Peers peers_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  bool stopping_ = false, finishing_ = false, killing_ = false;
};

}  // namespace freshet::ws
