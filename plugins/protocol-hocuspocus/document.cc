#include "document.h"

#include <utility>

#include "freshet/abi/crdt.h"
#include "freshet/format/awareness.h"
#include "limits.h"
#include "stateless.h"

namespace freshet::hocuspocus {
namespace {

// Of an update that brings nothing but deletions, which come along always.
bool has_no_content(Bytes update) { return update.empty() || update.front() == 0; }

// The first is what clients of a Hocuspocus server are told, and may compare it with.
std::string_view words_for(Status status) {
  switch (status) {
    case Status::unauthenticated:
    case Status::denied: return "permission-denied";
    case Status::not_found: return "this is not the name of a document";
    case Status::too_large: return "the token is too long";
    case Status::limit: return "this is one document too many";
    default: return "try again later";
  }
}

}  // namespace

Document::Document(Socket& socket, std::string_view address)
    : socket_(socket),
      address_(address),
      prefix_(prefix_of(address)),
      counting_(socket.line),
      waiting_(socket.space) {}

// When its connection has ended, so has the session.
Document::~Document() = default;

template <class Write>
Status Document::say(Write write) const {
  std::vector<uint8_t> message;
  FRESHET_CHECK(write(VectorSink(message).sink()));
  message.insert(message.begin(), prefix_.begin(), prefix_.end());
  socket_.line.spoken = true;
  return socket_.rooms.send(socket_.link, message, false);
}

// ---- what comes

Status Document::take(const Message& message, Bytes frame) {
  switch (message.kind) {
    case Kind::token: return take_token(as_text(message.payload));
    case Kind::close:
      leave();
      closed_ = true;
      return Status::ok;
    case Kind::broadcast_stateless:
      shut("only servers broadcast stateless messages");
      return Status::ok;
    case Kind::unknown: shut("this message is not understood"); return Status::ok;
    case Kind::step1:
      if (!counting_.begin(message.payload)) return Status::ok;
      break;
    default: break;
  }
  const bool counts = count(message);
  switch (stage_) {
    case Stage::unknown:
      if (socket_.asks_nobody && message.kind == Kind::step1) ask({});
      [[fallthrough]];
    case Stage::asking: return keep(message.kind, frame, counts);
    case Stage::open: return serve(message, counts);
    case Stage::shut: return take_shut(message.kind, frame);
  }
  return Status::internal;
}

// Of an update, whether its client waits to hear of it.
bool Document::count(const Message& message) {
  if (message.kind == Kind::update) {
    return counting_.counts(message.payload, stage_ == Stage::open);
  }
  if (message.kind == Kind::step2) {
    socket_.line.emptied = true;
    counting_.end();
  }
  return true;
}

Status Document::keep(Kind kind, Bytes frame, bool counts) {
  return waiting_.push(kind, frame, counts) ? Status::ok : Status::limit;
}

Status Document::take_shut(Kind kind, Bytes frame) {
  if (kind == Kind::step1) return keep(kind, frame, true);
  if (kind != Kind::step2 && kind != Kind::update) return Status::ok;
  return say([](Sink out) { return write_sync_status(Saved::no, out); });
}

Status Document::serve(const Message& message, bool counts) {
  switch (message.kind) {
    case Kind::step1:
      return socket_.rooms.request_diff(session_, FRESHET_UPDATE_V1, message.payload);
    case Kind::step2:
    case Kind::update: return submit(message, counts);
    case Kind::awareness: return show(message.payload);
    case Kind::query_awareness: return socket_.rooms.query_presence(session_);
    case Kind::stateless: {
      const Event event = event_of(as_text(message.payload));
      // A text is nobody's procedure, and waits for no answer.
      const uint64_t ticket = event.name == kStatelessEvent ? kCountsNot : kCounts;
      return socket_.rooms.call(session_, event.name, as_bytes(event.json), ticket);
    }
    default: return Status::ok;
  }
}

// Every client answers a step1, one that may only read too. If it has nothing that we lack, that is
// no attempt to write.
Status Document::submit(const Message& message, bool counts) {
  if (message.kind == Kind::step2 && !may_write_ && has_no_content(message.payload)) {
    return say([](Sink out) { return write_sync_status(Saved::yes, out); });
  }
  owes_ = owes_ || !may_write_;
  return socket_.rooms.submit_update(session_, FRESHET_UPDATE_V1, message.payload,
                                     counts ? kCounts : kCountsNot);
}

Status Document::show(Bytes awareness) {
  std::vector<freshet_presence>& entries = socket_.entries;
  const Status read = read_awareness(awareness, socket_.presence_entries, entries);
  Status status = Status::ok;
  if (read != Status::ok) {
    shut("this awareness is not understood");
  } else if (!entries.empty()) {
    status = socket_.rooms.submit_presence(session_, entries);
  }
  entries.clear();
  if (entries.capacity() > kKeptEntries) entries.shrink_to_fit();
  return status;
}

// ---- who it is

Status Document::take_token(std::string_view token) {
  if (token.size() > kMaxTokenBytes) {
    deny(Status::too_large);
  } else if (ticket_ != 0) {
    next_token_ = token;
  } else {
    ask(token);
  }
  return Status::ok;
}

// None: the one that came with the socket, if one did.
void Document::ask(std::string_view token) {
  if (stage_ != Stage::open) stage_ = Stage::asking;
  ticket_ = ++socket_.last_ticket;
  socket_.rooms.authenticate(socket_.link, document_of(address_),
                             token.empty() ? freshet_str{nullptr, 0} : to_c(token), ticket_);
}

Status Document::authenticated(Status status, const freshet_identity* identity) {
  ticket_ = 0;
  Status taken = Status::ok;
  if (stage_ == Stage::open) {
    renew(status, identity);
  } else if (status == Status::ok) {
    taken = open(*identity);
  } else {
    deny(status);
  }
  if (status != Status::ok && ++socket_.refused > kMaxRefusedTokens) return Status::limit;
  if (next_token_) ask(*std::exchange(next_token_, {}));
  return taken;
}

void Document::deny(Status status) {
  static_cast<void>(say([&](Sink out) { return write_denied(words_for(status), out); }));
  if (stage_ == Stage::open) return shut(words_for(status));
  stage_ = Stage::shut;
  waiting_.forget_updates();
  counting_.forget();
}

Status Document::open(const freshet_identity& identity) {
  const Status joined = join(identity);
  if (joined != Status::ok) {
    deny(joined);
    return Status::ok;
  }
  for (const Waiting::One& each : waiting_.take()) {
    FRESHET_TRY(const Message message, read_message(each.frame));
    // It may be shut by what came before.
    FRESHET_CHECK(stage_ == Stage::open ? serve(message, each.counts)
                                        : take_shut(each.kind, each.frame));
  }
  return Status::ok;
}

Status Document::join(const freshet_identity& identity) {
  may_write_ = identity.permission == FRESHET_READ_WRITE;
  owes_ = false;
  freshet_join join{};
  join.size = sizeof(join);
  join.room = to_c(document_of(address_));
  join.prefix = to_c(Bytes(prefix_));
  join.variant = static_cast<uint32_t>(may_write_ ? Scope::read_write : Scope::read_only);
  join.wants =
      FRESHET_WANT_UPDATES | FRESHET_WANT_PRESENCE | FRESHET_WANT_SAVED | FRESHET_WANT_EVENTS;
  join.permission = FRESHET_READ_WRITE;
  join.identity = &identity;
  socket_.line.spoken = true;
  FRESHET_TRY(session_, socket_.rooms.join(socket_.link, join));
  stage_ = Stage::open;
  return Status::ok;
}

// One that cannot be judged now may be asked for again.
void Document::renew(Status status, const freshet_identity* identity) {
  if (status == Status::unauthenticated || status == Status::denied) return deny(status);
  if (status != Status::ok) return;
  if (socket_.rooms.renew(session_, *identity) != Status::ok) {
    return shut("this is the token of somebody else");
  }
  const bool may_write = identity->permission == FRESHET_READ_WRITE;
  if (std::exchange(may_write_, may_write) == may_write) return;
  const Scope scope = may_write ? Scope::read_write : Scope::read_only;
  static_cast<void>(say([&](Sink out) { return write_authenticated(scope, out); }));
  if (!may_write || !std::exchange(owes_, false)) return;
  // It answers with all that was not taken.
  static_cast<void>(socket_.rooms.request_diff(session_, FRESHET_UPDATE_V1, {}));
}

void Document::expiring() {
  static_cast<void>(say([](Sink out) { return write_token_wanted(out); }));
}

// ---- ends

void Document::leave() {
  if (session_ != nullptr) socket_.rooms.leave(std::exchange(session_, nullptr));
}

void Document::ended(std::string_view why) {
  session_ = nullptr;
  shut(why);
}

void Document::shut(std::string_view why) {
  leave();
  const bool was_open = stage_ == Stage::open;
  stage_ = Stage::shut;
  ticket_ = 0;
  next_token_.reset();
  waiting_.clear();
  counting_.forget();
  static_cast<void>(say([&](Sink out) { return write_close(why, out); }));
  if (was_open) remember_to_sync();
}

// A client that only sends another token has written meanwhile what was not taken: it is asked for
// that as if it had said that it knows nothing.
void Document::remember_to_sync() {
  constexpr uint8_t kNothing[] = {0};
  std::vector<uint8_t> frame;
  static_cast<void>(write_step1(kNothing, VectorSink(frame).sink()));
  frame.insert(frame.begin(), prefix_.begin(), prefix_.end());
  static_cast<void>(waiting_.push(Kind::step1, frame, true));
}

}  // namespace freshet::hocuspocus
