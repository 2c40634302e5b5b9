#include "platform-ws/loop/peer.h"

#include <boost/asio/post.hpp>
#include <chrono>

namespace freshet::ws {

// ---- one of them --------------------------------------------------------------------------------

Peer::Peer(Peers& peers, OwnedFd fd, SslPtr ssl, Seat seat)
    : stream_(peers.io_, fd.take(), std::move(ssl)), seat_(std::move(seat)), peers_(peers) {
  peers_.wiring_.metrics.sockets.add(1);
}

Peer::~Peer() { peers_.wiring_.metrics.sockets.add(-1); }

void Peer::schedule() { peers_.schedule(*this); }

std::span<uint8_t> Peer::read_buffer() { return {peers_.read_buffer_.get(), kReadBufferBytes}; }

void Peer::await_readable() {
  if (read_waits_ || dead_) return;
  read_waits_ = stream_.wait_read([this](boost::system::error_code) { read_now(); });
  if (!read_waits_) out_of_memory();
}

void Peer::await_round() {
  if (read_waits_ || dead_) return;
  peers_.read_in_round(*this);
  read_waits_ = true;
  if (!write_waits_) stream_.ignore();
}

void Peer::await_turn_to_read() {
  if (read_waits_ || dead_) return;
  peers_.read_after_others(*this);
  read_waits_ = true;
}

void Peer::read_now() {
  read_waits_ = false;
  if (dead_) return settle();
  guarded([this] { on_readable(); });
}

void Peer::await_writable() {
  if (write_waits_ || dead_) return;
  write_waits_ = stream_.wait_write([this](boost::system::error_code) {
    write_waits_ = false;
    if (dead_) return settle();
    guarded([this] { on_writable(); });
  });
  if (!write_waits_) out_of_memory();
}

void Peer::linger() {
  stream_.shutdown_write();
  await_readable();
}

void Peer::discard() {
  for (int round = 0; round < kReadsInARow; ++round) {
    const Stream::Result got = stream_.read(read_buffer());
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
  peers_.wiring_.metrics.out_of_memory.add(1);
  kill();
}

void Peer::settle() {
  if (!read_waits_ && !write_waits_) peers_.bury(*this);
}

// ---- all of a loop ------------------------------------------------------------------------------

Peers::Peers(boost::asio::io_context& io, Wiring& wiring)
    : io_(io),
      wiring_(wiring),
      read_buffer_(std::make_unique<uint8_t[]>(kReadBufferBytes + kReadAheadBytes)),
      round_timer_(io) {}

Peers::~Peers() = default;

void Peers::add(std::unique_ptr<Peer> peer) {
  wiring_.outstanding.add();
  peer->slot_ = all_.size();
  all_.push_back(std::move(peer));
}

void Peers::schedule(Peer& peer) {
  if (!peer.scheduled_) {
    peer.scheduled_ = true;
    scheduled_.push_back(&peer);
  }
  if (turn_posted_) return;
  turn_posted_ = true;
  // Comes after everything that this turn of the loop found ready: by then all of it is queued.
  boost::asio::post(io_, [this] { turn(); });
}

void Peers::read_in_round(Peer& peer) {
  in_round_.push_back(&peer);
  if (in_round_.size() > 1) return;
  round_timer_.expires_after(std::chrono::nanoseconds(kReadRoundNs));
  round_timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) round();
  });
}

void Peers::round() {
  to_read_.insert(to_read_.end(), in_round_.begin(), in_round_.end());
  in_round_.clear();
  if (!reading_posted_) read_some();
}

void Peers::read_after_others(Peer& peer) {
  to_read_.push_back(&peer);
  if (!reading_posted_) post_reading();
}

// Behind what is ready by now, and behind it the loop looks for what has come meanwhile.
void Peers::post_reading() {
  boost::asio::post(io_, [this] {
    reading_posted_ = false;
    read_some();
  });
  reading_posted_ = true;
}

// However many send without a pause, who speaks up now and then waits for a few of them only.
void Peers::read_some() {
  const uint64_t until_ns = monotonic_ns() + kReadingTurnNs;
  while (!to_read_.empty() && monotonic_ns() < until_ns) {
    Peer& next = *to_read_.front();
    to_read_.pop_front();
    next.read_now();
  }
  if (!to_read_.empty() && !reading_posted_) post_reading();
}

void Peers::bury(Peer& peer) {
  if (peer.buried_) return;
  peer.buried_ = true;
  buried_.push_back(&peer);
  schedule(peer);
}

void Peers::turn() {
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
    std::swap(all_[slot], all_.back());
    all_[slot]->slot_ = slot;
    all_.pop_back();
    wiring_.outstanding.done();
  }
}

}  // namespace freshet::ws
