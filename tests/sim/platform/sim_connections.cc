#include "sim/platform/sim_connections.h"

#include <algorithm>

#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

constexpr size_t kBytesBehindMessage = 64;
constexpr size_t kMaxUrgentBytes = 4'096;
constexpr uint64_t kReadTogetherPercent = 30;
constexpr uint64_t kCloseBoundUs = 5 * kSecond;  // what is queued leaves first, within this

}  // namespace

SimConnection* SimConnections::find(SocketId socket) const {
  const auto it = conns_.find(socket);
  return it == conns_.end() ? nullptr : it->second.get();
}

size_t SimConnections::queued_bytes(SocketId socket) const {
  const SimConnection* conn = find(socket);
  return conn == nullptr ? 0 : conn->queued_bytes;
}

// ---- what the peer does

SimConnection& SimConnections::add(Peer& peer) {
  auto owned = std::make_unique<SimConnection>();
  SimConnection& conn = *owned;
  conn.id = ++last_id_;
  conn.data = nullptr;
  conn.queued_bytes = 0;
  conn.peer = &peer;
  conns_.emplace(conn.id, std::move(owned));
  return conn;
}

void SimConnections::refuse(SimConnection& conn, uint16_t status) {
  conn.state = SimConnection::State::closed;
  tell(conn, [status](Peer& p) { p.on_closed(1006, "", status); });
}

void SimConnections::send(SocketId socket, Bytes message, bool text) {
  SimConnection* conn = find(socket);
  if (conn == nullptr || threads_.dead() || conn->state == SimConnection::State::closed) return;
  std::vector<uint8_t> padded(message.begin(), message.end());
  padded.resize(padded.size() + kBytesBehindMessage, 0xee);
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  uint64_t& last_us = conn->last_to_server_us;
  last_us = std::max(last_us, threads_.turn_at(conn->shard, due_us));
  scene_.timeline.at(last_us, [this, conn, padded = std::move(padded), text] {
    read(*conn, [this, conn, padded, text] { arrive(*conn, padded, text); });
  });
}

void SimConnections::read(SimConnection& conn, std::function<void()> event) {
  const bool paused = scene_.timeline.now_us() < conn.paused_until_us;
  // What came in one read with the message before comes with it.
  const bool waits =
      !conn.unread.empty() || (paused && !scene_.chance.percent(kReadTogetherPercent));
  if (!waits) return threads_.turn(conn.shard, event);
  conn.unread.push_back(std::move(event));
}

void SimConnections::read_on(SimConnection& conn) {
  const auto waits = [&] {
    return conn.unread.empty() || scene_.timeline.now_us() < conn.paused_until_us;
  };
  if (waits()) return;
  do {
    const auto event = std::move(conn.unread.front());
    conn.unread.pop_front();
    threads_.turn(conn.shard, event);
  } while (!conn.unread.empty() && scene_.chance.percent(kReadTogetherPercent));
  if (!waits()) read_soon(conn);
}

void SimConnections::read_soon(SimConnection& conn) {
  const uint64_t due_us = threads_.turn_at(conn.shard, scene_.timeline.now_us());
  scene_.timeline.at(due_us, [this, &conn] { read_on(conn); });
}

void SimConnections::arrive(SimConnection& conn, const std::vector<uint8_t>& padded, bool text) {
  // What arrives after the core has closed may still be in the read buffer, and may not.
  const bool reads = conn.state == SimConnection::State::open ||
                     (conn.state == SimConnection::State::closing && scene_.chance.percent(50));
  if (!reads) return;
  // A copy of exactly that size, so that reading past it is seen by a sanitizer.
  const auto exact = std::make_unique<uint8_t[]>(padded.size());
  std::copy(padded.begin(), padded.end(), exact.get());
  events_->on_message(events_->ctx, &conn, {exact.get(), padded.size() - kBytesBehindMessage},
                      text ? 1 : 0);
}

void SimConnections::hang_up(SocketId socket) {
  SimConnection* conn = find(socket);
  if (conn == nullptr) return;
  conn->peer = nullptr;
  if (threads_.dead() || conn->state == SimConnection::State::closed) return;
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  conn->last_to_server_us =
      std::max(conn->last_to_server_us, threads_.turn_at(conn->shard, due_us));
  scene_.timeline.at(conn->last_to_server_us, [this, conn] {
    read(*conn, [this, conn] {
      conn->hung_up = true;
      gone(*conn);
    });
  });
}

