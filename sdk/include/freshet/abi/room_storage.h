/* freshet/abi/room_storage.h: what an app keeps beside a room's document: values by name.
 *
 * Offered by the core to plugins, and kept by the store. A name is by custom the plugin's id, or
 * begins with it: others read the same values. They are the room's: erasing it forgets them. A new
 * history of its document, as an import begins one, leaves them.
 *
 * Of two who write at once both may be answered FRESHET_OK, and the last one is there; who reads
 * first and writes in the place of the version that it read is told if there is another now. That
 * holds between the nodes of a cluster, too.
 *
 * Calls may be made from create() on. Arguments are copied. Every call is answered, on a shard,
 * where nothing may block; before the server runs and after it has ended, at once and with
 * FRESHET_RETRY. A call that is answered FRESHET_RETRY may have been done all the same.
 * FRESHET_UNSUPPORTED: the store keeps none. FRESHET_NOT_FOUND: there is nothing, or it is no
 * room's name. FRESHET_MALFORMED: a name that is empty or longer than FRESHET_ROOM_VALUE_NAME. */
#ifndef FRESHET_ABI_ROOM_STORAGE_H
#define FRESHET_ABI_ROOM_STORAGE_H

#include "freshet/abi/store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_ROOM_STORAGE_ID "freshet.room_storage/0"

/* Longest name of a value, in bytes. */
#define FRESHET_ROOM_VALUE_NAME 128

typedef struct freshet_room_storage {
  uint32_t size;
  void* ctx;

  /* FRESHET_STORE_KEPT: its version and bytes. [any] */
  void (*read)(void* ctx, freshet_str room, freshet_str name, freshet_reply reply);

  /* As freshet_store.kept_write has it: `version` is what it takes the place of, 0: nothing,
   * FRESHET_KEPT_ANY: whatever is there; no bytes: nothing is kept any more. Answered with its new
   * version when it is on disk. FRESHET_CONFLICT: there is another version, and FRESHET_STORE_KEPT
   * says which. FRESHET_TOO_LARGE: more than limits.room_storage_bytes; FRESHET_LIMIT: the room has
   * as many values as the store allows, 64 at least. [any] */
  void (*write)(void* ctx, freshet_str room, freshet_str name, uint64_t version,
                freshet_bytes value, freshet_reply reply);
} freshet_room_storage;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_ROOM_STORAGE_H */
