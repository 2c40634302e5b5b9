/* freshet/abi/room.h: what the core offers to protocols: rooms, joined by sessions.
 *
 * A session is one (connection, room) pair. Its room may live on another shard than its connection;
 * a protocol does not notice: what it submits is carried over, and what the room has to say comes
 * as deliveries, encoded by freshet_protocol.encode wherever the room lives. */
#ifndef FRESHET_ABI_ROOM_H
#define FRESHET_ABI_ROOM_H

#include "freshet/abi/auth.h"
#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_ROOM_ID "freshet.room/0"

typedef struct freshet_link freshet_link;       /* a connection, as protocols know it */
typedef struct freshet_session freshet_session; /* from join() to leave() or the connection's end */

/* One peer's presence: what others show of it. Latest clock wins. */
typedef struct freshet_presence {
  uint64_t client; /* the awareness client id, below 2^53 */
  uint64_t clock;
  freshet_str json; /* one JSON value; {NULL, 0}: gone */
} freshet_presence;

/* Somebody in a room, as deliveries name them. */
typedef struct freshet_source {
  uint64_t client; /* of presence: the entry's; else freshet_room.client() of a session. 0: several,
                      or nobody who is here */
  freshet_str user; /* JSON, as auth gave it; {NULL, 0}: anonymous, or not known any more */
  uint8_t arrived;  /* PRESENCE: was not shown before */
} freshet_source;

/* What a session wants to be told. */
enum {
  FRESHET_WANT_UPDATES = 1u << 0,
  FRESHET_WANT_PRESENCE = 1u << 1,
  FRESHET_WANT_SAVED = 1u << 2,
  FRESHET_WANT_EVENTS = 1u << 3
};

/* Enough for the longest name a room may have, and some more. */
#define FRESHET_PREFIX_BYTES 5120u

typedef struct freshet_join {
  uint32_t size;
  freshet_str room;                 /* UTF-8, as limited by the manifest */
  freshet_bytes prefix;             /* put before every delivery to this session; copied; at most
                                       FRESHET_PREFIX_BYTES */
  uint32_t variant;                 /* the protocol's own number of the encoding it gets, below 8 */
  uint32_t wants;                   /* FRESHET_WANT_... */
  uint8_t text;                     /* 1: deliveries go as text messages */
  uint32_t permission;              /* freshet_permission: at most what the identity has */
  const freshet_identity* identity; /* of this session; NULL: the connection's */
} freshet_join;

/* Everything here is called on the shard of the connection. */
typedef struct freshet_room {
  uint32_t size;
  void* self;

  /* The session is in when its JOINED delivery goes out; what it submits before then waits, within
   * a bound. FRESHET_NOT_FOUND: not a room's name. FRESHET_LIMIT: too many sessions. If the room
   * cannot be loaded the connection is closed. [shard] */
  freshet_status (*join)(void* self, freshet_link* link, const freshet_join* join,
                         freshet_session** out);
  void (*leave)(void* self, freshet_session* session); /* [shard] */

  /* On FRESHET_OK the update was taken or will be judged elsewhere: an outcome comes as SAVED or
   * REFUSED with this ticket, and malformed bytes close the connection. [shard] */
  freshet_status (*submit_update)(void* self, freshet_session* session, uint32_t format,
                                  freshet_bytes update, uint64_t ticket);

  /* Entries whose clock is not news are dropped one by one. [shard] */
  freshet_status (*submit_presence)(void* self, freshet_session* session,
                                    const freshet_presence* entries, size_t count);

  /* A PRESENCE delivery with everybody in the room follows, `whole`, even if nobody is. [shard] */
  freshet_status (*query_presence)(void* self, freshet_session* session);

  /* A DIFF delivery follows, when all it holds is saved. [shard] */
  freshet_status (*request_diff)(void* self, freshet_session* session, uint32_t format,
                                 freshet_bytes state_vector);

  /* One message to this connection, past all rooms. [shard] */
  freshet_status (*send)(void* self, freshet_link* link, freshet_bytes message, int text);

  /* What deliveries call this session: random, below 2^53, never 0. [shard] */
  uint64_t (*client)(void* self, const freshet_session* session);

  /* From now on the session wants these too. If UPDATES is new among them, an UPDATE delivery with
   * all that changed since its answer to open_document comes first (since ever, if it never asked).
   * [shard] */
  freshet_status (*follow)(void* self, freshet_session* session, uint32_t wants);

  /* A DIFF delivery with the whole document follows, when all it holds is saved. If the document
   * has no content yet, `seed` is taken first as an update of this session, unless it is empty or
   * the session may not write; freshet_delivery.document says what became of it. [shard] */
  freshet_status (*open_document)(void* self, freshet_session* session, uint32_t format,
                                  freshet_bytes seed);

  /* Changes what this session's person shows: a person is one user id with all its sessions on this
   * wire that showed anything, or one anonymous session. What it shows then is the result of
   * freshet_protocol.merge_presence, under client() as the client id; nobody else may use that id.
   * A returning user finds in JOINED what it showed before. If it is not taken, REFUSED with
   * ticket 0 says why. [shard] */
  freshet_status (*show)(void* self, freshet_session* session, freshet_bytes change);

  /* An EVENT delivery to everybody who wants events, the sender included, in order. `data`: one
   * JSON value. A session that may not write is REFUSED, with ticket 0. [shard] */
  freshet_status (*submit_event)(void* self, freshet_session* session, freshet_str name,
                                 freshet_bytes data);

  /* As send, but before all that waits for this connection: for answers that a client waits for
   * with a clock in its hand. Only a few kilobytes of such messages wait at once; past that
   * FRESHET_LIMIT, and it is not sent. [shard] */
  freshet_status (*send_urgent)(void* self, freshet_link* link, freshet_bytes message, int text);

  /* As submit_event. If it is not taken, or the procedure of that name fails, REFUSED has this
   * ticket. [shard] */
  freshet_status (*call)(void* self, freshet_session* session, freshet_str name, freshet_bytes data,
                         uint64_t ticket);

  /* Asks who may be in `room` with `token`: the auth plugin, or nobody if there is none, and then
   * everybody may. {NULL, 0}: the token that came with the request of the connection, if one did.
   * The answer comes to freshet_protocol.authenticated with `ticket`, unless the connection ends
   * first; never inside this call. [shard] */
  void (*authenticate)(void* self, freshet_link* link, freshet_str room, freshet_str token,
                       uint64_t ticket);

  /* The session goes on as `identity`, of the same user. What it had submitted is judged by the
   * permission it had then: of one that may write from now on what was refused is still missing,
   * and it does well to bring all it has again. FRESHET_DENIED: of another user; nothing has
   * changed. [shard] */
  freshet_status (*renew)(void* self, freshet_session* session, const freshet_identity* identity);
} freshet_room;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_ROOM_H */