void SimConnections::vanish(SocketId socket, uint64_t seen_after_us) {
  SimConnection* conn = find(socket);
  if (conn == nullptr) return;
  conn->peer = nullptr;
  conn->peer_reads = false;
  if (threads_.dead() || conn->state == SimConnection::State::closed) return;
  scene_.timeline.after(seen_after_us, [this, conn] {
    conn->hung_up = true;
    threads_.turn(conn->shard, [this, conn] { gone(*conn); });
  });
}

void SimConnections::read_speed(SocketId socket, uint64_t bytes_per_ms) {
  SimConnection* conn = find(socket);
  if (conn == nullptr || threads_.dead()) return;
  conn->bytes_per_ms = bytes_per_ms;
  if (!conn->queue.empty()) pump_soon(*conn, 0);
}

// In order, and only while somebody listens.
void SimConnections::tell(SimConnection& conn, std::function<void(Peer&)> news) {
  const uint64_t due_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  conn.last_to_client_us = std::max(conn.last_to_client_us, due_us);
  scene_.timeline.at(conn.last_to_client_us, [&conn, news = std::move(news)] {
    if (conn.peer != nullptr) news(*conn.peer);
  });
}

// ---- what the core does

void SimConnections::accept(SimConnection& conn, const freshet_accept& accept) {
  conn.shard = accept.shard;
  conn.data = accept.data;
  conn.state =
      accept.close_code != 0 ? SimConnection::State::closed : SimConnection::State::accepted;
  const std::string subprotocol(view(accept.subprotocol));
  if (threads_.dead()) return;
  tell(conn, [subprotocol](Peer& peer) { peer.on_connected(subprotocol); });
  if (accept.close_code != 0) {
    return hold(conn, accept.close_code, view(accept.close_reason), accept.close_delay_ms);
  }
  const uint64_t moved_us = scene_.timeline.now_us() + scene_.within(scene_.weather.post);
  conn.last_to_server_us = std::max(conn.last_to_server_us, threads_.turn_at(conn.shard, moved_us));
  scene_.timeline.at(conn.last_to_server_us,
                     [this, &conn] { threads_.turn(conn.shard, [this, &conn] { open(conn); }); });
}

void SimConnections::open(SimConnection& conn) {
  conn.state = SimConnection::State::open;
  events_->on_open(events_->ctx, &conn);
  if (conn.hung_up) gone(conn);
}

void SimConnections::send(freshet_conn* handle, Bytes prefix, freshet_body* body, bool text) {
  if (threads_.dead()) return;
  SimConnection& conn = *static_cast<SimConnection*>(handle);
  threads_.require(threads_.on_shard(conn.shard), "send is called on the shard of the connection");
  threads_.require(conn.state != SimConnection::State::closed,
                   "a connection is not used after on_close");
  if (conn.state != SimConnection::State::open) return;
  if (conn.queued_bytes > reader_bound_) {
    scene_.verdict.broke(Broken::reader_bound, std::to_string(conn.queued_bytes) +
                                                   " bytes wait for a reader, and it gets more");
  }
  bodies_.ref(body);
  conn.queue.push_back({{prefix.begin(), prefix.end()}, body, text});
  conn.queued_bytes += conn.queue.back().size();
  most_queued_bytes_ = std::max(most_queued_bytes_, conn.queued_bytes);
  if (watch_) {
    watch_(conn.peer, conn.queue.back().whole());
  }
  pump_soon(conn, 0);
}

