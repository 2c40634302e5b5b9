#include "core/offered/room_table.h"

#include "core/shards/link.h"
#include "core/shards/shard.h"

namespace freshet {
namespace {

// A session, reached from where a protocol must call: its connection's shard.
Session& here(freshet_session* session) {
  Session& s = Session::of(session);
  assert_on(s.link->home().loop().shard());
  return s;
}

freshet_status join(void*, freshet_link* link, const freshet_join* join, freshet_session** out) {
  assert_on(Link::of(link).home().loop().shard());
  const Result<Session*> session = Link::of(link).join(*join);
  if (!session) return static_cast<freshet_status>(session.status());
  *out = (*session)->c();
  return FRESHET_OK;
}

void leave(void*, freshet_session* session) {
  Session& s = here(session);
  s.link->leave(s);
}

freshet_status submit(freshet_session* session, const Submission::What& what) {
  Session& s = here(session);
  const Submission submission{s.id, what};
  if (!s.link->take(s, submission.size_bytes())) return FRESHET_OK;
  return static_cast<freshet_status>(s.room_shard->submit(s.link->rooms_here(), submission));
}

freshet_status submit_update(void*, freshet_session* session, uint32_t format, freshet_bytes update,
                             uint64_t ticket) {
  return submit(session, Submission::Update{format, view(update), ticket});
}

freshet_status submit_presence(void*, freshet_session* session, const freshet_presence* entries,
                               size_t count) {
  return submit(session, Submission::Presence{{entries, count}});
}

freshet_status query_presence(void*, freshet_session* session) {
  return submit(session, Submission::PresenceQuery{});
}

freshet_status request_diff(void*, freshet_session* session, uint32_t, freshet_bytes state_vector) {
  return submit(session, Submission::DiffQuery{view(state_vector)});
}

freshet_status follow(void*, freshet_session* session, uint32_t wants) {
  return submit(session, Submission::Follow{wants});
}

freshet_status open_document(void*, freshet_session* session, uint32_t format, freshet_bytes seed) {
  return submit(session, Submission::Open{format, view(seed)});
}

freshet_status show(void*, freshet_session* session, freshet_bytes change) {
  return submit(session, Submission::Show{view(change)});
}

freshet_status call(void*, freshet_session* session, freshet_str name, freshet_bytes data,
                    uint64_t ticket) {
  return submit(session, Submission::Event{view(name), view(data), ticket});
}

freshet_status send(void*, freshet_link* link, freshet_bytes message, int text) {
  return static_cast<freshet_status>(Link::of(link).send(view(message), text != 0));
}

freshet_status send_urgent(void*, freshet_link* link, freshet_bytes message, int text) {
  return static_cast<freshet_status>(Link::of(link).send_urgent(view(message), text != 0));
}

uint64_t client(void*, const freshet_session* session) { return Session::of(session).client; }

freshet_status submit_event(void* self, freshet_session* session, freshet_str name,
                            freshet_bytes data) {
  return call(self, session, name, data, 0);
}

void authenticate(void*, freshet_link* link, freshet_str room, freshet_str token, uint64_t ticket) {
  assert_on(Link::of(link).home().loop().shard());
  Link::of(link).authenticate(view(room), token, ticket);
}

freshet_status renew(void*, freshet_session* session, const freshet_identity* identity) {
  Session& s = here(session);
  return static_cast<freshet_status>(s.link->renew(s, *identity));
}

}  // namespace

const freshet_room kRoomTable = {sizeof(freshet_room),
                                 nullptr,
                                 join,
                                 leave,
                                 submit_update,
                                 submit_presence,
                                 query_presence,
                                 request_diff,
                                 send,
                                 client,
                                 follow,
                                 open_document,
                                 show,
                                 submit_event,
                                 send_urgent,
                                 call,
                                 authenticate,
                                 renew};

}  // namespace freshet
