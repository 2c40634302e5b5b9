// Connections of the simulated platform: from the handshake to the last event.
#include "sim/platform/sim_connection.h"

#include <algorithm>

namespace freshet::sim {
namespace {

constexpr size_t kBytesBehindMessage = 64;
constexpr size_t kMaxUrgentBytes = 4'096;
constexpr uint64_t kCloseBoundUs = 5 * kSecond;  // what is queued leaves first, within this

}  // namespace

SimPlatform::Conn* SimPlatform::find(SocketId socket) const {
  const auto it = conns_.find(socket);
  return it == conns_.end() ? nullptr : it->second.get();
}

size_t SimPlatform::queued_bytes(SocketId socket) const {
  const Conn* conn = find(socket);
  return conn == nullptr ? 0 : conn->queued_bytes;
}

// ---- what the peer does

SimPlatform::SocketId SimPlatform::connect(Peer& peer, const std::string& target, Movable movable,
                                           Headers headers) {
  auto owned = std::make_unique<Conn>();
  Conn& conn = *owned;
  conn.id = ++last_id_;
  conn.data = nullptr;
  conn.queued_bytes = 0;
  conn.peer = &peer;
  conns_.emplace(conn.id, std::move(owned));
  if (dead_ || stopping_ || events_ == nullptr) {
    conn.state = Conn::State::closed;
    tell(conn, [](Peer& p) { p.on_closed(1006, "", 0); });
    return conn.id;
  }
  auto request = std::make_unique<Exchange>();
  Exchange& exchange = *request;
  exchange.id = ++last_id_;
  exchange.shard = static_cast<uint32_t>(scene_.chance.below(shards_));
  exchange.conn = &conn;
  exchange.take({.target = target, .headers = std::move(headers)});
  exchange.c.upgrade = 1;
  exchange.c.movable = movable == Movable::yes ? 1 : 0;
  exchanges_.emplace(exchange.id, std::move(request));
  const uint64_t at_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  scene_.timeline.at(turn_at(exchange.shard, at_us), [this, &exchange] {
    turn(exchange.shard, [this, &exchange] {
      events_->on_request(events_->ctx, exchange.shard, exchange.handle(), &exchange.c);
    });
  });
  return conn.id;
}

void SimPlatform::send(SocketId socket, Bytes message, bool text) {
  Conn* conn = find(socket);
  if (conn == nullptr || dead_ || conn->state == Conn::State::closed) return;
  std::vector<uint8_t> padded(message.begin(), message.end());
  padded.resize(padded.size() + kBytesBehindMessage, 0xee);
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  uint64_t& last_us = conn->last_to_server_us;
  last_us = std::max(last_us, turn_at(conn->shard, due_us));
  scene_.timeline.at(last_us, [this, conn, padded = std::move(padded), text] {
    turn(conn->shard, [&] { arrive(*conn, padded, text); });
  });
}

void SimPlatform::arrive(Conn& conn, const std::vector<uint8_t>& padded, bool text) {
  // What arrives after the core has closed may still be in the read buffer, and may not.
  const bool reads = conn.state == Conn::State::open ||
                     (conn.state == Conn::State::closing && scene_.chance.percent(50));
  if (!reads) return;
  // A copy of exactly that size, so that reading past it is seen by a sanitizer.
  const auto exact = std::make_unique<uint8_t[]>(padded.size());
  std::copy(padded.begin(), padded.end(), exact.get());
  events_->on_message(events_->ctx, &conn, {exact.get(), padded.size() - kBytesBehindMessage},
                      text ? 1 : 0);
}

void SimPlatform::hang_up(SocketId socket) {
  Conn* conn = find(socket);
  if (conn == nullptr) return;
  conn->peer = nullptr;
  if (dead_ || conn->state == Conn::State::closed) return;
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  conn->last_to_server_us = std::max(conn->last_to_server_us, turn_at(conn->shard, due_us));
  scene_.timeline.at(conn->last_to_server_us, [this, conn] {
    conn->hung_up = true;
    turn(conn->shard, [&] { gone(*conn); });
  });
}

void SimPlatform::vanish(SocketId socket, uint64_t seen_after_us) {
  Conn* conn = find(socket);
  if (conn == nullptr) return;
  conn->peer = nullptr;
  conn->peer_reads = false;
  if (dead_ || conn->state == Conn::State::closed) return;
  scene_.timeline.after(seen_after_us, [this, conn] {
    conn->hung_up = true;
    turn(conn->shard, [&] { gone(*conn); });
  });
}

void SimPlatform::read_speed(SocketId socket, uint64_t bytes_per_ms) {
  Conn* conn = find(socket);
  if (conn == nullptr || dead_) return;
  conn->bytes_per_ms = bytes_per_ms;
  if (!conn->queue.empty()) pump_soon(*conn, 0);
}

// In order, and only while somebody listens.
void SimPlatform::tell(Conn& conn, std::function<void(Peer&)> news) {
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  conn.last_to_client_us = std::max(conn.last_to_client_us, due_us);
  scene_.timeline.at(conn.last_to_client_us, [&conn, news = std::move(news)] {
    if (conn.peer != nullptr) news(*conn.peer);
  });
}

// ---- what the core does

void SimPlatform::accept(freshet_exchange* handle, const freshet_accept& accept) {
  Exchange& exchange = Exchange::of(handle);
  Conn& conn = *exchange.conn;
  require(on_shard(exchange.shard), "accept is called on the shard of the request");
  require(accept.shard < shards_, "accept names a shard that is there");
  require(exchange.c.movable != 0 || accept.shard == exchange.shard,
          "accept leaves a connection that cannot move where it is");
  conn.shard = accept.shard;
  conn.data = accept.data;
  conn.state = accept.close_code != 0 ? Conn::State::closed : Conn::State::accepted;
  const std::string subprotocol(view(accept.subprotocol));
  exchanges_.erase(exchange.id);
  if (dead_) return;
  tell(conn, [subprotocol](Peer& peer) { peer.on_connected(subprotocol); });
  if (accept.close_code != 0) {
    return hold(conn, accept.close_code, view(accept.close_reason), accept.close_delay_ms);
  }
  const uint64_t moved_us = scene_.timeline.now_us() + scene_.within(scene_.weather.post);
  conn.last_to_server_us = std::max(conn.last_to_server_us, turn_at(conn.shard, moved_us));
  scene_.timeline.at(conn.last_to_server_us,
                     [this, &conn] { turn(conn.shard, [&] { open(conn); }); });
}

void SimPlatform::open(Conn& conn) {
  conn.state = Conn::State::open;
  events_->on_open(events_->ctx, &conn);
  if (conn.hung_up) gone(conn);
}

void SimPlatform::send(freshet_conn* handle, Bytes prefix, freshet_body* body, bool text) {
  if (dead_) return;
  Conn& conn = *static_cast<Conn*>(handle);
  require(on_shard(conn.shard), "send is called on the shard of the connection");
  require(conn.state != Conn::State::closed, "a connection is not used after on_close");
  if (conn.state != Conn::State::open) return;
  if (conn.queued_bytes > reader_bound_) {
    scene_.verdict.broke(Broken::reader_bound, std::to_string(conn.queued_bytes) +
                                                   " bytes wait for a reader, and it gets more");
  }
  body_ref(body);
  conn.queue.push_back({{prefix.begin(), prefix.end()}, body, text});
  conn.queued_bytes += conn.queue.back().size();
  most_queued_bytes_ = std::max(most_queued_bytes_, conn.queued_bytes);
  if (watch_) {
    std::vector<uint8_t> whole(prefix.begin(), prefix.end());
    whole.insert(whole.end(), body->data, body->data + body->size);
    watch_(conn.peer, whole);
  }
  pump_soon(conn, 0);
}

// Whole messages leave here, so there is none to cut into.
Status SimPlatform::send_urgent(freshet_conn* handle, Bytes message, bool text) {
  if (dead_) return Status::ok;
  Conn& conn = *static_cast<Conn*>(handle);
  require(on_shard(conn.shard), "send_urgent is called on the shard of the connection");
  require(conn.state != Conn::State::closed, "a connection is not used after on_close");
  if (conn.state != Conn::State::open) return Status::ok;
  const auto behind = std::ranges::find(conn.queue, false, &Conn::Outgoing::urgent);
  size_t waiting = message.size();
  for (auto it = conn.queue.begin(); it != behind; ++it) waiting += it->size();
  if (waiting > kMaxUrgentBytes) return Status::limit;
  freshet_body* body = body_create(message.size());
  std::ranges::copy(message, body->data);
  conn.queue.insert(behind, Conn::Outgoing{{}, body, text, true});
  conn.queued_bytes += message.size();
  if (watch_) watch_(conn.peer, message);
  pump_soon(conn, 0);
  return Status::ok;
}

void SimPlatform::pump_soon(Conn& conn, uint64_t delay_us) {
  if (conn.pump_pending) return;
  conn.pump_pending = true;
  const uint64_t due_us = turn_at(conn.shard, scene_.timeline.now_us() + delay_us);
  scene_.timeline.at(due_us, [this, &conn] {
    turn(conn.shard, [&] {
      conn.pump_pending = false;
      pump(conn);
    });
  });
}

// What was queued in one turn leaves at once for a fast reader; a slow one takes it in pieces.
void SimPlatform::pump(Conn& conn) {
  if (conn.state == Conn::State::closed || conn.held || !conn.peer_reads || conn.bytes_per_ms == 0)
    return;
  constexpr size_t kSocketBufferBytes = 2'048;  // taken at once from a queue, even of a slow reader
  size_t taken = 0;
  while (!conn.queue.empty() && (conn.bytes_per_ms == UINT64_MAX || taken < kSocketBufferBytes)) {
    const Conn::Outgoing out = std::move(conn.queue.front());
    conn.queue.pop_front();
    std::vector<uint8_t> whole = out.prefix;
    whole.insert(whole.end(), out.body->data, out.body->data + out.body->size);
    conn.queued_bytes -= whole.size();
    taken += whole.size();
    body_unref(out.body);
    tell(conn,
         [whole = std::move(whole), text = out.text](Peer& peer) { peer.on_message(whole, text); });
  }
  if (!conn.queue.empty()) return pump_soon(conn, kMs * (1 + taken / conn.bytes_per_ms));
  if (conn.state == Conn::State::closing) return finish_close(conn);
  if (taken != 0) events_->on_drain(events_->ctx, &conn);
}

void SimPlatform::close(freshet_conn* handle, uint16_t code, std::string_view reason) {
  if (dead_) return;
  Conn& conn = *static_cast<Conn*>(handle);
  require(on_shard(conn.shard), "close is called on the shard of the connection");
  require(conn.state != Conn::State::closed, "a connection is not used after on_close");
  if (conn.state != Conn::State::open) return;
  conn.state = Conn::State::closing;
  conn.close_code = code;
  conn.close_reason = reason;
  pump_soon(conn, 0);
  scene_.timeline.after(kCloseBoundUs,
                        [this, &conn] { turn(conn.shard, [&] { finish_close(conn); }); });
}

void SimPlatform::close_later(freshet_conn* handle, uint16_t code, std::string_view reason,
                              uint32_t delay_ms) {
  if (dead_) return;
  Conn& conn = *static_cast<Conn*>(handle);
  require(on_shard(conn.shard), "close_later is called on the shard of the connection");
  require(conn.state != Conn::State::closed, "a connection is not used after on_close");
  if (conn.state != Conn::State::open) return;
  conn.state = Conn::State::closing;
  hold(conn, code, reason, delay_ms);
  // What is queued leaves first.
  const uint64_t due_us = turn_at(conn.shard, scene_.timeline.now_us());
  scene_.timeline.at(due_us, [this, &conn] {
    turn(conn.shard, [&] {
      while (!conn.queue.empty() && conn.peer_reads) {
        const Conn::Outgoing out = std::move(conn.queue.front());
        conn.queue.pop_front();
        std::vector<uint8_t> whole = out.prefix;
        whole.insert(whole.end(), out.body->data, out.body->data + out.body->size);
        body_unref(out.body);
        tell(conn, [whole = std::move(whole), text = out.text](Peer& peer) {
          peer.on_message(whole, text);
        });
      }
      gone(conn);
    });
  });
}

void SimPlatform::hold(Conn& conn, uint16_t code, std::string_view reason, uint32_t delay_ms) {
  conn.held = true;
  scene_.timeline.after(delay_ms * kMs, [this, &conn, code, text = std::string(reason)] {
    say_held(conn, code, text);
  });
}

void SimPlatform::say_held(Conn& conn, uint16_t code, const std::string& reason) {
  if (!std::exchange(conn.held, false) || dead_ || !conn.peer_reads) return;
  tell(conn, [code, reason](Peer& peer) { peer.on_closed(code, reason, 0); });
}

void SimPlatform::fault(SocketId socket, uint16_t code, const std::string& reason) {
  Conn* conn = find(socket);
  if (conn == nullptr || dead_ || conn->state != Conn::State::open) return;
  turn(conn->shard, [&] {
    events_->on_fault(events_->ctx, conn, code, to_c(std::string_view(reason)));
    if (conn->state == Conn::State::open) close(conn, code, reason);
  });
}

void SimPlatform::finish_close(Conn& conn) {
  if (conn.state != Conn::State::closing || conn.held) return;
  if (conn.peer_reads) {
    tell(conn, [code = conn.close_code, reason = conn.close_reason](Peer& peer) {
      peer.on_closed(code, reason, 0);
    });
  }
  gone(conn);
}

void SimPlatform::gone(Conn& conn) {
  // Before on_open there is nobody to tell; open() looks again.
  if (conn.state != Conn::State::open && conn.state != Conn::State::closing) return;
  conn.state = Conn::State::closed;
  for (const Conn::Outgoing& out : conn.queue) body_unref(out.body);
  conn.queue.clear();
  conn.queued_bytes = 0;
  as_thread(thread_of_shard(conn.shard), [&] { events_->on_close(events_->ctx, &conn); });
}

}  // namespace freshet::sim
