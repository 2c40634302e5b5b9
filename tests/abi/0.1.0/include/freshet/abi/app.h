/* freshet/abi/app.h: an application: what it is told of rooms, and what it answers for them.
 *
 * Notices of one room come in order, one at a time: the next when the last is answered or late.
 * Those of different rooms come side by side. A slow app makes nobody else wait: what it is to be
 * told waits within limits.app_bytes, and past that is dropped and counted, messages first.
 *
 * A procedure is an event by name that goes to the app instead of to everybody. Its input is
 * checked against its schema before the app sees it; what it answers is executed by the room at
 * once: edits first, all of them as one transaction, then the rest in order. Calls of one room come
 * one at a time, in the order of their events, beside its notices. */
#ifndef FRESHET_ABI_APP_H
#define FRESHET_ABI_APP_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_APP_ID "freshet.app/0"

/* What an app may be told. */
enum {
  FRESHET_USER_CONNECTED = 1,    /* a session is in its room; once for each */
  FRESHET_USER_DISCONNECTED = 2, /* and out of it; once for each that was in */
  FRESHET_STORAGE_UPDATED = 3,   /* the document has changed since the last of these, of which there
                                    is one in limits.app_storage_ms, and one before ROOM_DELETED */
  FRESHET_ROOM_MESSAGE = 4,      /* a session sent something that the room took */
  FRESHET_ROOM_DELETED = 5       /* the last session has left some time ago, and the room leaves
                                    memory, everywhere if several nodes share it: then one of them
                                    is told. The store keeps it */
};

/* What a ROOM_MESSAGE is. */
enum {
  FRESHET_MESSAGE_UPDATE = 1,   /* data: an update, FRESHET_UPDATE_V1 */
  FRESHET_MESSAGE_PRESENCE = 2, /* data: JSON, what the session shows now; empty: nothing more */
  FRESHET_MESSAGE_EVENT = 3     /* name; data: JSON */
};

typedef struct freshet_notice {
  uint32_t size;
  uint32_t kind; /* FRESHET_USER_CONNECTED, ... */
  freshet_str room;
  uint64_t unix_ms; /* when it happened */
  uint64_t session; /* a number, as freshet_room.client() says it; 0: nobody's */
  freshet_str user; /* of the session: JSON as auth gave it; {NULL, 0}: anonymous */
  /* If the app wants it with this kind: the document as one FRESHET_UPDATE_V1, not older than what
   * happened. {NULL, 0}: not wanted, or it could not be read, which is logged. */
  freshet_bytes state;
  uint32_t message; /* ROOM_MESSAGE: FRESHET_MESSAGE_UPDATE, ... */
  freshet_str name;
  freshet_bytes data;
  /* ROOM_DELETED, where several nodes share rooms: of this end of the room. One that was told, and
   * of which it is not known that it was heard, is told again under the same. 0: of a server on
   * its own, which tells once. */
  uint64_t id;
} freshet_notice;

typedef struct freshet_app_wants {
  uint32_t size;
  uint32_t notices; /* 1u << kind for each kind it wants to be told */
  uint32_t states;  /* the same, for those it wants with the document */
  uint8_t
      initial_storage; /* 1: it is asked for the first state of rooms; one app of a server may */
} freshet_app_wants;

/* What a client called. Lives until the call is answered. */
typedef struct freshet_call {
  uint32_t size;
  freshet_str procedure;
  freshet_str room;
  uint64_t session; /* whose event it is */
  freshet_str user; /* its: JSON as auth gave it; {NULL, 0}: anonymous */
  uint64_t unix_ms;
  freshet_bytes input; /* JSON, as its schema wants it */
  /* If the procedure wants it: everybody in the room when the call's turn came, as a JSON array of
   * {"session": number, "user": {...} or null, "presence": {...} or null}. */
  freshet_str sessions;
  /* If the procedure wants it: the document then, one FRESHET_UPDATE_V1; and a way to have it as a
   * JSON object of its roots: one item, in time proportional to the document. NULL if not wanted.
   */
  freshet_bytes state;
  void* ctx;
  freshet_status (*json)(void* ctx, const freshet_sink* out);
} freshet_call;

/* Kinds of the items an app writes. */
enum {
  FRESHET_APP_STATE = 1, /* initial_storage: bytes: FRESHET_UPDATE_V1 */

  /* Of a call. Names: letters, digits, '_' and '$', no digit and no '$' first. */
  FRESHET_CALL_EVENT = 2,     /* bytes: the name of what the next of these sends */
  FRESHET_CALL_BROADCAST = 3, /* bytes: its JSON, to everybody in the room */
  FRESHET_CALL_SELF = 4,      /* bytes: its JSON, to the caller */
  FRESHET_CALL_EDIT = 5,      /* bytes: operations, as freshet_crdt.edit takes them; several are one
                                 list */
  FRESHET_CALL_SHOW = 6,      /* bytes: JSON, what the caller's user shows from now on */
  FRESHET_CALL_EVICT = 7,     /* number: a session, whose connection is closed for good */
  FRESHET_CALL_ERROR = 8      /* bytes: words for the caller, if the call fails */
};

typedef struct freshet_app { /* procedures, call and settled may be NULL */
  uint32_t size;
  void* self;

  void (*wants)(void* self, freshet_app_wants* out); /* [main] */

  /* What a room that the store does not know begins with: STATE; without one, and with
   * FRESHET_NOT_FOUND, it begins empty. Whatever else is answered, or nothing in time: the room
   * cannot be loaded now, and its clients are told to come back. The room's notices before this are
   * answered by then. [worker] */
  void (*initial_storage)(void* self, freshet_str room, freshet_reply reply);

  /* What is answered is counted; a notice is not given again. [worker] */
  void (*notice)(void* self, const freshet_notice* notice, freshet_reply reply);

  /* One item for each procedure, a JSON object: {"name": ..., "input": JSON Schema, "outputs":
   * {event: JSON Schema}, "wants": ["sessions", "document"]}; all but the name may be left out. Two
   * apps with one name are a start-up error, and so is a schema that is none. May be NULL. [main]
   */
  freshet_status (*procedures)(void* self, const freshet_sink* out);

  /* EVENT, BROADCAST, SELF, EDIT, SHOW, EVICT. On any status but FRESHET_OK nothing of it is done,
   * and the caller is told that it failed, in the words of ERROR if there are any. [worker] */
  void (*call)(void* self, const freshet_call* call, freshet_reply reply);

  /* 1: nothing it was told is still to be passed on. Asked every few milliseconds when the server
   * stops, after everybody has gone and every notice was answered, until it is 1 or the time for
   * that is up: what waits for later is better passed on now. What cannot be passed on in a moment,
   * as nobody takes it, is no reason to say 0. Never blocks. May be NULL: 1. [shard] 0 */
  int (*settled)(void* self);
} freshet_app;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_APP_H */
