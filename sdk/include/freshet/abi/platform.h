/* freshet/abi/platform.h: the outside world, as the core sees it.
 *
 * A platform owns every socket, clock and thread. It runs event loops ("shards"), numbered from 0;
 * a connection lives on one shard from on_open to on_close and all its events come from there.
 * The simulator is a second platform: one thread, virtual time. */
#ifndef FRESHET_ABI_PLATFORM_H
#define FRESHET_ABI_PLATFORM_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_PLATFORM_ID "freshet.platform/0"

/* ---- HTTP ------------------------------------------------------------------------------------ */

typedef struct freshet_header {
  freshet_str name; /* as sent; compare without case */
  freshet_str value;
} freshet_header;

typedef enum freshet_listener_role {
  FRESHET_PUBLIC = 0, /* protocols, and routes of plugins */
  FRESHET_ADMIN = 1,  /* rooms, metrics; never public by default */
  FRESHET_METRICS = 2 /* metrics and health, and nothing else */
} freshet_listener_role;

/* A whole request, bounded in size and time by the platform. Lives until it is answered. */
typedef struct freshet_request {
  uint32_t size;
  uint32_t role;      /* of the listener it came by: freshet_listener_role */
  uint8_t upgrade;    /* 1: a valid WebSocket handshake; answer with accept() or respond() */
  uint8_t movable;    /* 1: accept() may name any shard; 0: it must name the shard of on_request */
  freshet_str method; /* "GET" */
  freshet_str target; /* "/yjs/room%201?token=...", as sent */
  freshet_str
      peer; /* "127.0.0.1", the client's address after trusted proxies; for logs and limits */
  const freshet_header* headers;
  size_t header_count;
  freshet_bytes body;
  uint8_t listed_origin; /* 1: it comes from a page of an origin that the operator has named */
  /* "https://collab.example.com": where its client believes to be, by the Host header and what
   * trusted proxies say. Whoever asks may have made it up. Empty: not known. */
  freshet_str site;
} freshet_request;

typedef struct freshet_response {
  uint32_t size;
  uint16_t status;
  const freshet_header* headers; /* Content-Length and Date are the platform's */
  size_t header_count;
  freshet_bytes body;
} freshet_response;

/* A request that waits for its answer. */
typedef struct freshet_exchange freshet_exchange;

/* ---- WebSocket connections ------------------------------------------------------------------- */

/* A peer, from on_open to on_close. A platform embeds this first in its own connection type. */
typedef struct freshet_conn {
  void* data; /* the core's */
  /* What send() took and the system has not yet, as the memory it takes: the bytes, and what it
   * costs to keep each message of them. Of a shared body each connection counts what it has yet to
   * hand over. 0 only when nothing waits. Read on its shard only. */
  size_t queued_bytes;
} freshet_conn;

typedef struct freshet_accept {
  uint32_t size;
  uint32_t shard;           /* where the connection will live */
  void* data;               /* becomes freshet_conn.data */
  freshet_str subprotocol;  /* one of those offered, or {NULL, 0} */
  uint16_t close_code;      /* not 0: shake hands, close with this code; no events follow */
  freshet_str close_reason; /* at most 123 bytes */
  uint32_t close_delay_ms;  /* the close waits for so long, as with close_later() */
  /* What this connection's wire asks for; 0: as the platform has it for all. */
  uint32_t idle_ms;       /* to hear nothing for so long, answers to pings included, is a fault */
  uint64_t message_bytes; /* a longer message is a fault */
} freshet_accept;

/* Immutable bytes shared by many queues. Reference-counted; the platform allocates them. */
typedef struct freshet_body {
  uint8_t* data; /* writable by its creator until the first send() */
  size_t size;
} freshet_body;

/* ---- what the core wants to hear ---------------------------------------------------------------
 */

typedef struct freshet_events {
  uint32_t size;
  void* ctx;

  /* Answered once, by respond() or accept(), now or later, on `shard`. [shard] */
  void (*on_request)(void* ctx, uint32_t shard, freshet_exchange* exchange,
                     const freshet_request* request);

  /* Every accepted connection that was not to be closed at once sees exactly one on_open and then
   * one on_close, even if its peer is gone by then. [shard] */
  void (*on_open)(void* ctx, freshet_conn* conn);
  /* A whole message, with 64 readable bytes behind it. `text`: its UTF-8 is valid. [shard] */
  void (*on_message)(void* ctx, freshet_conn* conn, freshet_bytes message, int text);
  void (*on_drain)(void* ctx, freshet_conn* conn); /* queued_bytes is 0 again. [shard] */
  void (*on_close)(void* ctx, freshet_conn* conn); /* last use of conn. [shard] */

  /* The operator wants the server to stop: finish what is at hand, then call finish(). The platform
   * has stopped accepting, and ends by itself after `deadline_ms`. Comes once. [shard] 0 */
  void (*on_stop)(void* ctx, uint32_t deadline_ms);

  /* The platform wants to be rid of a connection and hears it no more: its peer broke the rules of
   * the transport, sends too much, is silent, or does not read. What had not begun to leave is
   * dropped. `code` is one of close.h or of RFC 6455, `reason` is for humans. It is the core's to
   * find the words its wire has for that and to close, before it returns; what it leaves open is
   * closed with `code`. NULL: so is everything. May come inside send(). [shard] */
  void (*on_fault)(void* ctx, freshet_conn* conn, uint16_t code, freshet_str reason);

  /* Before the body of a request is read: how many bytes of it are wanted. `head` is the request
   * without it. 0: none; on_request comes at once, without a body, and the connection ends with the
   * answer. The platform's own bound holds besides. NULL: whatever that lets through. [shard] */
  uint64_t (*body_limit)(void* ctx, uint32_t shard, const freshet_request* head);

  /* A request that came while no shard comes to its next turn: it is answered by respond() before
   * this returns, and touches no shard. NULL: the platform answers 503. [any] */
  void (*on_aside)(void* ctx, freshet_exchange* exchange, const freshet_request* request);
} freshet_events;

