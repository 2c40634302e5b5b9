/* freshet/abi/protocol.h: a wire. Bytes of a connection to room operations, and deliveries of a
 * room to bytes.
 *
 * The two directions meet nowhere: open, message and close work on the state of one connection, on
 * its shard; encode is a pure function of its argument, so that a room encodes once for all its
 * sessions. */
#ifndef FRESHET_ABI_PROTOCOL_H
#define FRESHET_ABI_PROTOCOL_H

#include "freshet/abi/base.h"
#include "freshet/abi/room.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_PROTOCOL_ID "freshet.protocol/0"

/* How a client of this wire learns that its update is saved. */
typedef enum freshet_saved_mode {
  FRESHET_SAVED_SILENT = 0, /* it does not */
  FRESHET_SAVED_ECHO = 1,   /* by its own update, sent back as an UPDATE delivery */
  FRESHET_SAVED_NOTE = 2    /* by a SAVED delivery */
} freshet_saved_mode;

typedef struct freshet_traits {
  uint32_t size;
  uint32_t saved; /* freshet_saved_mode */
  uint32_t
      keepalive_ms; /* a KEEPALIVE goes to a session that heard nothing for so long; 0: never */
  uint32_t presence_ttl_ms; /* presence not renewed for so long is removed; 0: never */
  uint8_t presence_echo;    /* 1: a session's own presence is sent back to it */
  uint32_t idle_ms;         /* a connection that sent no message for so long is closed, and none is
                               for a shorter silence; 0: never, but when nothing is heard at all for
                               as long as the platform allows */
  uint32_t retry_delay_ms;  /* for clients that come back at once: no connection is closed with
                               "come back later" before it is about so old; for a restart, it is */
  uint8_t refuses_in_words; /* 1: freshet_protocol.refusal has something to say */
  uint8_t retries_final;    /* 1: they come back after a final code too: retry_delay_ms is for every
                               close */
  uint64_t message_bytes;   /* the longest message its clients may need; 0: the platform's bound */
  /* 1: its clients say in messages who they are, for each room anew: nobody is asked when they
   * connect, and freshet_room.authenticate is how a session gets an identity. */
  uint8_t authenticates;
  /* 1: what ends a session and no more than that (sent away, another history, a token that is too
   * old, a reader that is too slow) leaves its connection open: see freshet_protocol.ended.
   * messages_per_second is then for each session, and a few times as many for all of them. */
  uint8_t ends_sessions;
  uint32_t join_within_ms; /* a connection that was in no room for so long is closed; 0: never */
  uint32_t renew_ms;       /* so long before its identity ends, but not before half of it is over, a
                              session hears of freshet_protocol.expiring; 0: never */
} freshet_traits;

/* Why somebody who connects is sent away again. */
typedef struct freshet_refusal {
  uint32_t size;
  uint16_t code;      /* of close.h */
  freshet_str reason; /* short, for a human */
  freshet_str room;
  freshet_str subprotocol;
} freshet_refusal;

/* Who opened which connection. Lives for the call. */
typedef struct freshet_open {
  uint32_t size;
  freshet_link* link;
  freshet_str room;  /* what follows the route in the path, percent-decoded; may be empty */
  freshet_str query; /* raw, without '?' */
  freshet_str subprotocol;
  freshet_str user; /* JSON; {NULL, 0}: anonymous */
  uint32_t permission;
  uint8_t anybody; /* 1: this server asks nobody who they are, and takes every token for good */
} freshet_open;

typedef enum freshet_delivery_kind {
  FRESHET_JOINED = 1,   /* the room is live. `bytes`: its state vector */
  FRESHET_DIFF = 2,     /* the answer to request_diff. `bytes`: an update */
  FRESHET_UPDATE = 3,   /* somebody edited, or a slow reader catches up. `bytes`: an update */
  FRESHET_SAVED = 4,    /* the update `ticket` is on disk */
  FRESHET_REFUSED = 5,  /* what `refused` says was not taken, for `status`. `ticket`: which one; 0:
                           it had none. `bytes`: why, in words; empty: none but what the status
                           says. For updates without a ticket that matters, once for many */
  FRESHET_PRESENCE = 6, /* `presence` */
  FRESHET_KEEPALIVE = 7,
  FRESHET_EVENT = 8 /* `event`, with `bytes`: its JSON */
} freshet_delivery_kind;

/* What a document is to the one who opens it. */
typedef enum freshet_document_state {
  FRESHET_DOCUMENT_UNKNOWN = 0,
  FRESHET_DOCUMENT_EMPTY = 1,  /* nobody wrote into it, the one who asks included */
  FRESHET_DOCUMENT_SEEDED = 2, /* it had no content, and now has the asker's seed */
  FRESHET_DOCUMENT_KEPT = 3 /* it has content, or the asker may not write: a seed was not taken */
} freshet_document_state;

