// freshet/protocol.h: a protocol plugin in C++. See abi/protocol.h and abi/room.h for the promises.
#pragma once

#include <span>

#include "freshet/abi/close.h"
#include "freshet/abi/protocol.h"
#include "freshet/service.h"

namespace freshet {

// The rooms of the core, as a protocol sees them. A cheap handle; called on the connection's shard.
class Rooms {
 public:
  explicit Rooms(const freshet_room* c) : c_(c) {}

  Result<freshet_session*> join(freshet_link* link, freshet_join join) const {
    join.size = sizeof(join);
    freshet_session* session = nullptr;
    FRESHET_CHECK(Status{c_->join(c_->self, link, &join, &session)});
    return session;
  }
  void leave(freshet_session* session) const { c_->leave(c_->self, session); }

  Status submit_update(freshet_session* session, uint32_t format, Bytes update,
                       uint64_t ticket = 0) const {
    return Status{c_->submit_update(c_->self, session, format, to_c(update), ticket)};
  }
  Status submit_presence(freshet_session* session,
                         std::span<const freshet_presence> entries) const {
    return Status{c_->submit_presence(c_->self, session, entries.data(), entries.size())};
  }
  Status query_presence(freshet_session* session) const {
    return Status{c_->query_presence(c_->self, session)};
  }
  Status request_diff(freshet_session* session, uint32_t format, Bytes state_vector) const {
    return Status{c_->request_diff(c_->self, session, format, to_c(state_vector))};
  }
  Status send(freshet_link* link, Bytes message, bool text) const {
    return Status{c_->send(c_->self, link, to_c(message), text ? 1 : 0)};
  }
  // On a host that knows no urgency it waits its turn.
  Status send_urgent(freshet_link* link, Bytes message, bool text) const {
    if (!FRESHET_HAS(c_, send_urgent)) return send(link, message, text);
    return Status{c_->send_urgent(c_->self, link, to_c(message), text ? 1 : 0)};
  }
  uint64_t client(const freshet_session* session) const { return c_->client(c_->self, session); }
  Status follow(freshet_session* session, uint32_t wants) const {
    return Status{c_->follow(c_->self, session, wants)};
  }
  Status open_document(freshet_session* session, uint32_t format, Bytes seed) const {
    return Status{c_->open_document(c_->self, session, format, to_c(seed))};
  }
  Status show(freshet_session* session, Bytes change) const {
    return Status{c_->show(c_->self, session, to_c(change))};
  }
  Status submit_event(freshet_session* session, std::string_view name, Bytes data) const {
    return Status{c_->submit_event(c_->self, session, to_c(name), to_c(data))};
  }
  // On a host that knows no tickets of events it has none.
  Status call(freshet_session* session, std::string_view name, Bytes data, uint64_t ticket) const {
    if (!FRESHET_HAS(c_, call)) return submit_event(session, name, data);
    return Status{c_->call(c_->self, session, to_c(name), to_c(data), ticket)};
  }
  // REQUIRES of these two: knows_identities().
  void authenticate(freshet_link* link, std::string_view room, freshet_str token,
                    uint64_t ticket) const {
    c_->authenticate(c_->self, link, to_c(room), token, ticket);
  }
  Status renew(freshet_session* session, const freshet_identity& identity) const {
    return Status{c_->renew(c_->self, session, &identity)};
  }
  bool knows_identities() const { return FRESHET_HAS(c_, authenticate) && FRESHET_HAS(c_, renew); }