typedef struct freshet_listener {
  freshet_str
      address; /* "127.0.0.1:4747", "[::1]:4747", "tls:0.0.0.0:443", "unix:data/admin.sock" */
  uint32_t role;
} freshet_listener;

typedef struct freshet_listen {
  uint32_t size;
  const freshet_listener* listeners;
  size_t count;
} freshet_listen;

/* ---- the table ---------------------------------------------------------------------------------
 */

typedef struct freshet_platform {
  uint32_t size;
  void* self;

  uint32_t (*shards)(void* self); /* known from create() on. [any] */

  /* Bind every listener (or none, and log which failed and why). FRESHET_MALFORMED: an address, or
   * what it needs of the settings, makes no sense; other statuses: it would, at another time.
   * `events` outlives run(). [main] */
  freshet_status (*start)(void* self, const freshet_listen* listen, const freshet_events* events);
  /* Run the loops until finish(), a deadline or a second stop signal; FRESHET_OK only after
   * finish(). Every function posted and every pushed worker job has run when it returns. [main] */
  freshet_status (*run)(void* self);
  void (*finish)(void* self); /* [any] */

  uint64_t (*now_ms)(void* self);                        /* monotonic. [any] */
  uint64_t (*unix_ms)(void* self);                       /* wall clock. [any] */
  void (*random)(void* self, uint8_t* out, size_t size); /* fit for keys. [any] */

  /* Run `fn` on a shard; from one thread to one shard in order. [any] */
  void (*post)(void* self, uint32_t shard, void (*fn)(void*), void* arg);
  /* Run `fn` on the calling shard after a delay; not run at all if run() ends before. [shard] */
  void (*post_after)(void* self, uint32_t shard, uint32_t delay_ms, void (*fn)(void*), void* arg);

  /* A queue served by `threads` threads (1: first in, first out), at most `limit` waiting. [main]
   */
  freshet_status (*queue_create)(void* self, freshet_str name, uint32_t threads, uint32_t limit,
                                 uint32_t* queue);
  /* FRESHET_LIMIT when it is full, and `fn` will not run. [any] */
  freshet_status (*queue_push)(void* self, uint32_t queue, void (*fn)(void*), void* arg);

  void (*respond)(void* self, freshet_exchange* exchange,
                  const freshet_response* response); /* [shard], or inside on_aside() */
  void (*accept)(void* self, freshet_exchange* exchange,
                 const freshet_accept* accept); /* [shard] */

  /* One reference, the caller's. NULL: out of memory. [any] */
  freshet_body* (*body_create)(void* self, size_t size);
  void (*body_ref)(void* self, freshet_body* body);   /* [any] */
  void (*body_unref)(void* self, freshet_body* body); /* [any] */

  /* Queue one message, `prefix` (copied) and then `body` (a reference is taken). Adds to
   * conn->queued_bytes; what is queued in one loop turn leaves in one gathering write. [shard] */
  void (*send)(void* self, freshet_conn* conn, freshet_bytes prefix, freshet_body* body, int text);
  /* What is queued leaves first, within a bound in time; on_close follows, never inside this call.
   * A second close is ignored. [shard] */
  void (*close)(void* self, freshet_conn* conn, uint16_t code, freshet_str reason);

  /* Queue one short message (copied) before all that waits, but never into a message that has begun
   * to leave, and behind what was urgent before it. FRESHET_LIMIT: so many urgent bytes wait
   * already that this message is not sent. [shard] */
  freshet_status (*send_urgent)(void* self, freshet_conn* conn, freshet_bytes message, int text);

  /* As close(), but the peer hears of it only after `delay_ms`, so that one that comes back at once
   * comes back later. on_close does not wait for that, though it is never inside this call: what is
   * held is the platform's alone, and no more than a bound of its own, past which those that wait
   * longest are told. When the server stops all are told to come back. [shard] */
  void (*close_later)(void* self, freshet_conn* conn, uint16_t code, freshet_str reason,
                      uint32_t delay_ms);

  uint64_t (*now_ns)(void* self); /* monotonic, for what is shorter than now_ms() can tell. [any] */
  /* What writing to connections has cost the calling shard so far: time of its processor, and the
   * writes. An estimate that may lag behind by a turn. [shard] */
  void (*writing_cost)(void* self, uint32_t shard, uint64_t* processor_ns, uint64_t* writes);

  /* What the process takes of the machine's memory now, and the most that the system lets it have;
   * 0: it does not say. Some microseconds. [any] */
  void (*memory)(void* self, uint64_t* used_bytes, uint64_t* available_bytes);

  /* The peer is not read for `ms`: what it sends waits in the system's buffers and pushes back on
   * it. Messages that were read already still come, a bounded number of them; its pings and its
   * close wait, too. What is sent to it leaves as ever, and that nothing is heard of it meanwhile
   * is no fault. A shorter pause does not shorten one that is running, and close() ends it.
   * [shard] */
  void (*pause_reading)(void* self, freshet_conn* conn, uint32_t ms);
} freshet_platform;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_PLATFORM_H */
