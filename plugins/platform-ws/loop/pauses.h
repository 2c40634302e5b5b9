// pauses.h: peers of one loop that are not read for a while, and the timer that ends it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <set>
#include <utility>

#include "platform-ws/loop/peer.h"

namespace freshet::ws {

// Touched on its loop only. The peers are the loop's: each takes itself out when it is resumed, and
// before it goes.
class Pauses {
 public:
  explicit Pauses(boost::asio::io_context& io) : timer_(io) {}

  // Peer::resume() follows once it is `until_ms`, as monotonic_ms() has it.
  void add(Peer& peer, uint64_t until_ms);
  void remove(Peer& peer, uint64_t until_ms) { all_.erase({until_ms, &peer}); }

 private:
  void wait();
  void end_due();

  std::set<std::pair<uint64_t, Peer*>> all_;  // who is next is the first
  boost::asio::steady_timer timer_;
};

}  // namespace freshet::ws