// Whole messages leave here, so there is none to cut into.
Status SimConnections::send_urgent(freshet_conn* handle, Bytes message, bool text) {
  if (threads_.dead()) return Status::ok;
  SimConnection& conn = *static_cast<SimConnection*>(handle);
  threads_.require(threads_.on_shard(conn.shard),
                   "send_urgent is called on the shard of the connection");
  threads_.require(conn.state != SimConnection::State::closed,
                   "a connection is not used after on_close");
  if (conn.state != SimConnection::State::open) return Status::ok;
  const auto behind = std::ranges::find(conn.queue, false, &SimConnection::Outgoing::urgent);
  size_t waiting = message.size();
  for (auto it = conn.queue.begin(); it != behind; ++it) waiting += it->size();
  if (waiting > kMaxUrgentBytes) return Status::limit;
  freshet_body* body = bodies_.create(message.size());
  std::ranges::copy(message, body->data);
  conn.queue.insert(behind, SimConnection::Outgoing{{}, body, text, true});
  conn.queued_bytes += message.size();
  if (watch_) watch_(conn.peer, message);
  pump_soon(conn, 0);
  return Status::ok;
}

void SimConnections::pump_soon(SimConnection& conn, uint64_t delay_us) {
  if (conn.pump_pending) return;
  conn.pump_pending = true;
  const uint64_t due_us = threads_.turn_at(conn.shard, scene_.timeline.now_us() + delay_us);
  scene_.timeline.at(due_us, [this, &conn] {
    threads_.turn(conn.shard, [this, &conn] {
      conn.pump_pending = false;
      pump(conn);
    });
  });
}

size_t SimConnections::hand_over_next(SimConnection& conn) {
  const SimConnection::Outgoing out = std::move(conn.queue.front());
  conn.queue.pop_front();
  std::vector<uint8_t> whole = out.whole();
  const size_t size = whole.size();
  conn.queued_bytes -= size;
  bodies_.unref(out.body);
  tell(conn,
       [whole = std::move(whole), text = out.text](Peer& peer) { peer.on_message(whole, text); });
  return size;
}

void SimConnections::charge_write(const SimConnection& conn, size_t messages) {
  if (messages == 0) return;
  const Weather& weather = scene_.weather;
  const uint64_t ns = weather.write_ns + messages * weather.write_frame_ns;
  WritingCost& cost = writing_cost_[conn.shard];
  cost.processor_ns += ns;
  ++cost.writes;
  threads_.charge(conn.shard, ns);
}

// What was queued in one turn leaves at once for a fast reader; a slow one takes it in pieces.
void SimConnections::pump(SimConnection& conn) {
  if (conn.state == SimConnection::State::closed || conn.held || !conn.peer_reads ||
      conn.bytes_per_ms == 0)
    return;
  constexpr size_t kSocketBufferBytes = 2'048;  // taken at once from a queue, even of a slow reader
  size_t taken = 0, messages = 0;
  while (!conn.queue.empty() && (conn.bytes_per_ms == UINT64_MAX || taken < kSocketBufferBytes)) {
    taken += hand_over_next(conn);
    ++messages;
  }
  charge_write(conn, messages);
  if (!conn.queue.empty()) return pump_soon(conn, kMs * (1 + taken / conn.bytes_per_ms));
  if (conn.state == SimConnection::State::closing) return finish_close(conn);
  if (taken != 0) events_->on_drain(events_->ctx, &conn);
}

void SimConnections::close(freshet_conn* handle, uint16_t code, std::string_view reason) {
  if (threads_.dead()) return;
  SimConnection& conn = *static_cast<SimConnection*>(handle);
  threads_.require(threads_.on_shard(conn.shard), "close is called on the shard of the connection");
  threads_.require(conn.state != SimConnection::State::closed,
                   "a connection is not used after on_close");
  if (conn.state != SimConnection::State::open) return;
  conn.state = SimConnection::State::closing;
  conn.close_code = code;
  conn.close_reason = reason;
  end_pause(conn);
  pump_soon(conn, 0);
  scene_.timeline.after(kCloseBoundUs, [this, &conn] {
    threads_.turn(conn.shard, [this, &conn] { finish_close(conn); });
  });
}

