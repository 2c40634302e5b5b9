// stream.h: one peer's socket, plain or TLS, that never blocks.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <span>
#include <utility>

#include "platform-ws/socket/write_queue.h"

namespace freshet::ws {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

// Reads and writes are tried at once and say what to wait for; Asio does the waiting. So no buffer
// belongs to an idle peer, and what is written needs to live for the length of a call only.
class Stream {
 public:
  enum class Outcome { done, wait_read, wait_write, ended, failed };
  struct Result {
    Outcome outcome;
    size_t size = 0;  // when done
  };

  // Takes `fd` over; none: -1.
  Stream(boost::asio::io_context& loop, int fd, SslPtr ssl)
      : socket_(loop), fd_(fd), ssl_(std::move(ssl)) {}
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Result read(std::span<uint8_t> into);
  // One system call with as much as fits; takes from `from` what has left.
  Result write(WriteQueue& from);
  // Bytes that were received and are still inside the TLS layer: no wait will report them.
  bool has_more() const { return ssl_ != nullptr && SSL_has_pending(ssl_.get()) != 0; }

  // False: the system can watch no more sockets, and nothing waits.
  template <class Callback>
  [[nodiscard]] bool wait_read(Callback&& callback) {
    if (!watch()) return false;
    socket_.async_wait(Descriptor::wait_read, std::forward<Callback>(callback));
    return true;
  }
  template <class Callback>
  [[nodiscard]] bool wait_write(Callback&& callback) {
    if (!watch()) return false;
    socket_.async_wait(Descriptor::wait_write, std::forward<Callback>(callback));
    return true;
  }

  // What arrives wakes nobody, until the next wait. REQUIRES: nothing waits.
  void ignore() {
    if (socket_.is_open()) socket_.release();
  }

  bool is_open() const { return fd_ >= 0; }
  bool is_tls() const { return ssl_ != nullptr; }
  // No more of ours will come; the peer may still be sending.
  void shutdown_write();
  // Waiting callbacks are called with operation_aborted.
  void close();
  // Gives the socket up, to live on as another stream. REQUIRES: is_open(), nothing waits.
  std::pair<int, SslPtr> release() {
    ignore();
    return {std::exchange(fd_, -1), std::move(ssl_)};
  }

 private:
  using Descriptor =
      boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  Result tls_outcome(int returned) const;
  bool watch();

  Descriptor socket_;  // closed while nobody waits for fd_
  int fd_;
  SslPtr ssl_;
};

}  // namespace freshet::ws
