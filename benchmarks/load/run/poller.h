// poller.h: which sockets are ready, by epoll.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

namespace freshet::load {

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // `owner` is what wait() gives back. A socket leaves when it is closed.
  void add(int fd, uint32_t events, void* owner);
  void change(int fd, uint32_t events, void* owner);
  // Waits no longer than `timeout_ns`, to the microsecond.
  std::span<const epoll_event> wait(int64_t timeout_ns);

 private:
  int fd_;
  std::array<epoll_event, 512> ready_;
};

}  // namespace freshet::load
