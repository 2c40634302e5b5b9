/* freshet/abi/app.h: an application: what it is told of rooms.
 *
 * Notices of one room come in order, one at a time: the next when the last is answered or late.
 * Those of different rooms come side by side. A slow app makes nobody else wait: what it is to be
 * told waits within limits.app_bytes, and past that is dropped and counted, messages first. */
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
                                    memory. The store keeps it */
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
} freshet_notice;

typedef struct freshet_app_wants {
  uint32_t size;
  uint32_t notices; /* 1u << kind for each kind it wants to be told */
  uint32_t states;  /* the same, for those it wants with the document */
  uint8_t
      initial_storage; /* 1: it is asked for the first state of rooms; one app of a server may */
} freshet_app_wants;

/* Kinds of the items an app writes. */
enum { FRESHET_APP_STATE = 1 /* bytes: FRESHET_UPDATE_V1 */ };

typedef struct freshet_app {
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
} freshet_app;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_APP_H */
