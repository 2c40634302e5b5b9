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
} freshet_traits;

/* Who opened which connection. Lives for the call. */
typedef struct freshet_open {
  uint32_t size;
  freshet_link* link;
  freshet_str room;  /* what follows the route in the path, percent-decoded; may be empty */
  freshet_str query; /* raw, without '?' */
  freshet_str subprotocol;
  freshet_str user; /* JSON; {NULL, 0}: anonymous */
  uint32_t permission;
} freshet_open;

typedef enum freshet_delivery_kind {
  FRESHET_JOINED = 1,   /* the room is live. `bytes`: its state vector */
  FRESHET_DIFF = 2,     /* the answer to request_diff. `bytes`: an update */
  FRESHET_UPDATE = 3,   /* somebody edited, or a slow reader catches up. `bytes`: an update */
  FRESHET_SAVED = 4,    /* the update `ticket` is on disk */
  FRESHET_REFUSED = 5,  /* the update `ticket` was not taken, for `status`; the connection stays */
  FRESHET_PRESENCE = 6, /* `presence` */
  FRESHET_KEEPALIVE = 7
} freshet_delivery_kind;

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
} freshet_delivery;

typedef struct freshet_protocol {
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
} freshet_protocol;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_PROTOCOL_H */
