#include "platform-ws/loop/event_loop.h"

#include <chrono>
#include <utility>

#include "platform-ws/loop/exchange.h"

namespace freshet::ws {

namespace net = boost::asio;

EventLoop::EventLoop(uint32_t index, Wiring& wiring)
    : index_(index),
      wiring_(wiring),
      stay_(net::make_work_guard(io_)),
      sweep_timer_(io_),
      beat_timer_(io_),
      thread_(std::this_thread::get_id()),
      held_closes_((wiring.settings.held_closes + wiring.settings.shards - 1) /
                   wiring.settings.shards),
      pauses_(io_),
      peers_(io_, wiring) {}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  thread_ = std::this_thread::get_id();
  beat();
  sweep();
  for (bool ended = false; !ended;) {
    try {
      io_.run();
      ended = true;
    } catch (const std::bad_alloc&) {
      // What this was about is lost; everything else goes on.
      wiring_.metrics.out_of_memory.add(1);
    }
  }
  report();
}

void EventLoop::post(void (*task)(void*), void* arg) {
  post([this, task, arg] { run_task(wiring_.host, task, arg); });
}

void EventLoop::post_after(uint32_t delay_ms, void (*task)(void*), void* arg) {
  auto timer = std::make_unique<net::steady_timer>(io_, std::chrono::milliseconds(delay_ms));
  net::steady_timer& waiting = *timer;
  waiting.async_wait([this, task, arg, timer = std::move(timer)](boost::system::error_code ec) {
    if (!ec) run_task(wiring_.host, task, arg);
  });
}

void EventLoop::begin_stopping() {
  post([this] {
    stopping_ = true;
    peers_.for_each([](Peer& peer) { peer.on_stopping(); });
  });
}

void EventLoop::begin_finish() {
  post([this] {
    stopping_ = finishing_ = true;
    peers_.for_each([](Peer& peer) { peer.finish(); });
  });
}

void EventLoop::kill_all() {
  post([this] {
    stopping_ = finishing_ = killing_ = true;
    peers_.for_each([](Peer& peer) { peer.kill(); });
  });
}

void EventLoop::catch_up(Peer& newcomer) {
  if (stopping_) newcomer.on_stopping();
  if (finishing_) newcomer.finish();
  if (killing_) newcomer.kill();
}

void EventLoop::beat() {
  turned_ms_.store(monotonic_ms(), std::memory_order_relaxed);
  beat_timer_.expires_after(std::chrono::milliseconds(kLoopBeatMs));
  beat_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) beat();
  });
}

void EventLoop::sweep() {
  const uint64_t now_ms = monotonic_ms();
  peers_.for_each([&](Peer& peer) { peer.guarded([&] { peer.tick(now_ms); }); });
  report();
  sweep_timer_.expires_after(std::chrono::milliseconds(settings().sweep_ms()));
  sweep_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) sweep();
  });
}

void EventLoop::report() {
  const Tally now = std::exchange(tally, {});
  wiring_.metrics.messages_in.add(now.messages_in);
  wiring_.metrics.messages_out.add(now.messages_out);
  wiring_.metrics.bytes_in.add(now.bytes_in);
  wiring_.metrics.bytes_out.add(now.bytes_out);
}

void EventLoop::keep(std::unique_ptr<Exchange> exchange) {
  exchange->slot = exchanges_.size();
  exchanges_.push_back(std::move(exchange));
}

std::unique_ptr<Exchange> EventLoop::give_up(Exchange& exchange) {
  const size_t slot = exchange.slot;
  std::swap(exchanges_[slot], exchanges_.back());
  exchanges_[slot]->slot = slot;
  std::unique_ptr<Exchange> out = std::move(exchanges_.back());
  exchanges_.pop_back();
  return out;
}

}  // namespace freshet::ws
