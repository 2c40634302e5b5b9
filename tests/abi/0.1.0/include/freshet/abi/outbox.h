/* freshet/abi/outbox.h: what has to reach somebody outside, kept by the store until it has.
 *
 * Offered by the core to plugins. A topic is one plugin's own list; by custom it is the plugin's
 * id. What each call does and answers is said in abi/store.h at the function of the same name.
 *
 * Calls may be made from create() on. Arguments are copied. Every call is answered, on a shard,
 * where nothing may block; before the server runs and after it has ended, at once and with
 * FRESHET_RETRY. A call that is answered FRESHET_RETRY may have been done all the same. */
#ifndef FRESHET_ABI_OUTBOX_H
#define FRESHET_ABI_OUTBOX_H

#include "freshet/abi/store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_OUTBOX_ID "freshet.outbox/0"

typedef struct freshet_outbox {
  uint32_t size;
  void* ctx;

  /* `changed(arg)` is called on a shard when the server begins to run, and whenever an operator has
   * revived or dropped entries of the topic: what was listed before is no longer the truth. Lives
   * as long as the plugin. A server whose store keeps no outbox does not start with a topic that is
   * watched. [main] */
  void (*watch)(void* ctx, freshet_str topic, void (*changed)(void* arg), void* arg);

  void (*add)(void* ctx, freshet_str topic, const freshet_outgoing* entries, size_t count,
              freshet_reply reply); /* [any] */
  void (*list)(void* ctx, freshet_str topic, int dead, uint64_t after, uint32_t limit,
               freshet_reply reply);                                            /* [any] */
  void (*read)(void* ctx, freshet_str topic, uint64_t id, freshet_reply reply); /* [any] */
  void (*remove)(void* ctx, freshet_str topic, const uint64_t* ids, size_t count,
                 freshet_reply reply); /* [any] */
  void (*bury)(void* ctx, freshet_str topic, uint64_t id, freshet_str reason,
               freshet_reply reply);                                   /* [any] */
  void (*topics)(void* ctx, freshet_reply reply); /* of all plugins */ /* [any] */

  /* Of the servers that share a store this one alone delivers what the topic holds, for so long
   * from now on: FRESHET_OK, with NODE, which it claims as. FRESHET_CONFLICT: another one does. 0
   * ms: no longer, another may. Where no other server works on the store: FRESHET_OK, without NODE,
   * and for good. NULL in older cores, which leave it to whoever adds. [any] */
  void (*courier)(void* ctx, freshet_str topic, uint32_t ms, freshet_reply reply);
} freshet_outbox;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_OUTBOX_H */