 private:
  const freshet_room* c_;
};

// What a REFUSED delivery says to a human: its own words, or those of its status.
inline std::string_view refusal_words(const freshet_delivery& refused) {
  if (refused.bytes.size != 0) return as_text(view(refused.bytes));
  switch (refused.status) {
    case FRESHET_DENIED: return "You may only read in this room.";
    case FRESHET_LIMIT: return "The room is full.";
    case FRESHET_TOO_LARGE: return "This is larger than the server takes.";
    case FRESHET_MALFORMED: return "The update does not decode.";
    default: return "This was not taken.";
  }
}

// One connection's inbound half; lives on its shard.
class ProtocolConnection {
 public:
  virtual ~ProtocolConnection() = default;  // its sessions have left by then
  virtual Status message(Bytes message, bool text) = 0;
  // See abi/protocol.h, of those that follow. `identity` is null on any status but ok.
  virtual Status authenticated(uint64_t ticket, Status status, const freshet_identity* identity) {
    static_cast<void>(ticket);
    static_cast<void>(status);
    static_cast<void>(identity);
    return Status::unsupported;
  }
  virtual void expiring(freshet_session* session) { static_cast<void>(session); }
  virtual void ended(freshet_session* session, uint16_t code, std::string_view reason) {
    static_cast<void>(session);
    static_cast<void>(code);
    static_cast<void>(reason);
  }
};

class Protocol {
 public:
  virtual Status routes(Sink out) = 0;  // [main]
  virtual freshet_traits traits() = 0;  // [main]
  virtual Result<std::unique_ptr<ProtocolConnection>> open(const freshet_open& open) = 0;
  // Pure, and called from any shard at any time.
  virtual Status encode(const freshet_delivery& delivery, Sink out) const = 0;
  virtual uint16_t close_code(uint16_t code) const { return code; }
  // `shown`: null data the first time.
  virtual Status merge_presence(std::string_view shown, Bytes change, Sink out) const {
    static_cast<void>(shown);
    static_cast<void>(change);
    static_cast<void>(out);
    return Status::unsupported;
  }
  // May write nothing.
  virtual Status refusal(const freshet_refusal& refusal, Sink out, bool& text) const {
    static_cast<void>(refusal);
    static_cast<void>(out);
    static_cast<void>(text);
    return Status::ok;
  }
  // May write nothing.
  virtual Status example(std::string_view route, Sink out) const {
    static_cast<void>(route);
    static_cast<void>(out);
    return Status::ok;
  }

 protected:
  ~Protocol() = default;
};

template <>
class Bound<Protocol> : detail::BoundTo<Protocol> {
 public:
  static constexpr const char* kId = FRESHET_PROTOCOL_ID;

  Bound(Protocol& impl, Host host) : BoundTo(impl, host) { table_.self = self(); }
  const freshet_protocol* table() const { return &table_; }

 private:
  freshet_protocol table_ = {
      .size = sizeof(freshet_protocol),
      .self = nullptr,
      .routes =
          [](void* self, const freshet_sink* out) {
            return call(self, [&](Protocol& p) { return p.routes(Sink(out)); });
          },
      .traits = [](void* self,
                   freshet_traits* out) { run(self, [&](Protocol& p) { *out = p.traits(); }); },
      .open =
          [](void* self, const freshet_open* open, void** state) {
            return call(self, [&](Protocol& p) {
              FRESHET_TRY(auto connection, p.open(*open));
              *state = connection.release();
              return Status::ok;
            });
          },
      .message =
          [](void* self, void* state, freshet_bytes message, int text) {
            return call(self, [&](Protocol&) {
              return static_cast<ProtocolConnection*>(state)->message(view(message), text != 0);
            });
          },
      .close =
          [](void* self, void* state) {
            run(self, [&](Protocol&) { delete static_cast<ProtocolConnection*>(state); });
          },
      .encode =
          [](void* self, const freshet_delivery* delivery, const freshet_sink* out) {
            return call(self, [&](Protocol& p) { return p.encode(*delivery, Sink(out)); });
          },
      .close_code =
          [](void* self, uint16_t code) {
            uint16_t mapped = code;
            run(self, [&](Protocol& p) { mapped = p.close_code(code); });
            return mapped;
          },
      .merge_presence =
          [](void* self, freshet_str shown, freshet_bytes change, const freshet_sink* out) {
            return call(self, [&](Protocol& p) {
              return p.merge_presence(view(shown), view(change), Sink(out));
            });
          },
      .refusal =
          [](void* self, const freshet_refusal* refusal, const freshet_sink* out, int* text) {
            return call(self, [&](Protocol& p) {
              bool as_text = true;
              const Status status = p.refusal(*refusal, Sink(out), as_text);
              *text = as_text ? 1 : 0;
              return status;
            });
          },
      .example =
          [](void* self, freshet_str route, const freshet_sink* out) {
            return call(self, [&](Protocol& p) { return p.example(view(route), Sink(out)); });
          },
      .authenticated =
          [](void* self, void* state, uint64_t ticket, freshet_status status,
             const freshet_identity* identity) {
            return call(self, [&](Protocol&) {
              return static_cast<ProtocolConnection*>(state)->authenticated(ticket, Status{status},
                                                                            identity);
            });
          },
      .expiring =
          [](void* self, void* state, freshet_session* session) {
            run(self,
                [&](Protocol&) { static_cast<ProtocolConnection*>(state)->expiring(session); });
          },
      .ended =
          [](void* self, void* state, freshet_session* session, uint16_t code, freshet_str reason) {
            run(self, [&](Protocol&) {
              static_cast<ProtocolConnection*>(state)->ended(session, code, view(reason));
            });
          },
  };
};

}  // namespace freshet