/* What a REFUSED delivery answers. */
typedef enum freshet_refused_what {
  FRESHET_REFUSED_UNKNOWN = 0,
  FRESHET_REFUSED_UPDATE = 1,   /* submit_update */
  FRESHET_REFUSED_PRESENCE = 2, /* show */
  FRESHET_REFUSED_EVENT = 3,    /* submit_event or call; `event` is its name */
  FRESHET_REFUSED_SEED = 4      /* open_document */
} freshet_refused_what;

typedef struct freshet_delivery {
  uint32_t size;
  uint32_t kind;
  uint32_t variant; /* of freshet_join */
  uint32_t format;  /* of an update in `bytes` */
  freshet_bytes bytes;
  uint64_t ticket;
  freshet_status status;
  const freshet_presence* presence;
  size_t presence_count;
  freshet_str room;              /* its name */
  uint64_t to;                   /* client() of the one session it is for; 0: may be for several */
  freshet_source from;           /* UPDATE, EVENT: whose it is. With `to`: the session itself */
  const freshet_source* sources; /* one for each entry of `presence` */
  uint8_t whole;                 /* PRESENCE: everybody, as query_presence asked */
  uint8_t document;              /* JOINED, DIFF: freshet_document_state */
  freshet_str shown;             /* JOINED: what the user shows, or last showed, here */
  freshet_str event;             /* EVENT, REFUSED: its name */
  uint32_t refused;              /* REFUSED: freshet_refused_what */
  const uint64_t* changed_ms;    /* PRESENCE: for each entry when its session last changed it, in ms
                                    since 1970, or 0: not since it came. JOINED: the same of `shown`;
                                    NULL: not said */
  freshet_bytes state_vector;    /* DIFF: where the document is with it */
} freshet_delivery;

typedef struct freshet_protocol { /* behind encode all may be NULL that is not REQUIRED */
  uint32_t size;
  void* self;

  /* One item per path prefix, "/yjs". Two protocols that claim the same are a start-up error.
   * [main] */
  freshet_status (*routes)(void* self, const freshet_sink* out);
  void (*traits)(void* self, freshet_traits* out); /* [main] */

  /* FRESHET_OK: *state goes into the calls below, until close. Else the connection is closed.
   * [shard] */
  freshet_status (*open)(void* self, const freshet_open* open, void** state);
  /* Any status but FRESHET_OK closes the connection with the code that fits it. [shard] */
  freshet_status (*message)(void* self, void* state, freshet_bytes message, int text);
  void (*close)(void* self, void* state); /* its sessions have left already. [shard] */

  /* One item per message to send. FRESHET_NOT_FOUND: this wire has none for that. [any] */
  freshet_status (*encode)(void* self, const freshet_delivery* delivery, const freshet_sink* out);

  /* What clients of this wire are told instead of a code of close.h; NULL: that code. [any] */
  uint16_t (*close_code)(void* self, uint16_t code);

  /* One item: what is shown after `change`; `shown` is {NULL, 0} the first time. FRESHET_TOO_LARGE:
   * more than this wire lets anybody show. NULL: there is no freshet_room.show on this wire. [any]
   */
  freshet_status (*merge_presence)(void* self, freshet_str shown, freshet_bytes change,
                                   const freshet_sink* out);

  /* One item at most: what somebody is told before its connection is closed unopened. *text: 1, or
   * 0 for a binary message. Asked only if freshet_traits.refuses_in_words. [any] */
  freshet_status (*refusal)(void* self, const freshet_refusal* refusal, const freshet_sink* out,
                            int* text);

  /* One item at most: what a developer writes to be a client of `route`, one of routes(). Plain
   * text, shown on the server's first page, where "ws://this-host" becomes the address by which its
   * reader came. NULL: nothing is shown. [any] */
  freshet_status (*example)(void* self, freshet_str route, const freshet_sink* out);

  /* What authenticate() was answered for `ticket`. FRESHET_OK: `identity`, for the call;
   * FRESHET_UNAUTHENTICATED, FRESHET_DENIED: not in this room; FRESHET_NOT_FOUND: not a room's
   * name; others: ask again later. Any status but FRESHET_OK closes the connection. REQUIRED for
   * freshet_traits.authenticates. [shard] */
  freshet_status (*authenticated)(void* self, void* state, uint64_t ticket, freshet_status status,
                                  const freshet_identity* identity);

  /* The identity of a session ends in freshet_traits.renew_ms, and the session with it unless
   * freshet_room.renew comes first. Once for each identity. [shard] */
  void (*expiring)(void* self, void* state, freshet_session* session);

  /* A session has ended for `code`, of close.h, and is no more after this call; what it was sent
   * before is on its way. Its connection goes on. Never inside another call of this table. REQUIRED
   * for freshet_traits.ends_sessions. [shard] */
  void (*ended)(void* self, void* state, freshet_session* session, uint16_t code,
                freshet_str reason);
} freshet_protocol;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_PROTOCOL_H */
