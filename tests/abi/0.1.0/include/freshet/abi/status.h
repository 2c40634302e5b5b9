/* freshet/abi/status.h: what a caller should do next. */
#ifndef FRESHET_ABI_STATUS_H
#define FRESHET_ABI_STATUS_H

#include <stdint.h>

/* The callee logs why; the caller branches on this. On any status but FRESHET_OK nothing has
 * changed. Values are never renumbered; a caller treats one it does not know as INTERNAL. */
typedef int32_t freshet_status;
enum {
  FRESHET_OK = 0,
  FRESHET_NOT_FOUND = 1,       /* the named thing does not exist; not a failure             */
  FRESHET_DENIED = 2,          /* known, but not allowed to do this                         */
  FRESHET_UNAUTHENTICATED = 3, /* no valid proof of who the peer is                         */
  FRESHET_MALFORMED = 4,       /* the peer's bytes do not decode: close its connection      */
  FRESHET_TOO_LARGE = 5,       /* one item is over a documented limit: refuse that item     */
  FRESHET_LIMIT = 6,           /* a documented limit on the whole was hit: shed load        */
  FRESHET_RETRY = 7,           /* transient (disk full, lock held): try again later         */
  FRESHET_CONFLICT = 8,        /* the thing is not what the caller took it for (epoch, seq) */
  FRESHET_CORRUPT = 9,         /* our own stored data is damaged: stop, tell a human        */
  FRESHET_UNSUPPORTED = 10,    /* this provider does not do that                            */
  FRESHET_INTERNAL = 11        /* a bug; the request fails, the server stays                */
};

#endif /* FRESHET_ABI_STATUS_H */