void SimConnections::close_later(freshet_conn* handle, uint16_t code, std::string_view reason,
                                 uint32_t delay_ms) {
  if (threads_.dead()) return;
  SimConnection& conn = *static_cast<SimConnection*>(handle);
  threads_.require(threads_.on_shard(conn.shard),
                   "close_later is called on the shard of the connection");
  threads_.require(conn.state != SimConnection::State::closed,
                   "a connection is not used after on_close");
  if (conn.state != SimConnection::State::open) return;
  conn.state = SimConnection::State::closing;
  end_pause(conn);
  hold(conn, code, reason, delay_ms);
  // What is queued leaves first.
  const uint64_t due_us = threads_.turn_at(conn.shard, scene_.timeline.now_us());
  scene_.timeline.at(due_us, [this, &conn] {
    threads_.turn(conn.shard, [this, &conn] {
      size_t messages = 0;
      for (; !conn.queue.empty() && conn.peer_reads; ++messages) hand_over_next(conn);
      charge_write(conn, messages);
      gone(conn);
    });
  });
}

void SimConnections::pause_reading(freshet_conn* handle, uint32_t ms) {
  if (threads_.dead()) return;
  SimConnection& conn = *static_cast<SimConnection*>(handle);
  threads_.require(threads_.on_shard(conn.shard),
                   "pause_reading is called on the shard of the connection");
  threads_.require(conn.state != SimConnection::State::closed,
                   "a connection is not used after on_close");
  if (conn.state != SimConnection::State::open) return;
  const uint64_t until_us = scene_.timeline.now_us() + ms * kMs;
  if (until_us <= conn.paused_until_us) return;
  conn.paused_until_us = until_us;
  scene_.timeline.at(threads_.turn_at(conn.shard, until_us), [this, &conn] { read_on(conn); });
}

void SimConnections::end_pause(SimConnection& conn) {
  conn.paused_until_us = 0;
  if (!conn.unread.empty()) read_soon(conn);
}

void SimConnections::hold(SimConnection& conn, uint16_t code, std::string_view reason,
                          uint32_t delay_ms) {
  conn.held = true;
  scene_.timeline.after(delay_ms * kMs, [this, &conn, code, text = std::string(reason)] {
    say_held(conn, code, text);
  });
}

void SimConnections::say_held(SimConnection& conn, uint16_t code, const std::string& reason) {
  if (!std::exchange(conn.held, false) || threads_.dead() || !conn.peer_reads) return;
  tell(conn, [code, reason](Peer& peer) { peer.on_closed(code, reason, 0); });
}

void SimConnections::fault(SocketId socket, uint16_t code, const std::string& reason) {
  SimConnection* conn = find(socket);
  if (conn == nullptr || threads_.dead() || conn->state != SimConnection::State::open) return;
  threads_.turn(conn->shard, [&] {
    events_->on_fault(events_->ctx, conn, code, to_c(std::string_view(reason)));
    if (conn->state == SimConnection::State::open) close(conn, code, reason);
  });
}

void SimConnections::finish_close(SimConnection& conn) {
  if (conn.state != SimConnection::State::closing || conn.held) return;
  if (conn.peer_reads) {
    tell(conn, [code = conn.close_code, reason = conn.close_reason](Peer& peer) {
      peer.on_closed(code, reason, 0);
    });
  }
  gone(conn);
}

void SimConnections::gone(SimConnection& conn) {
  // Before on_open there is nobody to tell; open() looks again.
  if (conn.state != SimConnection::State::open && conn.state != SimConnection::State::closing)
    return;
  conn.state = SimConnection::State::closed;
  for (const SimConnection::Outgoing& out : conn.queue) bodies_.unref(out.body);
  conn.queue.clear();
  conn.queued_bytes = 0;
  threads_.as_shard(conn.shard, [&] { events_->on_close(events_->ctx, &conn); });
}

// ---- the end

void SimConnections::restart() {
  for (const auto& [id, conn] : conns_) say_held(*conn, FRESHET_CLOSE_RESTART, "");
}

void SimConnections::break_off() {
  for (const auto& [id, conn] : conns_) {
    if (conn->state != SimConnection::State::closed || std::exchange(conn->held, false)) {
      tell(*conn, [](Peer& peer) { peer.on_closed(1006, "", 0); });
    }
  }
}

void SimConnections::end() {
  for (const auto& [id, conn] : conns_) {
    if (conn->state == SimConnection::State::accepted) {
      threads_.as_shard(conn->shard, [&] { events_->on_open(events_->ctx, conn.get()); });
      conn->state = SimConnection::State::open;
    }
    gone(*conn);
  }
}

}  // namespace freshet::sim
