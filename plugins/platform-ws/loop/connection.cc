#include "platform-ws/loop/connection.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "freshet/abi/close.h"

namespace freshet::ws {

Connection::Connection(EventLoop& loop, Arrival& arrival)
    : Peer(loop.peers(), std::move(arrival.fd), std::move(arrival.ssl), std::move(arrival.seat)),
      freshet_conn{arrival.data, 0},
      loop_(loop),
      silent_(arrival.close_code != 0),
      heard_ms_(monotonic_ms()),
      pinged_ms_(heard_ms_),
      idle_ms_(arrival.idle_ms != 0 ? arrival.idle_ms : loop.settings().idle_timeout_ms),
      // In good time, so that an answer can be under way twice before it counts as silence.
      heartbeat_ms_(arrival.idle_ms != 0 ? std::min(loop.settings().heartbeat_ms, idle_ms_ / 3)
                                         : loop.settings().heartbeat_ms),
      reader_(arrival.message_bytes != 0 ? arrival.message_bytes : loop.settings().message_bytes,
              &loop.wiring().half_received) {}

Connection::~Connection() {
  if (paused_until_ms_ != 0) loop_.pauses().remove(*this, paused_until_ms_);
}

void Connection::arrive(EventLoop& loop, Arrival arrival) {
  loop.post([&loop, arrival = std::move(arrival)]() mutable {
    auto connection = std::make_unique<Connection>(loop, arrival);
    Connection& added = *connection;
    loop.peers().add(std::move(connection));
    added.guarded([&] { added.start(arrival); });
    loop.catch_up(added);
  });
}

void Connection::start(Arrival& arrival) {
  // Leaves at once: a core that overruns its reader in on_open must not drop the handshake with it.
  queue_.push(as_bytes(arrival.response), {}, nullptr);
  flush();
  if (silent_) {
    close_later(arrival.close_code, arrival.close_reason, arrival.close_delay_ms);
  } else {
    announced_ = true;
    loop_.wiring().metrics.connections.add(1);
    if (!loop_.events().open(this)) fail(FRESHET_CLOSE_INTERNAL, "");
  }
  if (!stream_.is_open()) return lost();
  // Only what fits in the read buffer: the rest of a longer one was never read
  // (http_connection.cc).
  std::string_view leftover = arrival.leftover;
  while (!leftover.empty()) {
    const std::span<uint8_t> buffer = read_buffer();
    std::copy_n(carry_.data(), carried_, buffer.data());
    const size_t size = std::min(leftover.size(), buffer.size() - carried_);
    std::copy_n(leftover.data(), size, buffer.data() + carried_);
    leftover.remove_prefix(size);
    take_in(buffer.first(carried_ + size));
  }
  read_some();
}

// ---- in -----------------------------------------------------------------------------------------

void Connection::on_readable() {
  if (state_ == State::lingering) return discard();
  read_some();
  // TLS may have waited for bytes of the peer before it could write.
  if (!queue_.empty()) schedule();
}

void Connection::read_some() {
  if (state_ == State::lingering || dead() || paused_until_ms_ != 0) return;
  uint64_t spent_ns = 0;
  for (int i = 0; i < kReadsInARow && spent_ns < kReadTurnNs; ++i) {
    if (!read_once(spent_ns)) return;
  }
  // There may be more, and if the TLS layer holds it no wait would tell.
  await_turn_to_read();
}

// False: what had come was all read, and it waits for more; or it has ended. Adds to `spent_ns`
// what it took to work off what it read.
bool Connection::read_once(uint64_t& spent_ns) {
  const bool after_pause = std::exchange(paused_before_, false);
  const size_t in_a_turn = after_pause ? kAfterPauseBytes : pace_.bytes_in_a_turn();
  const size_t wanted = std::min(in_a_turn, kReadBufferBytes - carried_);
  const std::span<uint8_t> buffer = read_buffer().first(carried_ + wanted);
  std::copy_n(carry_.data(), carried_, buffer.data());
  const Stream::Result got = stream_.read(buffer.subspan(carried_));
  if (got.outcome != Stream::Outcome::done) {
    if (got.outcome == Stream::Outcome::wait_read && spent_ns == 0) pace_.note_nothing();
    nothing_read(got.outcome);
    return false;
  }
  const uint64_t now_ns = monotonic_ns();
  heard_ms_ = now_ns / 1'000'000;
  asked_ = false;
  pace_.note_read(now_ns);
  loop_.tally.bytes_in += static_cast<int64_t>(got.size);
  take_in(buffer.first(carried_ + got.size));
  if (dead() || paused_until_ms_ != 0) return false;
  const uint64_t took_ns = monotonic_ns() - now_ns;
  pace_.note_taken_in(got.size, took_ns);
  spent_ns += took_ns;
  // The TLS layer takes record by record from the system.
  if (stream_.is_tls() ? pace_.is_hasty() || stream_.has_more() : got.size == wanted) return true;
  await_more();
  return false;
}

void Connection::await_more() { pace_.is_hasty() ? await_round() : await_readable(); }

void Connection::nothing_read(Stream::Outcome outcome) {
  switch (outcome) {
    case Stream::Outcome::wait_read: return await_more();
    case Stream::Outcome::wait_write: return await_writable();
    default: return lost();
  }
}

void Connection::take_in(std::span<uint8_t> in) {
  carried_ = 0;
  while (!peer_closed_ && !failed_ && !dead()) {
    Incoming said;
    try {
      said = reader_.next(in);
    } catch (const std::bad_alloc&) {
      loop_.wiring().metrics.out_of_memory.add(1);
      return fail(FRESHET_CLOSE_OVERLOADED, "the server has no memory for this message");
    }
    if (said.kind == Incoming::Kind::nothing) {
      assert(in.size() <= carry_.size());
      std::copy(in.begin(), in.end(), carry_.begin());
      carried_ = in.size();
      return;
    }
    handle(said);
  }
}

void Connection::handle(const Incoming& said) {
  switch (said.kind) {
    case Incoming::Kind::message:
      if (state_ != State::open) return;
      ++loop_.tally.messages_in;
      if (!loop_.events().message(this, said.payload, said.text)) {
        fail(FRESHET_CLOSE_INTERNAL, "");
      }
      return;
    case Incoming::Kind::ping:
      if (state_ == State::open || state_ == State::held) answer_ping(said.payload);
      return;
    case Incoming::Kind::close: return peer_closes(said.code);
    case Incoming::Kind::failure: return fail(said.code, said.reason);
    case Incoming::Kind::pong:
    case Incoming::Kind::nothing: return;
  }
}

void Connection::answer_ping(Bytes payload) {
  // Whoever sends pings and reads nothing gets the first few answers, once it reads.
  if (queued_pongs_ >= kMaxQueuedPongs) return;
  ++queued_pongs_;
  push_control(Opcode::pong, payload);
}

void Connection::peer_closes(uint16_t code) {
  peer_closed_ = true;
  if (state_ == State::open || state_ == State::held) {
    let_go();
    state_ = State::closing;
    closing_ms_ = monotonic_ms();
    push_close(code == kCloseNoCode ? 0 : code, {});
  }
  schedule();
  end_soon();
}

// May come inside the core's own send(), while it reads a message of this very connection: its
// bytes stay until on_turn().
void Connection::fail(uint16_t code, std::string_view reason) {
  if (failed_) return;
  failed_ = true;
  if (state_ == State::open) {
    queue_.drop_unstarted();
    queued_bytes = queue_.memory_bytes();
    if (announced_) loop_.events().fault(this, code, reason);
    close(code, reason);
  }
  schedule();
  end_soon();
}

void Connection::lost() {
  let_go();
  end_soon();
  die();
}

// ---- out ----------------------------------------------------------------------------------------

void Connection::send(Bytes prefix, freshet_body* body, bool text) {
  assert(loop_.on_own_thread());
  if (state_ != State::open || dead()) return;
  if (queued_bytes > loop_.settings().queue_bytes) {
    if (!failed_) loop_.wiring().metrics.overrun.add();
    return fail(FRESHET_CLOSE_TIMEOUT, "the reader is too slow");
  }
  std::array<uint8_t, kMaxFrameHeader> header;
  const size_t size = write_frame_header(header, text ? Opcode::text : Opcode::binary,
                                         prefix.size() + (body == nullptr ? 0 : body->size));
  queue_.push(Bytes(header).first(size), prefix, body);
  queued_bytes = queue_.memory_bytes();
  sent_ = true;
  ++loop_.tally.messages_out;
  schedule();
}

Status Connection::send_urgent(Bytes message, bool text) {
  assert(loop_.on_own_thread());
  if (state_ != State::open || dead()) return Status::ok;
  std::array<uint8_t, kMaxFrameHeader> header;
  const size_t size =
      write_frame_header(header, text ? Opcode::text : Opcode::binary, message.size());
  if (!queue_.push_urgent(Bytes(header).first(size), message)) return Status::limit;
  queued_bytes = queue_.memory_bytes();
  sent_ = true;
  ++loop_.tally.messages_out;
  schedule();
  return Status::ok;
}

void Connection::close(uint16_t code, std::string_view reason) {
  assert(loop_.on_own_thread());
  if (state_ != State::open || dead()) return;
  state_ = State::closing;
  closing_ms_ = monotonic_ms();
  push_close(code, reason);
  resume();
  schedule();
}

void Connection::close_later(uint16_t code, std::string_view reason, uint32_t delay_ms) {
  assert(loop_.on_own_thread());
  if (state_ != State::open || dead()) return;
  HeldCloses& held = loop_.held_closes();
  // What still waits for its peer is not kept for longer than it must be.
  const bool light = queue_.bytes() <= kMaxHeldQueueBytes;
  if (delay_ms == 0 || !light || !held.takes_any()) return close(code, reason);
  if (Connection* oldest = held.too_many()) oldest->say_close();
  state_ = State::held;
  held_ = std::make_unique<HeldClose>(
      HeldClose{held.add(*this), monotonic_ms() + delay_ms, code, std::string(reason)});
  loop_.wiring().metrics.held.add(1);
  resume();
  schedule();
  end_soon();
}

void Connection::say_close() {
  const uint16_t code = held_->code;
  const std::string reason = std::move(held_->reason);
  let_go();
  state_ = State::open;
  close(code, reason);
}

void Connection::let_go() {
  if (held_ == nullptr) return;
  loop_.held_closes().remove(held_->place);
  loop_.wiring().metrics.held.add(-1);
  held_.reset();
}

void Connection::pause_reading(uint32_t ms) {
  assert(loop_.on_own_thread());
  const uint64_t until_ms = monotonic_ms() + ms;
  if (state_ != State::open || dead() || until_ms <= paused_until_ms_) return;
  loop_.pauses().add(*this, until_ms);
  if (paused_until_ms_ != 0) loop_.pauses().remove(*this, paused_until_ms_);
  paused_until_ms_ = until_ms;
}

// What waits is read in its turn. That nothing was heard of the peer was not its doing.
// Whether it has sent something no wait may tell: the TLS layer may have it.
void Connection::resume() {
  if (paused_until_ms_ == 0) return;
  loop_.pauses().remove(*this, paused_until_ms_);
  paused_until_ms_ = 0;
  heard_ms_ = monotonic_ms();
  asked_ = false;
  paused_before_ = true;
  await_turn_to_read();
}

void Connection::push_control(Opcode opcode, Bytes payload) {
  std::array<uint8_t, kMaxFrameHeader> header;
  const size_t size = write_frame_header(header, opcode, payload.size());
  queue_.push(Bytes(header).first(size), payload, nullptr);
  queued_bytes = queue_.memory_bytes();
  schedule();
}

// `code` 0: a close frame that says nothing.
void Connection::push_close(uint16_t code, std::string_view reason) {
  std::array<uint8_t, kMaxControlPayload> payload;
  payload[0] = static_cast<uint8_t>(code >> 8);
  payload[1] = static_cast<uint8_t>(code);
  size_t size = std::min(reason.size(), kMaxCloseReason);
  // Cut between two characters.
  while (size < reason.size() && size > 0 && (reason[size] & 0xc0) == 0x80) --size;
  std::copy_n(reason.data(), size, payload.data() + 2);
  push_control(Opcode::close, Bytes(payload).first(code == 0 ? 0 : 2 + size));
}

void Connection::on_turn() {
  flush();
  if (state_ != State::open) reader_.ignore_messages();
  if (ending_) end();
}

void Connection::on_writable() {
  flush();
  if (state_ != State::lingering) read_some();
}

void Connection::flush() {
  if (dead() || state_ == State::lingering || waits_to_write()) return;
  const size_t before = queue_.bytes();
  int round = 0;
  while (!queue_.empty() && round < kWriteRounds) {
    const Stream::Result wrote =
        loop_.write_meter.measured([this] { return stream_.write(queue_); });
    ++round;
    if (wrote.outcome == Stream::Outcome::done) continue;
    if (wrote.outcome == Stream::Outcome::wait_write) await_writable();
    if (wrote.outcome == Stream::Outcome::wait_read) await_readable();
    if (wrote.outcome == Stream::Outcome::ended || wrote.outcome == Stream::Outcome::failed) {
      return lost();
    }
    break;
  }
  loop_.tally.bytes_out += static_cast<int64_t>(before - queue_.bytes());
  queued_bytes = queue_.memory_bytes();
  if (queue_.empty()) return flushed();
  if (round == kWriteRounds) schedule();
}

void Connection::flushed() {
  queued_pongs_ = 0;
  if (state_ == State::held) return;
  if (state_ == State::open) {
    if (!sent_) return;
    sent_ = false;
    if (announced_ && !loop_.events().drain(this)) fail(FRESHET_CLOSE_INTERNAL, "");
    return;
  }
  // Our close frame is out. RFC 6455 has the server end the TCP connection once the peer's is in.
  if (!peer_closed_ && !failed_) return;
  if (!failed_) {
    stream_.shutdown_write();
    return die();
  }
  state_ = State::lingering;
  linger();
}

// ---- time, end ----------------------------------------------------------------------------------

void Connection::tick(uint64_t now_ms) {
  if (dead()) return;
  const WsSettings& settings = loop_.settings();
  if (state_ == State::held) {
    if (now_ms >= held_->due_ms) say_close();
    return;
  }
  if (state_ != State::open) {
    if (now_ms >= closing_ms_ + settings.close_timeout_ms) kill();
    return;
  }
  if (paused_until_ms_ != 0) return;
  // Nobody is taken for gone who was not asked: the time may have been ours, asleep.
  if (asked_ && now_ms >= heard_ms_ + idle_ms_) {
    return fail(FRESHET_CLOSE_TIMEOUT, "nothing heard");
  }
  const uint64_t quiet_since = std::max(heard_ms_, pinged_ms_);
  if (now_ms < quiet_since + heartbeat_ms_) return;
  pinged_ms_ = now_ms;
  asked_ = true;
  push_control(Opcode::ping, {});
}

void Connection::finish() {
  on_stopping();
  close(FRESHET_CLOSE_RESTART, "");
}

// Who was told to wait is told to come back now, as all are: to another process. One that is gone
// has been let go.
void Connection::on_stopping() {
  if (held_ == nullptr) return;
  held_->code = FRESHET_CLOSE_RESTART;
  held_->reason = "the server restarts";
  say_close();
}

void Connection::kill() { lost(); }

void Connection::end_soon() {
  if (!announced_ || ending_) return;
  ending_ = true;
  schedule();
}

void Connection::end() {
  ending_ = false;
  if (!announced_) return;
  announced_ = false;
  loop_.wiring().metrics.connections.add(-1);
  loop_.events().close(this);
}

}  // namespace freshet::ws
