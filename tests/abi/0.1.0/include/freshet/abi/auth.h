/* freshet/abi/auth.h: from a request to an identity. */
#ifndef FRESHET_ABI_AUTH_H
#define FRESHET_ABI_AUTH_H

#include "freshet/abi/base.h"
#include "freshet/abi/platform.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_AUTH_ID "freshet.auth/0"

typedef enum freshet_permission {
  FRESHET_READ_ONLY = 0,
  FRESHET_READ_WRITE = 1
} freshet_permission;

/* Who somebody is, as an auth plugin said. */
typedef struct freshet_identity {
  uint32_t size;
  freshet_str user;         /* JSON; {NULL, 0}: anonymous */
  uint32_t permission;      /* freshet_permission */
  uint64_t expires_unix_ms; /* UINT64_MAX: never */
} freshet_identity;

typedef struct freshet_auth_request {
  uint32_t size;
  freshet_str token; /* what the protocol read in-band; {NULL, 0}: find it in `request` */
  const freshet_request* request;
  freshet_str room;
  uint64_t unix_ms; /* now; an auth plugin reads no clock */
} freshet_auth_request;

/* Kinds of the items an auth plugin writes. */
enum {
  FRESHET_AUTH_USER = 1,        /* bytes: a JSON object with "id"; left out: anonymous */
  FRESHET_AUTH_PERMISSION = 2,  /* number: freshet_permission; left out: read-only */
  FRESHET_AUTH_EXPIRES = 3,     /* number: unix ms at which the session ends; left out: never. A
                                   time that has passed, with FRESHET_OK, says that the token is as
                                   it should be but for its age: its bearer may fetch a new one */
  FRESHET_AUTH_SUBPROTOCOL = 4, /* bytes: the offered subprotocol that carried the token */
  FRESHET_AUTH_TOKEN = 5        /* mint: bytes: the token */
};

typedef struct freshet_auth { /* only mint_as may be NULL */
  uint32_t size;
  void* self;

  /* USER, PERMISSION, EXPIRES, SUBPROTOCOL. FRESHET_UNAUTHENTICATED: no token, or not a good one.
   * FRESHET_DENIED: a good one, not for this room. The log says which, without the token.
   * Called concurrently, unordered. [worker] */
  void (*identify)(void* self, const freshet_auth_request* request, freshet_reply reply);

  /* TOKEN, for claims given as a JSON object; times are the caller's. FRESHET_UNSUPPORTED: no key
   * here can sign. FRESHET_MALFORMED: not claims. [worker] */
  void (*mint)(void* self, freshet_str claims_json, freshet_reply reply);

  /* The same, for a kind of token by name ("pluv"). FRESHET_UNSUPPORTED: not known here. [worker]
   */
  void (*mint_as)(void* self, freshet_str kind, freshet_str claims_json, freshet_reply reply);
} freshet_auth;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_AUTH_H */
