/* freshet/abi/http.h: routes a plugin answers. */
#ifndef FRESHET_ABI_HTTP_H
#define FRESHET_ABI_HTTP_H

#include "freshet/abi/base.h"
#include "freshet/abi/platform.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_HTTP_ID "freshet.http/0"

/* Kinds of the items a route writes. */
enum {
  FRESHET_HTTP_STATUS = 1, /* number; left out: 200 */
  FRESHET_HTTP_HEADER = 2, /* bytes: "Name: value" */
  FRESHET_HTTP_BODY = 3    /* bytes; several are joined */
};

/* By which listeners routes are reached: any of these, together. */
enum {
  FRESHET_HTTP_ON_PUBLIC = 1u << 0,
  FRESHET_HTTP_ON_ADMIN = 1u << 1,      /* by who has the admin's key, if it asks for one */
  FRESHET_HTTP_ON_ADMIN_OPEN = 1u << 2, /* there without a key: a page that says nothing by itself,
                                           and asks its reader for the key */
};

typedef struct freshet_http { /* behind answer all may be NULL or 0 */
  uint32_t size;
  void* self;

  /* One item per path prefix, "/api/tokens"; a prefix ends at a '/' or at the path's end. [main] */
  freshet_status (*routes)(void* self, const freshet_sink* out);

  /* STATUS, HEADER, BODY. A status that is not FRESHET_OK becomes 500, 503 for RETRY and LIMIT, and
   * the like. Called concurrently, unordered. [worker] */
  void (*answer)(void* self, const freshet_request* request, freshet_reply reply);

  uint32_t listeners; /* FRESHET_HTTP_ON_..., for all of its routes; 0: ON_PUBLIC */
} freshet_http;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_HTTP_H */
