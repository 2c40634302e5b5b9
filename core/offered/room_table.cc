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

freshet_status submit_update(void*, freshet_session* session, uint32_t format, freshet_bytes update,
                             uint64_t ticket) {
  const Session& s = here(session);
  return static_cast<freshet_status>(
      s.room_shard->submit_update(s.link->rooms_here(), s.id, format, view(update), ticket));
}

freshet_status submit_presence(void*, freshet_session* session, const freshet_presence* entries,
                               size_t count) {
  const Session& s = here(session);
  return static_cast<freshet_status>(
      s.room_shard->submit_presence(s.link->rooms_here(), s.id, {entries, count}));
}

freshet_status query_presence(void*, freshet_session* session) {
  const Session& s = here(session);
  return static_cast<freshet_status>(s.room_shard->query_presence(s.link->rooms_here(), s.id));
}

freshet_status request_diff(void*, freshet_session* session, uint32_t format,
                            freshet_bytes state_vector) {
  const Session& s = here(session);
  return static_cast<freshet_status>(
      s.room_shard->request_diff(s.link->rooms_here(), s.id, format, view(state_vector)));
}

freshet_status send(void*, freshet_link* link, freshet_bytes message, int text) {
  return static_cast<freshet_status>(Link::of(link).send(view(message), text != 0));
}

freshet_status send_urgent(void*, freshet_link* link, freshet_bytes message, int text) {
  return static_cast<freshet_status>(Link::of(link).send_urgent(view(message), text != 0));
}

uint64_t client(void*, const freshet_session* session) { return Session::of(session).client; }

freshet_status submit(freshet_session* session, Submission::Kind kind, freshet_bytes bytes,
                      Submission more) {
  const Session& s = here(session);
  more.kind = kind;
  more.from = s.id;
  more.bytes.assign(bytes.data, bytes.data + bytes.size);
  return static_cast<freshet_status>(s.room_shard->submit(s.link->rooms_here(), std::move(more)));
}

freshet_status follow(void*, freshet_session* session, uint32_t wants) {
  Submission more{};
  more.wants = wants;
  return submit(session, Submission::Kind::follow, {}, std::move(more));
}

freshet_status open_document(void*, freshet_session* session, uint32_t format, freshet_bytes seed) {
  Submission more{};
  more.format = format;
  return submit(session, Submission::Kind::open, seed, std::move(more));
}

freshet_status show(void*, freshet_session* session, freshet_bytes change) {
  return submit(session, Submission::Kind::show, change, {});
}

freshet_status call(void*, freshet_session* session, freshet_str name, freshet_bytes data,
                    uint64_t ticket) {
  Submission more{};
  more.name = view(name);
  more.ticket = ticket;
  return submit(session, Submission::Kind::event, data, std::move(more));
}

freshet_status submit_event(void* self, freshet_session* session, freshet_str name,
                            freshet_bytes data) {
  return call(self, session, name, data, 0);
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
                                 call};

}  // namespace freshet
