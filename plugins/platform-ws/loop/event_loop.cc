#include "platform-ws/loop/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "platform-ws/loop/connection.h"
#include "platform-ws/loop/exchange.h"
#include "platform-ws/loop/http_connection.h"

namespace freshet::ws {

namespace net = boost::asio;

// ---- peer ---------------------------------------------------------------------------------------

Peer::Peer(EventLoop& loop, OwnedFd fd, SslPtr ssl, Seat seat)
    : loop_(loop), stream_(loop.io(), fd.take(), std::move(ssl)), seat_(std::move(seat)) {
  loop_.wiring().metrics.sockets.add(1);
}

Peer::~Peer() { loop_.wiring().metrics.sockets.add(-1); }

void Peer::await_readable() {
  if (read_waits_ || dead_) return;
  read_waits_ = true;
  stream_.wait_read([this](boost::system::error_code) {
    read_waits_ = false;
    if (dead_) return settle();
    guarded([this] { on_readable(); });
  });
}

void Peer::await_writable() {
  if (write_waits_ || dead_) return;
  write_waits_ = true;
  stream_.wait_write([this](boost::system::error_code) {
    write_waits_ = false;
    if (dead_) return settle();
    guarded([this] { on_writable(); });
  });
}

void Peer::linger() {
  stream_.shutdown_write();
  await_readable();
}

void Peer::discard() {
  for (int round = 0; round < kReadRounds; ++round) {
    const Stream::Result got = stream_.read(loop_.read_buffer());
    if (got.outcome == Stream::Outcome::done) continue;
    if (got.outcome == Stream::Outcome::wait_read) break;
    return die();
  }
  await_readable();
}

void Peer::die() {
  if (dead_) return;
  dead_ = true;
  stream_.close();
  settle();
}

void Peer::out_of_memory() {
  loop_.wiring().metrics.out_of_memory.add(1);
  kill();
}

void Peer::settle() {
  if (!read_waits_ && !write_waits_) loop_.bury(*this);
}

// ---- event loop ---------------------------------------------------------------------------------

EventLoop::EventLoop(uint32_t index, Wiring& wiring)
    : index_(index),
      wiring_(wiring),
      stay_(net::make_work_guard(io_)),
      sweep_timer_(io_),
      thread_(std::this_thread::get_id()),
      read_buffer_(std::make_unique<uint8_t[]>(kReadBufferBytes + kReadAheadBytes)),
      held_closes_((wiring.settings.held_closes + wiring.settings.shards - 1) /
                   wiring.settings.shards) {}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  thread_ = std::this_thread::get_id();
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

namespace {

// However it ended.
struct Done {
  Outstanding& outstanding;
  ~Done() { outstanding.done(); }
};

}  // namespace

template <class F>
void EventLoop::post_counted(F&& f) {
  wiring_.outstanding.add();
  net::post(io_, [this, f = std::forward<F>(f)]() mutable {
    const Done done{wiring_.outstanding};
    f();
  });
}

void EventLoop::post(void (*task)(void*), void* arg) {
  post_counted([this, task, arg] { run_task(wiring_.host, task, arg); });
}

void EventLoop::post_after(uint32_t delay_ms, void (*task)(void*), void* arg) {
  auto timer = std::make_unique<net::steady_timer>(io_, std::chrono::milliseconds(delay_ms));
  net::steady_timer& waiting = *timer;
  waiting.async_wait([this, task, arg, timer = std::move(timer)](boost::system::error_code ec) {
    if (!ec) run_task(wiring_.host, task, arg);
  });
}

void EventLoop::accept(OwnedFd fd, SslPtr ssl, Seat seat, const PeerAddress& peer, uint32_t role) {
  post_counted([this, fd = std::move(fd), ssl = std::move(ssl), seat = std::move(seat), peer,
                role]() mutable {
    if (finishing_) return;
    auto http = std::make_unique<HttpConnection>(*this, std::move(fd), std::move(ssl),
                                                 std::move(seat), peer, role);
    HttpConnection& added = *http;
    add(std::move(http));
    added.guarded([&] { added.start(); });
  });
}

void EventLoop::arrive(Arrival arrival) {
  post_counted([this, arrival = std::move(arrival)]() mutable {
    auto connection = std::make_unique<Connection>(*this, arrival);
    Connection& added = *connection;
    add(std::move(connection));
    added.guarded([&] { added.start(arrival); });
    if (stopping_) added.on_stopping();
    if (finishing_) added.finish();
    if (killing_) added.kill();
  });
}

void EventLoop::begin_stopping() {
  post_counted([this] {
    stopping_ = true;
    for_each_peer([](Peer& peer) { peer.on_stopping(); });
  });
}

void EventLoop::begin_finish() {
  post_counted([this] {
    stopping_ = finishing_ = true;
    for_each_peer([](Peer& peer) { peer.finish(); });
  });
}

void EventLoop::kill_all() {
  post_counted([this] {
    stopping_ = finishing_ = killing_ = true;
    for_each_peer([](Peer& peer) { peer.kill(); });
  });
}

// Peers leave the list only in turn(), and those that come are added at its end.
template <class F>
void EventLoop::for_each_peer(F&& f) {
  for (size_t i = 0; i < peers_.size(); ++i) f(*peers_[i]);
}

Peer& EventLoop::add(std::unique_ptr<Peer> peer) {
  wiring_.outstanding.add();
  peer->slot_ = peers_.size();
  peers_.push_back(std::move(peer));
  return *peers_.back();
}

void EventLoop::schedule(Peer& peer) {
  if (!peer.scheduled_) {
    peer.scheduled_ = true;
    scheduled_.push_back(&peer);
  }
  if (turn_posted_) return;
  turn_posted_ = true;
  // Comes after everything that this turn of the loop found ready: by then all of it is queued.
  net::post(io_, [this] { turn(); });
}

void EventLoop::bury(Peer& peer) {
  if (peer.buried_) return;
  peer.buried_ = true;
  buried_.push_back(&peer);
  schedule(peer);
}

void EventLoop::turn() {
  turn_posted_ = false;
  running_.swap(scheduled_);
  for (Peer* peer : running_) {
    peer->scheduled_ = false;
    peer->guarded([peer] { peer->on_turn(); });
  }
  running_.clear();
  std::vector<Peer*> graves;
  graves.swap(buried_);
  for (Peer* peer : graves) {
    if (peer->scheduled_) {  // its own last turn is still to come
      buried_.push_back(peer);
      continue;
    }
    const size_t slot = peer->slot_;
    std::swap(peers_[slot], peers_.back());
    peers_[slot]->slot_ = slot;
    peers_.pop_back();
    wiring_.outstanding.done();
  }
}

void EventLoop::sweep() {
  const uint64_t now_ms = monotonic_ms();
  for_each_peer([&](Peer& peer) { peer.guarded([&] { peer.tick(now_ms); }); });
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
