// peer.h: a socket on a loop, whatever it speaks.
#pragma once

#include <cstdint>
#include <new>
#include <utility>

#include "platform-ws/socket/admission.h"
#include "platform-ws/socket/listener.h"
#include "platform-ws/socket/stream.h"
#include "platform-ws/socket/write_queue.h"

namespace freshet::ws {

class EventLoop;

// Owned by its loop, touched on its loop only. Asio's waits hold a plain pointer to it: it stays
// until they have come back, and is destroyed between two turns of the loop, so no function of a
// peer ever returns into one that is gone.
class Peer {
 public:
  Peer(EventLoop& loop, OwnedFd fd, SslPtr ssl, Seat seat);
  virtual ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Once, at the end of a loop turn, after loop().schedule(*this).
  virtual void on_turn() = 0;
  // Time-outs. Called about every WsSettings::sweep_ms().
  virtual void tick(uint64_t now_ms) = 0;
  // The core has finished: end, with what is queued if that goes quickly.
  virtual void finish() = 0;
  // The server stops: whoever has nothing at hand goes.
  virtual void on_stopping() {}
  // End now.
  virtual void kill() = 0;

  EventLoop& loop() const { return loop_; }

  // Runs `f`, which is about this peer and no other: if memory runs out in it, the peer goes.
  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (const std::bad_alloc&) {
      out_of_memory();
    }
  }

 protected:
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;

  void await_readable();
  void await_writable();
  // Our side is done: the peer hears it, and what it still sends is read and thrown away, so that a
  // reset does not overtake our last bytes.
  void linger();
  // For on_readable() while lingering.
  void discard();
  // Closes the socket. The peer is destroyed when its waits are back.
  void die();
  bool dead() const { return dead_; }
  bool waits_to_write() const { return write_waits_; }

  EventLoop& loop_;
  Stream stream_;
  Seat seat_;
  WriteQueue queue_;

 private:
  friend class EventLoop;
  void settle();
  void out_of_memory();

  bool read_waits_ = false, write_waits_ = false, dead_ = false;
  bool scheduled_ = false, buried_ = false;  // in a list of the loop's
  size_t slot_ = 0;                          // in the loop's peers
};

}  // namespace freshet::ws
