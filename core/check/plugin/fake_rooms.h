// core/check/plugin/fake_rooms.h: rooms for a protocol, which look at what they are asked.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/check/run/witness.h"
#include "freshet/abi/protocol.h"
#include "freshet/abi/room.h"

namespace freshet::check {

// Takes everything, and notes what no core could take: a session that has left, a connection that
// is closed, bytes that are none. On one thread.
class FakeRooms {
 public:
  explicit FakeRooms(Witness& witness) : witness_(witness) {}
  FakeRooms(const FakeRooms&) = delete;
  FakeRooms& operator=(const FakeRooms&) = delete;

  const freshet_room* table() const { return &c_; }

  // A connection, until it is closed.
  freshet_link* arrive();
  void close(freshet_link* link);

  struct Ticket {
    freshet_link* link;
    uint64_t number;
  };
  // The questions who somebody is, since the last time.
  std::vector<Ticket> take_questions();
  // The sessions of a connection.
  std::vector<freshet_session*> sessions_of(freshet_link* link) const;
  // A session is no more, as far as the core goes.
  void end(freshet_session* session);
  // Of the last join: how what is delivered is to be encoded.
  uint32_t variant() const { return variant_; }

 private:
  static FakeRooms& self(void* ctx) { return *static_cast<FakeRooms*>(ctx); }
  freshet_status of_session(const char* function, const freshet_session* session);
  freshet_status of_link(const char* function, freshet_link* link);
  freshet_status bytes(const char* function, const void* data, size_t size);

  static freshet_status join(void* ctx, freshet_link* link, const freshet_join* join,
                             freshet_session** out);
  static void leave(void* ctx, freshet_session* session);
  static freshet_status submit_update(void* ctx, freshet_session* session, uint32_t format,
                                      freshet_bytes update, uint64_t ticket);
  static freshet_status submit_presence(void* ctx, freshet_session* session,
                                        const freshet_presence* entries, size_t count);
  static freshet_status query_presence(void* ctx, freshet_session* session);
  static freshet_status with_format(void* ctx, freshet_session* session, uint32_t format,
                                    freshet_bytes data);
  static freshet_status send(void* ctx, freshet_link* link, freshet_bytes message, int text);
  static uint64_t client(void* ctx, const freshet_session* session);
  static freshet_status follow(void* ctx, freshet_session* session, uint32_t wants);
  static freshet_status show(void* ctx, freshet_session* session, freshet_bytes change);
  static freshet_status submit_event(void* ctx, freshet_session* session, freshet_str name,
                                     freshet_bytes data);
  static freshet_status call(void* ctx, freshet_session* session, freshet_str name,
                             freshet_bytes data, uint64_t ticket);
  static void authenticate(void* ctx, freshet_link* link, freshet_str room, freshet_str token,
                           uint64_t ticket);
  static freshet_status renew(void* ctx, freshet_session* session,
                              const freshet_identity* identity);

  Witness& witness_;
  std::set<uintptr_t> links_;
  std::set<std::pair<uintptr_t, uintptr_t>> sessions_;  // of which link
  uintptr_t last_ = 0;
  std::vector<Ticket> questions_;
  uint32_t variant_ = 0;
  const freshet_room c_{
      .size = sizeof(freshet_room),
      .self = this,
      .join = join,
      .leave = leave,
      .submit_update = submit_update,
      .submit_presence = submit_presence,
      .query_presence = query_presence,
      .request_diff = with_format,
      .send = send,
      .client = client,
      .follow = follow,
      .open_document = with_format,
      .show = show,
      .submit_event = submit_event,
      .send_urgent = send,
      .call = call,
      .authenticate = authenticate,
      .renew = renew,
  };
};

}  // namespace freshet::check
