#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "load/frames/upgrade.h"

namespace freshet::load {

namespace {

constexpr int64_t kNoEdit = std::numeric_limits<int64_t>::min();
constexpr uint16_t kGoingAway = 1001, kNoCode = 1005;

}  // namespace

Client::Client(World& world, Room& room, Person person, std::optional<uint32_t> author)
    : world_(world),
      room_(room),
      person_(std::move(person)),
      author_(author),
      credit_(room.authors.writers + 1),
      states_(static_cast<uint32_t>(room.shown.size())),
      inbox_(room.long_frame),
      writer_(out_, static_cast<uint32_t>(person_.client_id)),
      since_ns_(now_ns()) {}

Client::~Client() {
  if (fd_ >= 0) close(fd_);
}

void Client::connect() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return fail(std::string("no socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(world_.port);
  inet_pton(AF_INET, world_.host.c_str(), &to.sin_addr);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 &&
      errno != EINPROGRESS) {
    return fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  world_.poller.add(fd_, EPOLLOUT, this);
}

void Client::finish_connect() {
  int fault = 0;
  socklen_t length = sizeof(fault);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &length);
  if (fault == ECONNREFUSED)
    return fail("nobody listens at " + world_.host + ":" + std::to_string(world_.port));
  if (fault != 0) return fail(std::string("cannot connect: ") + std::strerror(fault));
  if (world_.greeting == Greeting::none) {
    // Says which one it is, so that the sender knows its room.
    for (unsigned i = 0; i < 64; i += 8)
      out_.push_back(static_cast<uint8_t>(person_.client_id >> i));
    synced_now();
  } else {
    state_ = State::upgrading;
    const std::string host = world_.host + ":" + std::to_string(world_.port);
    const std::string request = upgrade_request(host, world_.wire.target(room_.name));
    out_.assign(request.begin(), request.end());
  }
  flush();
  watch();
}

// What to wait for now.
void Client::watch() {
  if (state_ == State::over || state_ == State::connecting) return;
  const uint32_t in = paused_ ? 0u : uint32_t{EPOLLIN};
  world_.poller.change(fd_, out_.empty() ? in : in | EPOLLOUT, this);
}

void Client::ready(uint32_t events) {
  if (state_ == State::connecting) return finish_connect();
  if (state_ == State::over) return;
  // Nobody pauses reading what has ended.
  if (paused_ && (events & (EPOLLHUP | EPOLLERR)) != 0) resume();
  if ((events & EPOLLOUT) != 0) {
    flush();
    if (out_.empty()) watch();
  }
  if (state_ != State::over && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !paused_)
    receive();
}

// One read, so that edits which have become due need not wait for a long queue.
void Client::receive() {
  const auto into = inbox_.room(world_.read_buffer);
  const ssize_t count = recv(fd_, into.data(), into.size(), 0);
  at_ns_ = now_ns();
  const auto got = static_cast<size_t>(std::max<ssize_t>(count, 0));
  if (world_.tally.measures(at_ns_)) world_.tally.bytes += got;
  for (Bytes in = inbox_.add(got); got > 0 && !in.empty(); in = inbox_.more()) {
    inbox_.done(take(in));
  }
  if (count <= 0) {
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    return end();
  }
  if (!out_.empty() && state_ != State::over) flush();
}

// How much of it is done with.
size_t Client::take(Bytes in) {
  size_t used = 0;
  if (state_ == State::upgrading) {
    used = take_upgrade(in);
    if (used == 0) return 0;
  }
  Bytes left = in.subspan(used);
  for (Frame frame{}; state_ != State::over;) {
    const auto outcome = frames_.next(left, frame);
    if (outcome == FrameReader::Outcome::broken)
      fail("the server sent " + std::string(frames_.why()));
    if (outcome != FrameReader::Outcome::frame || !take_frame(frame)) break;
  }
  return state_ == State::over ? in.size() : in.size() - left.size();
}

size_t Client::take_upgrade(Bytes in) {
  const UpgradeAnswer answer = read_upgrade(in);
  if (answer.outcome == UpgradeAnswer::Outcome::refused) fail(answer.why);
  if (answer.outcome != UpgradeAnswer::Outcome::upgraded) return 0;
  state_ = State::joining;
  world_.wire.open(person_, writer_);
  return answer.bytes;
}

// False: the connection is over.
bool Client::take_frame(const Frame& frame) {
  switch (frame.opcode) {
    case Opcode::ping: writer_.add(Opcode::pong, frame.payload); return true;
    case Opcode::close: take_close(frame.payload); return false;
    case Opcode::text:
    case Opcode::binary:
      if (state_ == State::leaving) return true;
      if (world_.tally.measures(at_ns_)) ++world_.tally.messages;
      hear(room_.bodies.of(frame.payload));
      return state_ != State::over;
    default: return true;
  }
}

void Client::hear(const Body& body) {
  const Heard& heard = body.heard;
  switch (heard.word) {
    case Word::update: credit(body); break;
    case Word::saved_next: saved_through(acknowledged_ + 1); break;
    case Word::saved_through: saved_through(heard.number); break;
    case Word::presence:
      if (world_.tally.measures(at_ns_)) ++world_.tally.presence;
      credit_presence(body);
      break;
    case Word::refused: world_.tally.faults.add("refused: " + std::string(heard.text)); break;
    case Word::others: states_.begin(room_.shown); break;
    case Word::broken: fail("the server sent what the wire does not know"); break;
    case Word::state: adopt(body); [[fallthrough]];
    default:
      credit_presence(body);  // of who has just joined
      for (unsigned n = world_.wire.answer(heard, person_, writer_); n > 0; --n)
        awaited_.push_back(kNoEdit);
      if (heard.word == Word::state && state_ == State::joining) synced_now();
  }
}

void Client::synced_now() {
  state_ = State::synced;
  was_synced_ = true;
  for (uint32_t author = 0; author < room_.authors.writers; ++author) {
    if (author != author_) others_before_ += credit_.through(author) / room_.authors.edit_bytes;
  }
  states_.begin(room_.shown);
  look_whether_whole();
  const int64_t now = now_ns();
  if (world_.tally.measures(now)) ++world_.tally.joins;
  world_.tally.joined.record(now - since_ns_);
}

// What was there before it came is nothing that was delivered to it.
void Client::adopt(const Body& body) {
  if (state_ == State::synced) return credit(body);
  for (const Contribution& part : body.parts) credit_.take(part);
}

void Client::credit(const Body& body) {
  if (state_ != State::synced) return adopt(body);
  const int64_t* due = body.dues.data();
  for (const Contribution& part : body.parts) {
    const Contribution now = credit_.take(part);
    if (part.author == room_.authors.writers) {
      look_whether_whole();
      continue;
    }
    const size_t edits = part.to / room_.authors.edit_bytes - part.from / room_.authors.edit_bytes;
    if (part.author == author_) {
      credit_own(now);
    } else {
      credit_others(part, now, {due, edits});
    }
    due += edits;
  }
  if (credit_.lost()) fail("a reader with too many gaps");
}

void Client::credit_others(const Contribution& part, const Contribution& now,
                           std::span<const int64_t> dues) {
  Tally& tally = world_.tally;
  Histogram& into = was_paused_ ? tally.paused_latency : tally.latency;
  const uint64_t bytes = room_.authors.edit_bytes;
  received_ += now.to / bytes - now.from / bytes;
  if (now == part) return tally.deliver(dues, at_ns_, into);
  for (uint64_t edit = now.from / bytes; edit < now.to / bytes; ++edit) {
    const int64_t due = room_.schedule.due(part.author, edit);
    tally.deliver({&due, 1}, at_ns_, into);
  }
}

void Client::credit_own(const Contribution& now) {
  if (world_.wire.acknowledgement() != Acknowledgement::echo) return;
  const uint64_t bytes = room_.authors.edit_bytes;
  for (uint64_t edit = now.from / bytes; edit < now.to / bytes; ++edit) {
    world_.tally.acknowledge(room_.schedule.due(now.author, edit), at_ns_);
  }
}

void Client::credit_presence(const Body& body) {
  if (state_ != State::synced) return;
  for (const Shown& shown : body.shown) {
    if (shown.place == person_.place || shown.place >= room_.shown.size()) continue;
    // Nobody has shown more than that.
    const uint64_t state = std::min(shown.state, room_.shown[shown.place]);
    const auto [after, through] = states_.take({shown.place, state});
    for (uint64_t each = after; each < through; ++each) {
      world_.tally.deliver_state(room_.presence.due(shown.place, each), at_ns_);
    }
  }
}

void Client::saved_through(uint64_t number) {
  for (; acknowledged_ < number && !awaited_.empty(); ++acknowledged_) {
    if (awaited_.front() != kNoEdit) world_.tally.acknowledge(awaited_.front(), at_ns_);
    awaited_.pop_front();
  }
  look_whether_stored();
}

// Who brought the document does not get it back where a wire has notes of what is saved: it is
// there when that is said of all that was sent.
void Client::look_whether_stored() {
  const bool brought = author_ == room_.authors.writers && acknowledged_ > 0 && awaited_.empty();
  if (brought && whole_ns_ == 0) whole_ns_ = at_ns_;
}

bool Client::write_next(int64_t due) {
  if (state_ != State::synced || !author_) return false;
  if (out_.size() - out_sent_ > kMaxUnsentBytes) {
    fail("the server does not read");
    return false;
  }
  if (awaited_.size() == kMaxAwaited) {
    fail("the server takes edits and does not say that they are saved");
    return false;
  }
  std::vector<uint8_t> update;
  write_edit(room_.authors, *author_, room_.written[*author_]++, update);
  ++room_.written_all;
  world_.wire.edit(person_, update, writer_);
  const auto kind = world_.wire.acknowledgement();
  const bool counts = kind == Acknowledgement::counted || kind == Acknowledgement::numbered;
  if (counts) awaited_.push_back(due);
  return true;
}

bool Client::show(uint64_t state) {
  if (state_ != State::synced) return false;
  person_.state = state;
  world_.wire.show(person_, writer_);
  flush();
  return true;
}

void Client::renew() {
  if (state_ != State::synced) return;
  world_.wire.renew(person_, writer_);
  flush();
}

void Client::flush() {
  if (fd_ < 0 || out_.empty()) return;
  const bool waited = out_sent_ > 0;
  while (out_sent_ < out_.size()) {
    const ssize_t count = send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    out_sent_ += static_cast<size_t>(count);
  }
  // A connection that broke is told by reading it.
  if (out_sent_ == out_.size()) {
    out_.clear();
    out_sent_ = 0;
    if (out_.capacity() > kKeptBufferBytes) release_memory(out_);
    return;
  }
  if (!waited) watch();
}

void Client::leave() {
  if (state_ == State::over) return;
  has_left_ = true;
  since_ns_ = now_ns();
  state_ = State::leaving;
  const uint8_t code[] = {kGoingAway >> 8, kGoingAway & 0xff};
  writer_.add(Opcode::close, code);
  flush();
  resume();
}

void Client::pause() {
  if (state_ != State::synced) return;
  paused_ = was_paused_ = true;
  watch();
}

void Client::resume() {
  paused_ = false;
  watch();
}

Books Client::books() const {
  const uint64_t states = states_.received();
  if (!was_synced_) return {};
  if (has_left_) return {received_, received_, states, states};
  const uint64_t own = author_ && *author_ < room_.authors.writers ? room_.written[*author_] : 0;
  return {room_.written_all - own - others_before_, received_,
          states_.expected(room_.shown, person_.place), states};
}

void Client::look_whether_whole() {
  if (whole_ns_ != 0 || credit_.through(room_.authors.writers) < room_.authors.document_bytes)
    return;
  whole_ns_ = now_ns();
}

void Client::take_close(Bytes payload) {
  if (state_ == State::leaving) return end();
  const uint16_t code =
      payload.size() < 2 ? kNoCode : static_cast<uint16_t>(payload[0] << 8 | payload[1]);
  const Bytes why = payload.size() > 2 ? payload.subspan(2) : Bytes{};
  close_code_ = code;
  world_.tally.faults.closed(code, std::string(as_text(why)));
  writer_.add(Opcode::close, payload.first(std::min<size_t>(payload.size(), 2)));
  flush();
  state_ = State::over;
  close(fd_);
  fd_ = -1;
}

// The server has closed the socket.
void Client::end() {
  if (state_ != State::leaving) {
    if (state_ == State::upgrading) {
      fail("closed before the upgrade");
    } else {
      world_.tally.faults.closed(kAbnormal, "");
    }
  }
  state_ = State::over;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Client::fail(const std::string& why) {
  world_.tally.faults.add(why);
  state_ = State::over;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace freshet::load
