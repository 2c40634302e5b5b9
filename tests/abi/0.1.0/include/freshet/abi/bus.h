/* freshet/abi/bus.h: what the nodes of a cluster say to each other at once.
 *
 * A bus carries messages about topics between nodes that share a store: soon, and at most once.
 * What is lost, late or out of order costs its hearers time and no more, for what has to last is in
 * the store, where a node looks when it has missed something. A message is any bytes but none at
 * all, and so is a topic, of FRESHET_BUS_TOPIC_BYTES at most; a bus looks into neither. Messages
 * that one thread publishes about one topic are to be heard in their order, as far as they are. A
 * node may hear its own, or not. Only nodes of one cluster hear each other, whatever else uses what
 * the bus is made of. */
#ifndef FRESHET_ABI_BUS_H
#define FRESHET_ABI_BUS_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_BUS_ID "freshet.bus/0"

/* The longest topic: the longest name that a room can have, and a word before it. */
#define FRESHET_BUS_TOPIC_BYTES 4352

typedef struct freshet_bus_traits {
  uint32_t size;
  /* Names the bus and the cluster on it, as far as settings tell: nodes that hear each other say
   * the same here, and those that do not, another. Nothing that is secret. Lives as long as the
   * bus. */
  freshet_str place;
  /* The largest message it carries: 64 KiB at least. */
  uint64_t most_bytes;
  /* A larger message costs more than its bytes, as where it takes another way: what can be read
   * from the store is not to be published then. At most `most_bytes`. Of topics of up to 255 bytes;
   * with a longer one it may be less. */
  uint64_t cheap_bytes;
} freshet_bus_traits;

/* Who hears: the core of this node. It lives until the bus is destroyed. Neither call blocks; both
 * may call the bus. */
typedef struct freshet_hearer {
  uint32_t size;
  void* ctx;
  /* Somebody has published this about a topic that this node is subscribed to. [any] */
  void (*hear)(void* ctx, freshet_str topic, freshet_bytes message);
  /* Of all topics messages may have been missed until now; from now on they are heard again. Said
   * each time that what the bus is made of was lost and is back. [any] */
  void (*missed)(void* ctx);
} freshet_hearer;

typedef struct freshet_bus { /* none may be NULL */
  uint32_t size;
  void* self;

  void (*traits)(void* self, freshet_bus_traits* out); /* [main] */

  /* Begin. Once, before the calls below. May block for some seconds, to try whether a message comes
   * back. What can be told to be wrong for good (settings, a pooler between) is a failure, which
   * stops the server, with the way out in the log; what may be well again later, as nobody answers
   * now, is none. [main] */
  freshet_status (*start)(void* self, const freshet_hearer* hearer);

  /* Hear what is published about a topic. Answered when all is heard that is published from then
   * on. FRESHET_RETRY: that cannot be had now; it is subscribed all the same, and missed() is said
   * when it is heard. FRESHET_TOO_LARGE: the topic is too long. Once for a topic until
   * unsubscribe(). Never blocks. [any] */
  void (*subscribe)(void* self, freshet_str topic, freshet_reply reply);

  /* Hear no more of it, but for what is under way. Never blocks. [any] */
  void (*unsubscribe)(void* self, freshet_str topic);

  /* Send. Copies, and never blocks: a message that cannot be sent is dropped and counted.
   * FRESHET_TOO_LARGE: more than `most_bytes`, or of its topic; FRESHET_LIMIT: too much waits to be
   * sent; FRESHET_RETRY: the bus is down. On FRESHET_OK it may still be lost. [any] */
  freshet_status (*publish)(void* self, freshet_str topic, freshet_bytes message);
} freshet_bus;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_BUS_H */
