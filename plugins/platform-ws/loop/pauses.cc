#include "platform-ws/loop/pauses.h"

#include <algorithm>
#include <chrono>

namespace freshet::ws {

void Pauses::add(Peer& peer, uint64_t until_ms) {
  const auto added = all_.insert({until_ms, &peer}).first;
  if (added == all_.begin()) wait();
}

void Pauses::wait() {
  const uint64_t now_ms = monotonic_ms();
  const uint64_t until_ms = all_.begin()->first;
  timer_.expires_after(std::chrono::milliseconds(until_ms - std::min(until_ms, now_ms)));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) end_due();
  });
}

void Pauses::end_due() {
  const uint64_t now_ms = monotonic_ms();
  while (!all_.empty() && all_.begin()->first <= now_ms) {
    Peer& next = *all_.begin()->second;
    next.guarded([&] { next.resume(); });
  }
  if (!all_.empty()) wait();
}

}  // namespace freshet::ws
