/* freshet/abi/server.h: what the core offers to apps, and to whoever else is no client: acting in
 * rooms from outside.
 *
 * Calls may be made from create() on, from any thread; arguments are copied. Before the server runs
 * and once it stops they answer FRESHET_RETRY, only state() is answered until it has ended: an app
 * tells its backend of the last edits meanwhile. For what is no room's name they answer
 * FRESHET_NOT_FOUND. What is done in one room is done in the order of the calls of one thread.
 *
 * A room that is loaded for an edit or to be read begins as for a client: an app may be asked for
 * its first state. That app must not wait for this room meanwhile. */
#ifndef FRESHET_ABI_SERVER_H
#define FRESHET_ABI_SERVER_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_SERVER_ID "freshet.server/0"

/* Kinds of the items of an answer. */
enum { FRESHET_SERVER_STATE = 1 /* bytes: FRESHET_UPDATE_V1 */ };

typedef struct freshet_server {
  uint32_t size;
  void* ctx;

  /* An event to everybody in the room, in nobody's name; to nobody if nobody is there.
   * FRESHET_MALFORMED: not an event's name (freshet/abi/app.h), or not one JSON value.
   * FRESHET_LIMIT: too much waits for the rooms' threads already. [any] */
  freshet_status (*broadcast)(void* ctx, freshet_str room, freshet_str event, freshet_bytes json);

  /* Closes the connection of a session for good, or ends the session alone on wires that do; 0: of
   * everybody in the room. [any] */
  freshet_status (*evict)(void* ctx, freshet_str room, uint64_t session);

  /* One transaction, operations as freshet_crdt.edit takes them; the room is loaded if need be.
   * Answered on a shard, where nothing may block, when what it changed is on disk.
   * FRESHET_MALFORMED: an operation is wrong, and nothing was changed. FRESHET_RETRY: the room
   * cannot be loaded now, or the server ends: it may have been done all the same. FRESHET_LIMIT:
   * too much waits already, or the document is full: nothing was done. [any] */
  void (*edit)(void* ctx, freshet_str room, freshet_bytes operations, freshet_reply reply);

  /* STATE: the document; the room is loaded if need be. Answered on a shard. [any] */
  void (*read)(void* ctx, freshet_str room, freshet_reply reply);

  /* STATE: the document as it is, in memory or in the store. Unlike read() it loads no room, asks
   * no app and waits for no call before it: an app may ask for a room that is being loaded.
   * FRESHET_NOT_FOUND: nothing of it is stored. FRESHET_CORRUPT, FRESHET_INTERNAL: it cannot be
   * read. FRESHET_RETRY: not now. Answered on a shard. [any] */
  void (*state)(void* ctx, freshet_str room, freshet_reply reply);
} freshet_server;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_SERVER_H */
