#include "core/shards/link.h"

#include <algorithm>

#include "core/audience/limits.h"
#include "core/config/room_name.h"
#include "core/request/url.h"
#include "core/shards/shard.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

constexpr size_t kPrefixBytes = 256;

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

// Codes after which trying again changes nothing.
bool is_final(uint16_t code) {
  return code >= FRESHET_CLOSE_MALFORMED && code < FRESHET_CLOSE_INTERNAL;
}

uint16_t close_code_for(Status status) {
  switch (status) {
    case Status::malformed: return FRESHET_CLOSE_MALFORMED;
    case Status::unauthenticated: return FRESHET_CLOSE_UNAUTHENTICATED;
    case Status::denied: return FRESHET_CLOSE_DENIED;
    case Status::not_found: return FRESHET_CLOSE_NO_ROOM;
    case Status::too_large: return FRESHET_CLOSE_TOO_LARGE;
    case Status::limit:
    case Status::retry: return FRESHET_CLOSE_OVERLOADED;
    default: return FRESHET_CLOSE_INTERNAL;
  }
}

// The connection is on the shard of the room.
class NearOutlet final : public Outlet {
 public:
  explicit NearOutlet(Link& link) : link_(link) {}

  void send(const Frames& frames, Bytes prefix, bool text) override {
    const auto& platform = link_.home().loop().platform();
    for (const Body& frame : frames) {
      platform.send(platform.self, link_.conn(), to_c(prefix), frame.get(), text ? 1 : 0);
    }
  }
  void close(uint16_t code, std::string_view reason) override { link_.close(code, reason); }
  void pause_reading(uint32_t ms) override { link_.pause_reading(ms); }
  size_t queued_bytes() const override { return link_.conn()->queued_bytes; }
  void credit(size_t) override {}

 private:
  Link& link_;
};

// It is on another: everything is posted there, and credit for what the reader has taken comes
// back.
class FarOutlet final : public Outlet {
 public:
  FarOutlet(Shard& room_shard, Home& home, uint64_t link, MemberId session)
      : room_shard_(room_shard), home_(home), link_(link), session_(session) {}

  void send(const Frames& frames, Bytes prefix, bool text) override {
    posted_bytes_ += size_of(frames) + frames.size() * prefix.size();
    room_shard_.post_to(home_).send(link_, session_, frames, prefix, text);
  }
  void close(uint16_t code, std::string_view reason) override {
    room_shard_.post_to(home_).close(link_, code, reason);
  }
  void pause_reading(uint32_t ms) override { room_shard_.post_to(home_).pause_reading(link_, ms); }
  size_t queued_bytes() const override { return posted_bytes_; }
  void credit(size_t bytes) override { posted_bytes_ -= std::min(bytes, posted_bytes_); }

 private:
  Shard& room_shard_;
  Home& home_;  // the connection's
  const uint64_t link_;
  const MemberId session_;
  size_t posted_bytes_ = 0;
};

}  // namespace

Link::Link(Home& home, const Wire& wire, Identity identity, Request request)
    : home_(home),
      wire_(wire),
      identity_(std::move(identity)),
      request_(std::move(request)),
      allowance_(home.limits(), home.users().hold(identity_.user_id, home.loop().now_ms())),
      opened_ms_(home.loop().now_ms()),
      heard_ms_(opened_ms_) {}

Link::~Link() = default;

Shard& Link::rooms_here() { return home_.shards().at(home_.loop().shard()).rooms; }

void Link::open(uint64_t id, freshet_conn* conn) {
  id_ = id;
  conn_ = conn;
  if (refusal_code_ != 0) return refuse(refusal_code_, refusal_reason_);
  freshet_open open{};
  open.size = sizeof(open);
  open.link = c();
  open.room = to_c(std::string_view(request_.room));
  open.query = to_c(std::string_view(request_.query));
  open.subprotocol = to_c(std::string_view(request_.subprotocol));
  if (!identity_.user.empty()) open.user = to_c(std::string_view(identity_.user));
  open.permission = identity_.permission;
  const Status status{wire_.protocol->open(wire_.protocol->self, &open, &state_)};
  opened_ = status == Status::ok;
  if (!opened_) refuse(close_code_for(status), name_of(status));
}

void Link::will_refuse(uint16_t code, std::string reason) {
  refusal_code_ = code;
  refusal_reason_ = std::move(reason);
}

void Link::refuse(uint16_t code, std::string_view reason) {
  if (wire_.refuses_in_words() && !closing_) {
    const freshet_refusal refusal{sizeof(freshet_refusal), code, to_c(reason),
                                  to_c(std::string_view(request_.room)),
                                  to_c(std::string_view(request_.subprotocol))};
    std::vector<uint8_t> message;
    int text = 1;
    const Status status{
        wire_.protocol->refusal(wire_.protocol->self, &refusal, VectorSink(message).c(), &text)};
    if (status == Status::ok && !message.empty()) static_cast<void>(send(message, text != 0));
  }
  close(code, reason);
}

bool Link::idle(uint64_t now_ms) const {
  return wire_.traits.idle_ms != 0 && now_ms > heard_ms_ &&
         now_ms - heard_ms_ > wire_.traits.idle_ms;
}

void Link::message(Bytes message, bool text) {
  if (!opened_ || closing_) return;
  const uint64_t now_ms = home_.loop().now_ms();
  heard_ms_ = std::max(heard_ms_, now_ms);
  const Over over = allowance_.take_message(message.size(), now_ms);
  if (over != Over::nothing) return close_for(over);
  const Status status{
      wire_.protocol->message(wire_.protocol->self, state_, to_c(message), text ? 1 : 0)};
  if (status != Status::ok) close_for(status);
}

