// core/shards/link.h: a connection, from the side of its wire.
//
// Lives on one shard: its connection's. Owns the protocol's state and its sessions' near ends; the
// far ends are members of rooms (core/audience/member.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audience/member.h"
#include "core/audience/wire.h"
#include "core/identity/identification.h"
#include "core/request/request_copy.h"
#include "core/shards/allowance.h"
#include "core/shards/home.h"
#include "freshet/abi/platform.h"
#include "freshet/abi/room.h"
#include "freshet/result.h"

namespace freshet {

class Shard;
class Link;

// The near end of a session: what a protocol holds as freshet_session.
struct Session {
  Session(Link* of, Shard* shard, MemberId number, uint64_t called, std::string user,
          uint32_t asked)
      : link(of),
        room_shard(shard),
        id(number),
        client(called),
        user_id(std::move(user)),
        permission(asked) {}

  Link* const link;
  Shard* const room_shard;
  const MemberId id;
  const uint64_t client;                  // what deliveries call it
  const std::string user_id;              // of its identity
  const uint32_t permission;              // that it has asked for
  uint64_t expires_unix_ms = UINT64_MAX;  // its own identity
  uint64_t renew_unix_ms = UINT64_MAX;    // when its wire is told of that; UINT64_MAX: it was
  bool over = false;                      // it has sent too much: it is about to end
  std::optional<Allowance> allowance;     // its own, where there may be many on a connection
  // Delivered here for a room on another shard, not yet credited to it.
  size_t unreported_bytes = 0;

  freshet_session* c() { return reinterpret_cast<freshet_session*>(this); }
  static Session& of(freshet_session* c) { return *reinterpret_cast<Session*>(c); }
  static const Session& of(const freshet_session* c) {
    return *reinterpret_cast<const Session*>(c);
  }
};

class Link {
 public:
  struct Request {
    std::string room, query, subprotocol;
    std::string peer;  // whose address it came from, for the log
  };

  Link(Home& home, const Wire& wire, Identity identity, Request request);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  freshet_link* c() { return reinterpret_cast<freshet_link*>(this); }
  static Link& of(freshet_link* c) { return *reinterpret_cast<Link*>(c); }

  uint64_t id() const { return id_; }  // 0 until open()
  Home& home() { return home_; }
  Shard& rooms_here();  // those of the same loop
  const Wire& wire() const { return wire_; }
  freshet_conn* conn() { return conn_; }

  // ---- from the platform ----
  void open(uint64_t id, freshet_conn* conn);
  // Instead of a session it gets the wire's word of refusal and this close code. REQUIRES: not
  // open.
  void will_refuse(uint16_t code, std::string reason);
  // For authenticate().
  void keep_request(const freshet_request& request);
  void message(Bytes message, bool text);
  void drained();
  // Is not heard any more: see freshet_events.on_fault.
  void fault(uint16_t code, std::string_view reason);
  void closed();  // the connection is gone; the link may be destroyed

  // ---- from the protocol, through the room table ----
  Result<Session*> join(const freshet_join& join);
  void leave(Session& session);
  Status send(Bytes message, bool text);
  Status send_urgent(Bytes message, bool text);
  void authenticate(std::string_view room, freshet_str token, uint64_t ticket);
  Status renew(Session& session, const freshet_identity& identity);
  // Of what a session submits. False: it is too much, and not to be taken.
  bool take(Session& session, size_t bytes);

  // ---- from rooms, and from itself, later ----
  // A session alone where its wire lets it; else, and where what ends the only one may be over in a
  // moment, so that a client does best to come back, the connection.
  void end(MemberId session, uint16_t code, std::string_view reason);
  void finish(MemberId session, uint16_t code, std::string_view reason);
  void identified(uint64_t ticket, const Identification::Answer& answer);

  // ---- from rooms on other shards ----
  void deliver(MemberId session, const Frames& frames, Bytes prefix, bool text);

  // `code` is one of abi/close.h. What it means to the wire's clients, and whether it must wait
  // because they would be back at once, is the link's business.
  void close(uint16_t code, std::string_view reason);
  // That nothing is heard meanwhile is not the peer's doing.
  void pause_reading(uint32_t ms);
  // About once a second: for what is too old, or too silent.
  void tick(uint64_t now_ms, uint64_t unix_ms);

 private:
  using Sessions = std::vector<std::unique_ptr<Session>>;

  bool idle(uint64_t now_ms) const;      // for too long, as its wire sees it
  bool deserted(uint64_t now_ms) const;  // the same: in no room
  void look_at_identities(uint64_t unix_ms);
  Session* find(MemberId session) const;
  std::unique_ptr<Session> take_out(MemberId session);
  Session& seat(const freshet_join& join, const Identity& identity, MemberSpec& spec);
  void set_identity(Session& session, const Identity& identity);
  void refuse(uint16_t code, std::string_view reason);
  void close_for(Status status);
  void close_for(Over over);

  Home& home_;
  const Wire& wire_;
  const Identity identity_;
  const Request request_;
  Allowance allowance_;
  uint64_t id_ = 0;
  freshet_conn* conn_ = nullptr;
  void* state_ = nullptr;  // the protocol's
  bool opened_ = false;
  bool closing_ = false;
  uint64_t opened_ms_;       // when it was accepted
  uint64_t heard_ms_;        // when its last message came, or the end of a pause
  uint64_t alone_since_ms_;  // in no room
  uint16_t refusal_code_ = 0;
  std::string refusal_reason_;
  std::unique_ptr<const RequestCopy> asked_with_;
  Sessions sessions_;
};

}  // namespace freshet
