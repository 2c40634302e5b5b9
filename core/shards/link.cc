#include "core/shards/link.h"

#include <algorithm>
#include <exception>
#include <new>

#include "core/audience/limits.h"
#include "core/config/room_name.h"
#include "core/report/in_plugin.h"
#include "core/shards/shard.h"
#include "freshet/abi/close.h"
#include "freshet/format/url.h"

namespace freshet {
namespace {

// Of messages_per_second: what all sessions of a connection may send together.
constexpr size_t kSessionsShare = 5;

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

// Codes after which a client that comes back by itself is served, with a new token perhaps.
bool may_be_over(uint16_t code) { return !is_final(code) || code == FRESHET_CLOSE_EXPIRED; }

size_t messages_per_second(const Limits& limits, const Wire& wire) {
  return limits.messages_per_second * (wire.ends_sessions() ? kSessionsShare : 1);
}

// A protocol written without the SDK's wrapper may throw: what it was about ends, as any other
// internal error does. Without memory for it the platform ends the connection.
template <class Call>
Status call_protocol(Home& home, const std::string& function, Call made) {
  const InPlugin inside(function.c_str());
  std::string thrown;
  try {
    return static_cast<Status>(made());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  home.note_thrown(function, thrown);
  return Status::internal;
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
  NearOutlet(Link& link, MemberId session) : link_(link), session_(session) {}

  void send(const Frames& frames, Bytes prefix, bool text) override {
    const auto& platform = link_.home().loop().platform();
    for (const Body& frame : frames) {
      platform.send(platform.self, link_.conn(), to_c(prefix), frame.get(), text ? 1 : 0);
    }
  }
  void end(Ends what, uint16_t code, std::string_view reason) override {
    what == Ends::session ? link_.end(session_, code, reason) : link_.close(code, reason);
  }
  void pause_reading(uint32_t ms) override { link_.pause_reading(ms); }
  size_t queued_bytes() const override { return link_.conn()->queued_bytes; }
  void credit(size_t) override {}

 private:
  Link& link_;
  const MemberId session_;
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
  void end(Ends what, uint16_t code, std::string_view reason) override {
    room_shard_.post_to(home_).end(link_, what == Ends::session ? session_ : 0, code, reason);
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

std::unique_ptr<Outlet> outlet_of(Link& link, Shard& room_shard, MemberId session) {
  if (&room_shard == &link.rooms_here()) return std::make_unique<NearOutlet>(link, session);
  return std::make_unique<FarOutlet>(room_shard, link.home(), link.id(), session);
}

SentAway::One sent_away(const Wire& wire, const Link::Request& from, uint16_t code,
                        std::string_view reason) {
  return {.protocol = wire.plugin,
          .code = code,
          .reason = reason,
          .peer = from.peer,
          .room = from.room};
}

}  // namespace

Link::Link(Home& home, const Wire& wire, Identity identity, Request request)
    : home_(home),
      wire_(wire),
      identity_(std::move(identity)),
      request_(std::move(request)),
      allowance_(messages_per_second(home.limits(), wire), home.limits().bytes_per_second,
                 home.users().hold(identity_.user_id, home.loop().now_ms())),
      opened_ms_(home.loop().now_ms()),
      heard_ms_(opened_ms_),
      alone_since_ms_(opened_ms_) {}

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
  open.anybody = home_.identification().asks() ? 0 : 1;
  const Status status = call_protocol(home_, wire_.calls.open, [&] {
    return wire_.protocol->open(wire_.protocol->self, &open, &state_);
  });
  opened_ = status == Status::ok;
  if (!opened_) refuse(close_code_for(status), name_of(status));
}

void Link::will_refuse(uint16_t code, std::string reason) {
  refusal_code_ = code;
  refusal_reason_ = std::move(reason);
}

void Link::keep_request(const freshet_request& request) {
  asked_with_ = std::make_unique<const RequestCopy>(request);
}

void Link::refuse(uint16_t code, std::string_view reason) {
  if (wire_.refuses_in_words() && !closing_) {
    const freshet_refusal refusal{sizeof(freshet_refusal), code, to_c(reason),
                                  to_c(std::string_view(request_.room)),
                                  to_c(std::string_view(request_.subprotocol))};
    std::vector<uint8_t> message;
    int text = 1;
    const Status status = call_protocol(home_, wire_.calls.refusal, [&] {
      return wire_.protocol->refusal(wire_.protocol->self, &refusal, VectorSink(message).c(),
                                     &text);
    });
    if (status == Status::ok && !message.empty()) static_cast<void>(send(message, text != 0));
  }
  close(code, reason);
}

// ---- time

void Link::tick(uint64_t now_ms, uint64_t unix_ms) {
  if (identity_.expires_unix_ms <= unix_ms) return close(FRESHET_CLOSE_EXPIRED, kTokenExpired);
  if (idle(now_ms)) return close(FRESHET_CLOSE_TIMEOUT, "nothing was heard for too long");
  if (deserted(now_ms)) return close(FRESHET_CLOSE_TIMEOUT, "it was in no room for too long");
  look_at_identities(unix_ms);
}

bool Link::idle(uint64_t now_ms) const {
  return wire_.traits.idle_ms != 0 && now_ms > heard_ms_ &&
         now_ms - heard_ms_ > wire_.traits.idle_ms;
}

bool Link::deserted(uint64_t now_ms) const {
  return wire_.traits.join_within_ms != 0 && sessions_.empty() &&
         now_ms - alone_since_ms_ > wire_.traits.join_within_ms;
}

void Link::look_at_identities(uint64_t unix_ms) {
  std::vector<MemberId> ask;
  for (const auto& session : sessions_) {
    if (session->expires_unix_ms <= unix_ms) {
      end(session->id, FRESHET_CLOSE_EXPIRED, kTokenExpired);
    } else if (session->renew_unix_ms <= unix_ms) {
      session->renew_unix_ms = UINT64_MAX;
      ask.push_back(session->id);
    }
  }
  if (!opened_ || closing_ || !FRESHET_HAS(wire_.protocol, expiring)) return;
  for (const MemberId id : ask) {
    if (Session* session = find(id)) {
      static_cast<void>(call_protocol(home_, wire_.calls.expiring, [&] {
        wire_.protocol->expiring(wire_.protocol->self, state_, session->c());
        return Status::ok;
      }));
    }
  }
}

// ---- what comes

void Link::message(Bytes message, bool text) {
  if (!opened_ || closing_) return;
  const uint64_t now_ms = home_.loop().now_ms();
  heard_ms_ = std::max(heard_ms_, now_ms);
  const Over over = allowance_.take_message(message.size(), now_ms);
  if (over != Over::nothing) return close_for(over);
  const Status status = call_protocol(home_, wire_.calls.message, [&] {
    return wire_.protocol->message(wire_.protocol->self, state_, to_c(message), text ? 1 : 0);
  });
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
  if (opened_) {
    static_cast<void>(call_protocol(home_, wire_.calls.close, [&] {
      wire_.protocol->close(wire_.protocol->self, state_);
      return Status::ok;
    }));
  }
  conn_ = nullptr;
}

void Link::drained() {
  for (const auto& session : sessions_) {
    const size_t taken = std::exchange(session->unreported_bytes, 0);
    session->room_shard->drained(rooms_here(), session->id, taken);
  }
}

// ---- sessions

Result<Session*> Link::join(const freshet_join& join) {
  const std::string_view room = view(join.room);
  const Limits& limits = home_.limits();
  if (!room_name_fault(room, limits.room_name_bytes).empty()) return Status::not_found;
  if (join.variant >= kMaxVariants || join.prefix.size > FRESHET_PREFIX_BYTES) {
    return Status::internal;
  }
  if (sessions_.size() >= limits.sessions_per_connection) return Status::limit;
  const bool own = FRESHET_REACHES(&join, identity) && join.identity != nullptr;
  const Identity identity = own ? Identity::of(*join.identity) : identity_;

  MemberSpec spec;
  Session& session = seat(join, identity, spec);
  const Allowance& allowance = session.allowance ? *session.allowance : allowance_;
  if (const Over over = allowance.take_join(home_.loop().now_ms()); over != Over::nothing) {
    sessions_.pop_back();
    close_for(over);
    return Status::limit;
  }
  if (own) set_identity(session, identity);
  auto outlet = outlet_of(*this, *session.room_shard, session.id);
  session.room_shard->join(rooms_here(), std::string(room),
                           std::make_unique<Member>(std::move(spec), std::move(outlet)));
  return &session;
}

// Both ends of it.
Session& Link::seat(const freshet_join& join, const Identity& identity, MemberSpec& spec) {
  spec.id = home_.next_id();
  spec.wire = &wire_;
  spec.variant = join.variant;
  spec.wants = join.wants;
  spec.text = join.text != 0;
  spec.may_write =
      join.permission == FRESHET_READ_WRITE && identity.permission == FRESHET_READ_WRITE;
  spec.prefix.assign(join.prefix.data, join.prefix.data + join.prefix.size);
  spec.client = home_.random_client();
  spec.user = identity.user;
  spec.user_id = identity.user_id;
  spec.peer = request_.peer;
  spec.since_unix_ms = home_.loop().unix_ms();
  spec.epoch = lower_case(query_value(request_.query, "epoch").value_or(""));

  Shard& room_shard = home_.shards().of(view(join.room)).rooms;
  auto session = std::make_unique<Session>(this, &room_shard, spec.id, spec.client,
                                           identity.user_id, join.permission);
  if (wire_.ends_sessions()) {
    session->allowance.emplace(home_.limits().messages_per_second, 0,
                               home_.users().hold(identity.user_id, home_.loop().now_ms()));
  }
  return *sessions_.emplace_back(std::move(session));
}

// One that is short-lived is not asked for anew at once.
void Link::set_identity(Session& session, const Identity& identity) {
  session.expires_unix_ms = identity.expires_unix_ms;
  session.renew_unix_ms = UINT64_MAX;
  if (identity.expires_unix_ms == UINT64_MAX || wire_.traits.renew_ms == 0) return;
  const uint64_t now_ms = home_.loop().unix_ms();
  const uint64_t left_ms = identity.expires_unix_ms - std::min(now_ms, identity.expires_unix_ms);
  session.renew_unix_ms =
      identity.expires_unix_ms - std::min<uint64_t>(wire_.traits.renew_ms, left_ms / 2);
}

void Link::leave(Session& session) {
  session.room_shard->leave(rooms_here(), session.id);
  static_cast<void>(take_out(session.id));
}

Session* Link::find(MemberId id) const {
  const auto it = std::ranges::find(sessions_, id, &Session::id);
  return it == sessions_.end() ? nullptr : it->get();
}

std::unique_ptr<Session> Link::take_out(MemberId id) {
  const auto it = std::ranges::find(sessions_, id, &Session::id);
  if (it == sessions_.end()) return nullptr;
  std::unique_ptr<Session> session = std::move(*it);
  sessions_.erase(it);
  if (sessions_.empty()) alone_since_ms_ = home_.loop().now_ms();
  return session;
}

bool Link::take(Session& session, size_t bytes) {
  if (!session.allowance) return true;
  if (session.over) return false;
  const Over over = session.allowance->take_message(bytes, home_.loop().now_ms());
  if (over == Over::nothing) return true;
  session.over = true;
  home_.note_over(over, session.user_id);
  end(session.id, FRESHET_CLOSE_RATE, reason_of(over));
  return false;
}

// Never where the room or the wire is in the middle of something with it.
void Link::end(MemberId session, uint16_t code, std::string_view reason) {
  if (!wire_.ends_sessions()) return close(code, reason);
  home_.loop().post([home = &home_, link = id_, session, code, why = std::string(reason)] {
    home->finish(link, session, code, why);
  });
}

void Link::finish(MemberId id, uint16_t code, std::string_view reason) {
  if (!opened_ || closing_ || find(id) == nullptr) return;
  if (may_be_over(code) && sessions_.size() == 1) return close(code, reason);
  home_.note_sent_away(sent_away(wire_, request_, code, reason));
  const std::unique_ptr<Session> session = take_out(id);
  static_cast<void>(call_protocol(home_, wire_.calls.ended, [&] {
    wire_.protocol->ended(wire_.protocol->self, state_, session->c(), code, to_c(reason));
    return Status::ok;
  }));
  session->room_shard->leave(rooms_here(), id);
}

// ---- who it is

void Link::authenticate(std::string_view room, freshet_str token, uint64_t ticket) {
  const auto answer = [home = &home_, link = id_, ticket](const Identification::Answer& who) {
    home->identified(link, ticket, who);
  };
  const bool named = room_name_fault(room, home_.limits().room_name_bytes).empty();
  if (!named || asked_with_ == nullptr) {
    const Status status = named ? Status::unsupported : Status::not_found;
    return home_.loop().post([answer, status] { answer({status, Identity{}, ""}); });
  }
  home_.identification().ask(home_.loop(), asked_with_->c(), room, token, answer);
}

void Link::identified(uint64_t ticket, const Identification::Answer& answer) {
  if (!opened_ || closing_) return;
  const freshet_identity identity = answer.identity.c();
  Status status = answer.status == Status::malformed ? Status::unauthenticated : answer.status;
  const bool expired = identity.expires_unix_ms <= home_.loop().unix_ms();
  if (status == Status::ok && expired) status = Status::unauthenticated;
  const Status taken = call_protocol(home_, wire_.calls.authenticated, [&] {
    return wire_.protocol->authenticated(wire_.protocol->self, state_, ticket,
                                         static_cast<freshet_status>(status),
                                         status == Status::ok ? &identity : nullptr);
  });
  if (taken != Status::ok) close_for(taken);
}

Status Link::renew(Session& session, const freshet_identity& c) {
  const Identity identity = Identity::of(c);
  if (identity.user_id != session.user_id) return Status::denied;
  set_identity(session, identity);
  const bool may_write =
      session.permission == FRESHET_READ_WRITE && identity.permission == FRESHET_READ_WRITE;
  return session.room_shard->submit(rooms_here(), {session.id, Submission::Renewal{may_write}});
}

// ---- what goes

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
  Session* session = closing_ ? nullptr : find(id);
  if (session == nullptr) return;
  const auto& platform = home_.loop().platform();
  for (const Body& frame : frames) {
    platform.send(platform.self, conn_, to_c(prefix), frame.get(), text ? 1 : 0);
    session->unreported_bytes += prefix.size() + frame.size();
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
  home_.note_sent_away(sent_away(wire_, request_, code, reason));
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
