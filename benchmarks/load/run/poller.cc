#include "poller.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace freshet::load {

Poller::Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)), ready_{} {
  // Else the kernel lets a sleeper lie for 50 µs more.
  prctl(PR_SET_TIMERSLACK, 1000UL);
}

Poller::~Poller() { close(fd_); }

void Poller::add(int fd, uint32_t events, void* owner) {
  epoll_event event{.events = events, .data = {.ptr = owner}};
  epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
}

void Poller::change(int fd, uint32_t events, void* owner) {
  epoll_event event{.events = events, .data = {.ptr = owner}};
  epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event);
}

std::span<const epoll_event> Poller::wait(int64_t timeout_ns) {
  const int64_t bounded = std::max<int64_t>(timeout_ns, 0);
  const timespec timeout{.tv_sec = bounded / 1'000'000'000, .tv_nsec = bounded % 1'000'000'000};
  const int count =
      epoll_pwait2(fd_, ready_.data(), static_cast<int>(ready_.size()), &timeout, nullptr);
  return {ready_.data(), static_cast<size_t>(std::max(count, 0))};
}

}  // namespace freshet::load
