#include "platform-ws/loop/http_connection.h"

#include <algorithm>
#include <utility>

#include "freshet/abi/close.h"
#include "platform-ws/http/site.h"
#include "platform-ws/loop/connection.h"

namespace freshet::ws {

namespace {

// At most 123 bytes: what a close has room for.
constexpr std::string_view kForeignOrigin =
    "pages of this origin may not connect: `origins` of platform-ws does not name it";
// Its clients would be back at once.
constexpr uint32_t kForeignPageMs = 2'000;

}  // namespace

HttpConnection::HttpConnection(EventLoop& loop, Newcomer newcomer)
    : Peer(loop.peers(), std::move(newcomer.fd), std::move(newcomer.ssl), std::move(newcomer.seat)),
      loop_(loop),
      peer_(newcomer.peer),
      role_(newcomer.role),
      since_ms_(monotonic_ms()) {}

void HttpConnection::begin(EventLoop& loop, Newcomer newcomer) {
  loop.post([&loop, newcomer = std::move(newcomer)]() mutable {
    if (loop.finishing()) return;
    auto http = std::make_unique<HttpConnection>(loop, std::move(newcomer));
    HttpConnection& added = *http;
    loop.peers().add(std::move(http));
    added.guarded([&] { added.on_readable(); });
  });
}

void HttpConnection::on_readable() {
  if (state_ == State::lingering) return discard();
  if (state_ == State::writing) return write();  // TLS had to read first
  for (int round = 0; round < kReadsInARow && state_ == State::reading; ++round) {
    const std::span<uint8_t> buffer = read_buffer();
    const Stream::Result got = stream_.read(buffer);
    switch (got.outcome) {
      case Stream::Outcome::done: take_in(as_text(buffer.first(got.size))); break;
      case Stream::Outcome::wait_read: return await_readable();
      case Stream::Outcome::wait_write: return await_writable();
      default: return kill();
    }
  }
  if (state_ == State::reading) schedule();
}

void HttpConnection::take_in(std::string_view bytes) {
  in_.append(bytes);
  parse();
}

void HttpConnection::parse() {
  if (parser_ == nullptr) {
    if (in_.empty()) return;
    parser_ = std::make_unique<HttpParser>(
        loop_.settings().http, [this](const HttpRequest& head) { return body_limit(head); });
  }
  const bool was_started = parser_->started();
  std::string_view rest = in_;
  const HttpParser::Outcome outcome = parser_->feed(rest);
  in_.erase(0, in_.size() - rest.size());
  // What was read in one go has room for all of it; with a body on its way nobody counts that.
  if (in_.capacity() > kKeptBufferBytes) std::string(in_).swap(in_);
  // The time for a request on a connection that was kept begins with its first byte.
  if (!was_started && parser_->started()) since_ms_ = monotonic_ms();
  if (outcome == HttpParser::Outcome::failed) return refuse(parser_->refusal());
  if (!hold_body(parser_->body_memory_bytes())) {
    return refuse({503, "the server has no memory for this body now"});
  }
  if (outcome == HttpParser::Outcome::done) {
    HttpRequest request = parser_->take();
    parser_.reset();
    return ask(std::move(request));
  }
  if (parser_->take_continue()) {
    queue_.push(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"), {}, nullptr);
    schedule();
  }
}

bool HttpConnection::hold_body(size_t bytes) {
  if (bytes <= held_body_bytes_) return true;
  if (!loop_.wiring().half_received.take(bytes - held_body_bytes_)) return false;
  held_body_bytes_ = bytes;
  return true;
}

// The body with its share of the bound: a peer that lingers must not keep what nobody counts.
void HttpConnection::let_go_of_body() {
  parser_.reset();
  loop_.wiring().half_received.give(std::exchange(held_body_bytes_, 0));
}

AskedBy HttpConnection::asked_by(const HttpRequest& request, std::string peer, bool movable) const {
  return {.peer = std::move(peer),
          .role = role_,
          .movable = movable,
          .listed_origin = loop_.settings().lists_origin(request.header("Origin"))};
}

// A proxy stands before the public listeners alone: on others anybody could say to be another.
PeerAddress HttpConnection::client_of(const HttpRequest& request) const {
  const WsSettings& settings = loop_.settings();
  if (role_ != FRESHET_PUBLIC) return peer_;
  return freshet::ws::client_of(request, peer_, settings.proxies, settings.forwarded_by);
}

uint64_t HttpConnection::body_limit(const HttpRequest& head) {
  if (loop_.aside()) return 0;
  const Exchange asked(loop_, *this, head, asked_by(head, peer_text(client_of(head)), false));
  return loop_.events().body_limit(loop_.index(), asked.view());
}

void HttpConnection::ask(HttpRequest request) {
  const WsSettings& settings = loop_.settings();
  loop_.wiring().metrics.requests.add();
  keep_alive_ = request.keep_alive && !loop_.stopping() && !loop_.aside();
  const PeerAddress client = client_of(request);
  if (client && client != peer_ && !seat_.count_as(*client)) {
    return refuse({503, "too many connections from this address"});
  }
  if (request.asks_upgrade) {
    static constexpr std::string_view kVersion = "Sec-WebSocket-Version";
    const freshet_header version{to_c(kVersion), to_c("13")};
    const HttpRefusal refusal = check_handshake(request);
    if (refusal.status == 426) return refuse(refusal, {&version, 1});
    if (refusal.status != 0) return refuse(refusal);
    // Who may come to others than the public ones is not this platform's to say.
    if (role_ == FRESHET_PUBLIC && !settings.allows_origin(request.header("Origin"))) {
      return turn_away_page(request);
    }
  }
  AskedBy by = asked_by(request, peer_text(client), !stream_.is_tls() && !loop_.aside());
  by.site = site_of(request, peer_, settings.proxies, settings.forwarded_by,
                    stream_.is_tls() ? Transport::tls : Transport::plain);
  auto exchange = std::make_unique<Exchange>(loop_, *this, std::move(request), std::move(by));
  exchange_ = exchange.get();
  state_ = State::asking;
  since_ms_ = monotonic_ms();
  Exchange& asked = *exchange;
  loop_.keep(std::move(exchange));
  const bool taken = loop_.aside() ? loop_.events().aside(&asked, asked.view())
                                   : loop_.events().request(loop_.index(), &asked, asked.view());
  // A core that threw may have answered before: only one that has not gets an answer from here.
  if (taken || exchange_ != &asked) return;
  loop_.give_up(asked);
  exchange_ = nullptr;
  if (loop_.aside()) return refuse({503, "the server does not come to it now"});
  refuse({500, "the request could not be handled"});
}

void HttpConnection::respond(const HttpRequest& request, const freshet_response& response) {
  exchange_ = nullptr;
  const bool with_body = request.method != "HEAD" && response.status != 304;
  const bool kept = keep_alive_ && !loop_.stopping() && !request.asks_upgrade;
  answer(response.status, {response.headers, response.header_count},
         {response.body.data, response.body.size}, with_body,
         kept ? KeepAlive::yes : KeepAlive::no);
}

void HttpConnection::accept(const HttpRequest& request, const freshet_accept& accept,
                            EventLoop& target) {
  exchange_ = nullptr;
  const std::string_view subprotocol{accept.subprotocol.data, accept.subprotocol.size};
  const bool offered = offers(request.list("Sec-WebSocket-Protocol"), subprotocol);
  Arrival arrival;
  arrival.response = switching_protocols(request.header("Sec-WebSocket-Key"),
                                         offered ? subprotocol : std::string_view{});
  arrival.leftover = std::move(in_);
  arrival.data = accept.data;
  arrival.close_code = accept.close_code;
  arrival.close_reason.assign(accept.close_reason.data == nullptr ? "" : accept.close_reason.data,
                              accept.close_reason.size);
  if (FRESHET_REACHES(&accept, close_delay_ms)) arrival.close_delay_ms = accept.close_delay_ms;
  if (FRESHET_REACHES(&accept, idle_ms)) arrival.idle_ms = accept.idle_ms;
  if (FRESHET_REACHES(&accept, message_bytes)) arrival.message_bytes = accept.message_bytes;
  if (!dead()) {
    auto [fd, ssl] = stream_.release();
    arrival.fd = OwnedFd(fd);
    arrival.ssl = std::move(ssl);
    arrival.seat = std::move(seat_);
  }
  Connection::arrive(target, std::move(arrival));
  die();
}

void HttpConnection::note_refused(const PeerAddress& who, uint16_t status, std::string_view why) {
  loop_.wiring().metrics.refused.add();
  loop_.wiring().refused_lines.note(peer_text(who), status, why, monotonic_ms());
}

// A page sees the code and the words of a close, and nothing of a handshake that fails.
void HttpConnection::turn_away_page(const HttpRequest& request) {
  note_refused(client_of(request), FRESHET_CLOSE_DENIED,
               std::string(kForeignOrigin) + ", \"" + std::string(request.header("Origin")) + "\"");
  freshet_accept nobody{};
  nobody.size = sizeof(nobody);
  nobody.close_code = FRESHET_CLOSE_DENIED;
  nobody.close_reason = to_c(kForeignOrigin);
  nobody.close_delay_ms = kForeignPageMs;
  accept(request, nobody, loop_);
}

void HttpConnection::refuse(const HttpRefusal& refusal, std::span<const freshet_header> headers) {
  note_refused(peer_, refusal.status, refusal.why);
  std::vector<freshet_header> all(headers.begin(), headers.end());
  all.push_back({to_c("Content-Type"), to_c("text/plain; charset=utf-8")});
  answer(refusal.status, all, as_bytes(refusal.why + "\n"), true, KeepAlive::no);
}

void HttpConnection::answer(uint16_t status, std::span<const freshet_header> headers, Bytes body,
                            bool with_body, KeepAlive keep_alive) {
  keep_alive_ = keep_alive == KeepAlive::yes;
  let_go_of_body();
  if (!keep_alive_) std::string().swap(in_);  // nothing in it is a request any more
  const std::string head = response_head(status, headers, body.size(), keep_alive, wall_clock_ms());
  queue_.push(as_bytes(head), with_body ? body : Bytes{}, nullptr);
  state_ = State::writing;
  since_ms_ = monotonic_ms();
  schedule();
}

void HttpConnection::on_turn() {
  if (dead()) return;
  if (!queue_.empty()) return write();
  if (state_ != State::reading) return;
  if (!in_.empty()) parse();
  if (state_ == State::reading) on_readable();
}

void HttpConnection::write() {
  if (waits_to_write()) return;
  while (!queue_.empty()) {
    const Stream::Result wrote = stream_.write(queue_);
    if (wrote.outcome == Stream::Outcome::done) continue;
    if (wrote.outcome == Stream::Outcome::wait_write) return await_writable();
    if (wrote.outcome == Stream::Outcome::wait_read) return await_readable();
    return kill();
  }
  written();
}

void HttpConnection::written() {
  if (state_ == State::reading) return on_readable();  // "100 Continue" is out; or TLS had to write
  if (state_ != State::writing) return;
  since_ms_ = monotonic_ms();
  if (keep_alive_ && !loop_.finishing()) {
    state_ = State::reading;
    return schedule();
  }
  state_ = State::lingering;
  linger();
}

void HttpConnection::tick(uint64_t now_ms) {
  const uint64_t waited = now_ms - std::min(now_ms, since_ms_);
  switch (state_) {
    case State::reading:
      if (waited < loop_.settings().request_timeout_ms) return;
      // Somebody who has said nothing at all gets no answer either.
      if (parser_ == nullptr || !parser_->started()) return kill();
      return refuse({408, "the request did not come whole in time"});
    case State::writing:
      if (waited >= loop_.settings().request_timeout_ms) kill();
      return;
    case State::lingering:
      if (waited >= loop_.settings().close_timeout_ms) kill();
      return;
    case State::asking: return;  // the core has its own deadlines
  }
}

void HttpConnection::on_stopping() {
  if (state_ == State::reading && parser_ == nullptr && in_.empty()) kill();
}

void HttpConnection::finish() {
  if (state_ == State::reading || state_ == State::asking) return kill();
  keep_alive_ = false;
  since_ms_ = monotonic_ms();
}

void HttpConnection::kill() {
  forget_exchange();
  die();
}

void HttpConnection::forget_exchange() {
  if (exchange_ != nullptr) exchange_->http = nullptr;
  exchange_ = nullptr;
}

}  // namespace freshet::ws
