// peer.h: a socket on a loop, whatever it speaks; and all of one loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "platform-ws/limits.h"
#include "platform-ws/socket/admission.h"
#include "platform-ws/socket/listener.h"
#include "platform-ws/socket/stream.h"
#include "platform-ws/socket/write_queue.h"
#include "platform-ws/wiring/wiring.h"

namespace freshet::ws {

class Peers;

// Owned by the Peers of its loop, touched on its loop only. Asio's waits hold a plain pointer to
// it: it stays until they have come back, and is destroyed between two turns of the loop, so no
// function of a peer ever returns into one that is gone.
class Peer {
 public:
  Peer(Peers& peers, OwnedFd fd, SslPtr ssl, Seat seat);
  virtual ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Once, at the end of a loop turn, after schedule().
  virtual void on_turn() = 0;
  // Time-outs. Called about every WsSettings::sweep_ms().
  virtual void tick(uint64_t now_ms) = 0;
  // The core has finished: end, with what is queued if that goes quickly.
  virtual void finish() = 0;
  // The server stops: whoever has nothing at hand goes.
  virtual void on_stopping() {}
  // It may be read again; see Pauses.
  virtual void resume() {}
  // End now.
  virtual void kill() = 0;

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

  // on_turn() at the end of this loop turn.
  void schedule();
  // For one read at a time, with kReadAheadBytes behind it.
  std::span<uint8_t> read_buffer();
  void await_readable();
  // on_readable() with the loop's next round, whether there is anything to read or not.
  void await_round();
  // The same once the others have had their turn.
  void await_turn_to_read();
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

  Stream stream_;
  Seat seat_;
  WriteQueue queue_;

 private:
  friend class Peers;
  void read_now();
  void settle();
  void out_of_memory();

  Peers& peers_;

  bool read_waits_ = false, write_waits_ = false, dead_ = false;
  bool scheduled_ = false, buried_ = false;  // in a list of the peers'
  size_t slot_ = 0;                          // in the list of all
};

// The peers of one loop, which it owns, and what they share. On the loop only.
class Peers {
 public:
  Peers(boost::asio::io_context& io, Wiring& wiring);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  // Counted as outstanding until it has gone.
  void add(std::unique_ptr<Peer> peer);
  // All that are not dead. Peers leave only between two turns of the loop, and those that come are
  // added at the end.
  template <class F>
  void for_each(F&& f) {
    for (size_t i = 0; i < all_.size(); ++i) {
      if (!all_[i]->dead_) f(*all_[i]);
    }
  }

 private:
  friend class Peer;
  void schedule(Peer& peer);
  void read_in_round(Peer& peer);
  void read_after_others(Peer& peer);
  void bury(Peer& peer);
  void turn();
  void round();
  void post_reading();
  void read_some();

  boost::asio::io_context& io_;
  Wiring& wiring_;
  const std::unique_ptr<uint8_t[]> read_buffer_;
  std::vector<std::unique_ptr<Peer>> all_;
  std::vector<Peer*> scheduled_, running_, buried_;
  bool turn_posted_ = false;
  std::vector<Peer*> in_round_;
  boost::asio::steady_timer round_timer_;
  std::deque<Peer*> to_read_;
  bool reading_posted_ = false;
};

}  // namespace freshet::ws
