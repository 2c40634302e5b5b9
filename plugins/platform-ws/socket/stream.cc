#include "platform-ws/socket/stream.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform-ws/limits.h"

namespace freshet::ws {

Stream::Result Stream::read(std::span<uint8_t> into) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    size_t size = 0;
    const int returned = SSL_read_ex(ssl_.get(), into.data(), into.size(), &size);
    if (returned == 1) return {Outcome::done, size};
    return tls_outcome(returned);
  }
  const ssize_t size = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
  if (size > 0) return {Outcome::done, static_cast<size_t>(size)};
  if (size == 0) return {Outcome::ended};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Outcome::wait_read};
  return {Outcome::failed};
}

Stream::Result Stream::write(WriteQueue& from) {
  if (ssl_ != nullptr) {
    // Repeating an interrupted write with at least the same bytes is what OpenSSL asks for, and
    // what peek() promises.
    std::array<uint8_t, kTlsRecordBytes> record;
    const size_t wanted = from.peek(record);
    ERR_clear_error();
    size_t size = 0;
    const int returned = SSL_write_ex(ssl_.get(), record.data(), wanted, &size);
    if (returned != 1) return tls_outcome(returned);
    from.consume(size);
    return {Outcome::done, size};
  }
  std::array<iovec, kMaxGather> pieces;
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = from.gather(pieces);
  const ssize_t size = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size >= 0) {
    from.consume(static_cast<size_t>(size));
    return {Outcome::done, static_cast<size_t>(size)};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Outcome::wait_write};
  return {Outcome::failed};
}

Stream::Result Stream::tls_outcome(int returned) const {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return {Outcome::wait_read};
    case SSL_ERROR_WANT_WRITE: return {Outcome::wait_write};
    case SSL_ERROR_ZERO_RETURN: return {Outcome::ended};
    default: return {Outcome::failed};
  }
}

void Stream::shutdown_write() {
  if (!is_open()) return;
  ERR_clear_error();
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ::shutdown(fd_, SHUT_WR);
}

void Stream::close() {
  const int fd = std::exchange(fd_, -1);
  if (fd < 0) return;
  boost::system::error_code ignored;
  if (socket_.is_open()) return static_cast<void>(socket_.close(ignored));
  ::close(fd);
}

bool Stream::watch() {
  if (socket_.is_open()) return true;
  boost::system::error_code failed;
  socket_.assign(fd_, failed);
  return !failed;
}

}  // namespace freshet::ws
