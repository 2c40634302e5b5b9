/* freshet/abi/base.h: the rules of the binary contract, and the words every table uses.
 *
 * Plain C11, no dependencies. The rules below hold for every function of every table, so the
 * tables do not repeat them.
 *
 *   Borrowing   Pointers passed in live until the call returns; for a call with a freshet_reply,
 *               until it is done. Nobody frees what the other side allocated. Bytes go back
 *               through a freshet_sink or a freshet_reply, which copy.
 *   Errors      A freshet_status says what the caller should do; the callee logs why. On any status
 *               but FRESHET_OK nothing has changed.
 *   Exceptions  None cross. The C++ wrapper turns one into FRESHET_INTERNAL and a log line.
 *   Threads     Each function is tagged with the context it is called in:
 *                 [main]    the thread that loads plugins; no traffic flows yet, or any more
 *                 [shard]   the event loop that owns the object at hand; must not block
 *                 [worker]  a worker queue of the platform; may block
 *                 [doc]     any thread, one at a time per document
 *                 [any]     any thread, concurrently
 *   Replies     See freshet_reply.
 *
 * Versioning. An id ends in its major revision ("freshet.store/0"). A struct that crosses the
 * border starts with `size` and only grows at its end; FRESHET_HAS asks how far one reaches. A
 * change that breaks callers gets a new id. Revision /0 is a draft and carries no promise at all.
 */
#ifndef FRESHET_ABI_BASE_H
#define FRESHET_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#include "freshet/abi/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the descriptor and the host table; raised when either breaks. */
#define FRESHET_ABI_VERSION 0u

#if defined(__GNUC__)
#define FRESHET_EXPORT __attribute__((visibility("default")))
#else
#define FRESHET_EXPORT
#endif

/* True if `table` is new enough to carry the function `member`, and its owner filled it in. */
#define FRESHET_HAS(table, member)                                                          \
  ((table)->size >= (size_t)((const char*)(&(table)->member + 1) - (const char*)(table)) && \
   (table)->member != NULL)

/* True if `value`, a pointer to a struct with a `size`, is new enough to have the member at all. */
#define FRESHET_REACHES(value, member) \
  ((value)->size >= (size_t)((const char*)(&(value)->member + 1) - (const char*)(value)))

/* Borrowed memory. `data` may be NULL when `size` is 0. */
typedef struct freshet_bytes {
  const uint8_t* data;
  size_t size;
} freshet_bytes;

/* Borrowed UTF-8, not terminated. {NULL, 0} means "none" where none is possible. */
typedef struct freshet_str {
  const char* data;
  size_t size;
} freshet_str;

/* Where a callee puts bytes it produces during the call. One write(), or one reserve() with its
 * commit(), is one item: one update, one message. */
typedef struct freshet_sink {
  void* ctx;
  /* Copies. FRESHET_TOO_LARGE when the receiver's bound is passed, FRESHET_RETRY when it has no
   * memory: stop and return that. */
  freshet_status (*write)(void* ctx, freshet_bytes item);
  /* Room for an item of up to `size` bytes, to be filled in place, or NULL over the bound or
   * without memory. */
  uint8_t* (*reserve)(void* ctx, size_t size);
  /* Ends the item begun by reserve() at `size` bytes, at most what was reserved. */
  freshet_status (*commit)(void* ctx, size_t size);
} freshet_sink;

/* One part of a slow answer. What `kind` and `number` mean is said at each function. */
typedef struct freshet_item {
  uint32_t kind;
  uint64_t number;
  freshet_bytes bytes;
} freshet_item;

struct freshet_replies;

/* The right to answer once: inline, or later from any thread. Plain data; copy it freely.
 *
 *   write   any number of items, in order, before done
 *   done    exactly once, with the outcome; on anything but FRESHET_OK the items do not count
 *
 * A second done, or a write after it, is ignored and counted. A done that does not come within the
 * caller's deadline is taken as FRESHET_RETRY; one that comes later is ignored and counted. A
 * plugin being destroyed drops its pending replies: the host has given up on them by then. */
typedef struct freshet_reply {
  const struct freshet_replies* to;
  uint64_t token;
} freshet_reply;

typedef struct freshet_replies {
  uint32_t size;
  void* ctx;
  /* FRESHET_TOO_LARGE when the caller's bound is passed: give up with that. [any] */
  freshet_status (*write)(void* ctx, uint64_t token, const freshet_item* item);
  void (*done)(void* ctx, uint64_t token, freshet_status status); /* [any] */
} freshet_replies;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_BASE_H */
