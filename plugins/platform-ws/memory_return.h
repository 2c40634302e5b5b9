// memory_return.h: gives memory that the process has freed back to the system.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>

namespace freshet::ws {

// The allocator keeps what lies between things that are still in use, for ever if nobody asks: a
// server that once had a bad minute would look like one that leaks. Asking takes a look at all that
// is free, so it is done when it brings something: when much more is resident than is in use. What
// is large never gets between other things, and goes back when it is freed.
class MemoryReturn {
 public:
  // `main` is where it is done: a thread that has little else to do.
  explicit MemoryReturn(boost::asio::io_context& main);

  // Looks every kMemoryLookMs.
  void start();
  void look();

 private:
  boost::asio::steady_timer timer_;
  size_t kept_bytes_ = 0;  // that the last time did not bring back
};

}  // namespace freshet::ws