// What the fault is that its sender can do something about is said in words, where there are some.
void Link::fault(uint16_t code, std::string_view reason) {
  if (closing_) return;
  if (code == FRESHET_CLOSE_TOO_LARGE) rooms_here().note_oversized(request_.room, reason);
  is_final(code) ? refuse(code, reason) : close(code, reason);
}

void Link::closed() {
  for (const auto& session : sessions_) session->room_shard->leave(rooms_here(), session->id);
  sessions_.clear();
  if (opened_) wire_.protocol->close(wire_.protocol->self, state_);
  conn_ = nullptr;
}

void Link::drained() {
  for (const auto& session : sessions_) {
    const size_t taken = std::exchange(session->unreported_bytes, 0);
    session->room_shard->drained(rooms_here(), session->id, taken);
  }
}

Result<Session*> Link::join(const freshet_join& join) {
  const std::string_view room = view(join.room);
  const Limits& limits = home_.limits();
  if (!room_name_fault(room, limits.room_name_bytes).empty()) return Status::not_found;
  if (join.variant >= kMaxVariants || join.prefix.size > kPrefixBytes) return Status::internal;
  if (sessions_.size() >= limits.sessions_per_connection) return Status::limit;
  if (const Over over = allowance_.take_join(home_.loop().now_ms()); over != Over::nothing) {
    close_for(over);
    return Status::limit;
  }

  MemberSpec spec;
  spec.id = home_.next_id();
  spec.wire = &wire_;
  spec.variant = join.variant;
  spec.wants = join.wants;
  spec.text = join.text != 0;
  spec.may_write =
      join.permission == FRESHET_READ_WRITE && identity_.permission == FRESHET_READ_WRITE;
  spec.prefix.assign(join.prefix.data, join.prefix.data + join.prefix.size);
  spec.client = home_.random_client();
  spec.user = identity_.user;
  spec.user_id = identity_.user_id;
  spec.epoch = lower_case(query_value(request_.query, "epoch").value_or(""));

  Shard& room_shard = home_.shards().of(room).rooms;
  sessions_.push_back(std::make_unique<Session>(Session{this, &room_shard, spec.id, spec.client}));
  const bool near = &room_shard == &rooms_here();
  std::unique_ptr<Outlet> outlet;
  near ? outlet = std::make_unique<NearOutlet>(*this)
       : outlet = std::make_unique<FarOutlet>(room_shard, home_, id_, spec.id);
  room_shard.join(rooms_here(), std::string(room),
                  std::make_unique<Member>(std::move(spec), std::move(outlet)));
  return sessions_.back().get();
}

void Link::leave(Session& session) {
  session.room_shard->leave(rooms_here(), session.id);
  std::erase_if(sessions_, [&](const auto& s) { return s.get() == &session; });
}

Status Link::send(Bytes message, bool text) {
  if (closing_) return Status::ok;
  const auto& platform = home_.loop().platform();
  freshet_body* raw = platform.body_create(platform.self, message.size());
  if (raw == nullptr) return Status::limit;
  const Body body(platform, raw);
  std::copy(message.begin(), message.end(), raw->data);
  platform.send(platform.self, conn_, {}, body.get(), text ? 1 : 0);
  return Status::ok;
}

Status Link::send_urgent(Bytes message, bool text) {
  if (closing_) return Status::ok;
  const auto& platform = home_.loop().platform();
  if (!FRESHET_HAS(&platform, send_urgent)) return send(message, text);
  return Status{platform.send_urgent(platform.self, conn_, to_c(message), text ? 1 : 0)};
}

void Link::deliver(MemberId id, const Frames& frames, Bytes prefix, bool text) {
  if (closing_) return;
  const auto it =
      std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& s) { return s->id == id; });
  if (it == sessions_.end()) return;
  const auto& platform = home_.loop().platform();
  for (const Body& frame : frames) {
    platform.send(platform.self, conn_, to_c(prefix), frame.get(), text ? 1 : 0);
    (*it)->unreported_bytes += prefix.size() + frame.size();
  }
}

void Link::close_for(Status status) { close(close_code_for(status), name_of(status)); }

void Link::close_for(Over over) {
  if (closing_) return;
  home_.note_over(over, identity_.user_id);
  close(FRESHET_CLOSE_RATE, reason_of(over));
}

void Link::pause_reading(uint32_t ms) {
  const auto& platform = home_.loop().platform();
  if (conn_ == nullptr || closing_ || !FRESHET_HAS(&platform, pause_reading)) return;
  heard_ms_ = std::max(heard_ms_, home_.loop().now_ms() + ms);
  platform.pause_reading(platform.self, conn_, ms);
}

// Held back or not, for the rooms it was in it is over.
void Link::close(uint16_t code, std::string_view reason) {
  if (conn_ == nullptr || closing_) return;
  closing_ = true;
  const auto& platform = home_.loop().platform();
  const uint16_t said = wire_.close_code(code);
  const uint32_t delay_ms =
      wire_.close_delay_ms(code, home_.loop().now_ms() - opened_ms_, home_.chance());
  if (delay_ms == 0 || !FRESHET_HAS(&platform, close_later)) {
    return platform.close(platform.self, conn_, said, to_c(reason));
  }
  platform.close_later(platform.self, conn_, said, to_c(reason), delay_ms);
}

}  // namespace freshet
