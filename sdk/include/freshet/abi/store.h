/* freshet/abi/store.h: durable bytes per room.
 *
 * A room has an epoch, a snapshot (one update, through a sequence number) and a log of updates
 * after it. The store numbers what is appended to a room 1, 2, 3, ... without gaps. A room's name
 * is any bytes but none at all.
 * A store may also keep an outbox: what has to reach somebody outside at least once, and in order.
 * It is one list per topic, with a key per entry; entries of a key go out one after the other.
 * All functions are called on one worker queue, one at a time, in order.
 * One process owns what is stored: a store keeps every other process out, by a lock that ends with
 * its process, unless its descriptor says `shared`. Then any number of processes, the nodes of a
 * cluster, append to the same rooms, and what one of them was answered is what all others find. A
 * shared store may return at once and answer later, from any thread; calls for one room, topic or
 * node then take effect in the order in which they were made, and those for different ones, for
 * many or for none (heads, list) need not. */
#ifndef FRESHET_ABI_STORE_H
#define FRESHET_ABI_STORE_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_STORE_ID "freshet.store/0"

/* Names one history of a room: a new one when it is erased, restored or imported over. */
typedef struct freshet_epoch {
  uint8_t bytes[16];
} freshet_epoch;

/* Who appends: a shard of one run of a server. */
typedef struct freshet_writer {
  uint8_t run[16]; /* drawn when the server starts */
  uint32_t shard;
} freshet_writer;

/* A node of a cluster: one run of a server, see freshet_writer. */
typedef struct freshet_node {
  uint8_t run[16];
} freshet_node;

enum {
  /* The writer found nothing stored of this room: make it if need be. */
  FRESHET_APPEND_NEW = 1,
  /* With NEW: only as the first of the room. If anything is stored of it, this entry is left out of
   * the batch. */
  FRESHET_APPEND_FIRST = 2
};

/* A row of a room's log: an update, or several of one author that were merged. */
typedef struct freshet_append {
  freshet_str room;
  freshet_epoch epoch; /* of the history that it goes on with; NEW: the name of the one to make */
  uint32_t flags;      /* FRESHET_APPEND_* */
  freshet_bytes update;
  freshet_str author; /* a user's id; empty: nobody's that is known, or several people's */
  uint64_t first_unix_ms, last_unix_ms; /* when the first and the last of it were applied */
  /* Which of the writer's updates it holds. A writer counts those of all its rooms together. */
  uint64_t first_number, last_number;
} freshet_append;

typedef struct freshet_batch {
  uint32_t size;
  freshet_writer writer;
  /* Larger than those before; the same again only for the same entries, see append(). Never 0. */
  uint64_t number;
  const freshet_append* entries;
  size_t count;
} freshet_batch;

/* Kinds of the items a store writes. */
enum {
  FRESHET_STORE_EPOCH = 1, /* bytes: the 16 of the epoch */
  FRESHET_STORE_SNAPSHOT =
      2,                    /* load: bytes, through sequence `number`. info: `number` bytes long */
  FRESHET_STORE_UPDATE = 3, /* load: bytes, of sequence `number` */
  FRESHET_STORE_ROOM = 4,   /* list: bytes: its name, `number`: bytes stored. append: see there */
  FRESHET_STORE_LAST_SEQ = 5,  /* info, tail, heads */
  FRESHET_STORE_LOG_COUNT = 6, /* info */
  FRESHET_STORE_LOG_BYTES = 7, /* info */

  /* An entry of an outbox begins with ENTRY; the items after it are its own, in any order. */
  FRESHET_STORE_ENTRY = 8,   /* outbox_add, _list, _read: `number`: its id, bytes: its key */
  FRESHET_STORE_TIME = 9,    /* _list, _read: `number`: unix ms */
  FRESHET_STORE_BODY = 10,   /* _read: bytes; _list: `number` bytes long */
  FRESHET_STORE_REASON = 11, /* _list, _read: bytes: why it is dead; only if it is */
  FRESHET_STORE_COUNT = 12,  /* _revive, _drop: `number` entries */
  /* What belongs to a topic begins with TOPIC, and the four after it are all there. */
  FRESHET_STORE_TOPIC = 13,      /* _topics: bytes: its name */
  FRESHET_STORE_LIVE = 14,       /* _topics: `number` entries that are not dead */
  FRESHET_STORE_LIVE_BYTES = 15, /* _topics: of their bodies */
  FRESHET_STORE_DEAD = 16,       /* _topics */
  FRESHET_STORE_DEAD_BYTES = 17, /* _topics */

  FRESHET_STORE_TROUBLE = 18, /* check: bytes: what is wrong, one line that a stranger may read.
                                 backup: why there is none, one line for the operator */

  FRESHET_STORE_SEQ = 19,        /* append: of an entry */
  FRESHET_STORE_AUTHOR = 20,     /* load: bytes: of the update before it; only if it has one */
  FRESHET_STORE_FIRST_TIME = 21, /* load: of the update before it: unix ms; only if it is known */
  FRESHET_STORE_LAST_TIME = 22,  /* the same */

  FRESHET_STORE_WRITER =
      23, /* load, tail: of the update before it, or of the last in a snapshot that fold() or
             replace() made, if it is remembered; append, heads: see there. bytes: the run's 16 and
             the shard's 4, big-endian; `number`: its last_number */
  FRESHET_STORE_NODE = 24, /* node_beat, room_nodes: bytes: a run; `number`: see there */
  FRESHET_STORE_ABOUT =
      25, /* node_beat, room_nodes: of the node before it: bytes: as it said of itself */
  FRESHET_STORE_NOTICE = 26, /* notices, rooms_close: `number`: its id; bytes: its room. EPOCH
                                behind it if the room has a history */
  FRESHET_STORE_ENDED = 27,  /* tail: the history that was asked of was ended, see there */

  FRESHET_STORE_KEPT = 28, /* kept_read, kept_write, kept_list: `number`: its version; 0: there is
                              nothing. kept_read: bytes: the value */
  FRESHET_STORE_NAME = 29  /* kept_list: bytes: the name of a value of the room before it; `number`:
                              the value is so many bytes long. KEPT behind it */
};

/* kept_write: in the place of whatever is there. */
#define FRESHET_KEPT_ANY UINT64_MAX

/* One entry to add to an outbox. */
typedef struct freshet_outgoing {
  freshet_str key;
  uint64_t unix_ms; /* kept with it */
  freshet_bytes body;
} freshet_outgoing;

/* A snapshot in the place of a room's log. */
typedef struct freshet_fold {
  uint32_t size;
  freshet_str room;
  freshet_epoch epoch;
  uint64_t through_seq;
  freshet_writer writer; /* of the update of `through_seq` */
  uint64_t last_number;  /* the same */
  freshet_bytes snapshot;
} freshet_fold;

typedef struct freshet_store { /* behind info all may be NULL, as it says there */
  uint32_t size;
  void* self;

  /* EPOCH, then SNAPSHOT if there is one, then every UPDATE after it, ascending, each with AUTHOR,
   * FIRST_TIME and LAST_TIME behind it, and with WRITER if the store is shared. FRESHET_NOT_FOUND:
   * nothing was ever stored, or it was erased: then EPOCH if the store remembers, which is what NEW
   * entries are to be called. FRESHET_CORRUPT: it cannot be read whole. [worker] */
  void (*load)(void* self, freshet_str room, freshet_reply reply);

  /* Append as one unit, across rooms: on FRESHET_OK all of it survives a power cut, else none of it
   * is there. SEQ for each entry, in their order: the next of its room. A room that is not there is
   * made, with the entry's epoch, if the entry says NEW; one that is there is gone on with, and if
   * its epoch is another, EPOCH before the SEQ says which. In a shared store WRITER before the SEQ
   * says who wrote the update that comes before it, if that is not of this batch and it is
   * remembered: by that a writer sees that a failover has put others there. A batch that was
   * written before may be answered without. An entry that says FIRST and is not: EPOCH and SEQ 0. A
   * batch whose outcome nobody knows (a status that does not name a room, or no answer in time) is
   * tried again, the same under the same number. One that was written after all is not written
   * again: it is answered with the sequences it had then. So a store remembers them of the last
   * batch of each writer; one that is not `shared` need not for longer than it is open. With a ROOM
   * item naming each offender, whose sessions are then closed and unsaved updates dropped:
   * FRESHET_CONFLICT: another epoch, or no such room, without NEW; FRESHET_CORRUPT: what is stored
   * of the room is damaged; FRESHET_TOO_LARGE: an update this store cannot hold. The others come
   * again, under another number. FRESHET_RETRY: disk full or locked. Whatever else fails is tried
   * again, too. [worker] */
  void (*append)(void* self, const freshet_batch* batch, freshet_reply reply);

  /* Swap all through `through_seq` for one snapshot; what was appended after it stays.
   * FRESHET_CONFLICT: no such room, another epoch, or `through_seq` is not between the snapshot's
   * and the last. [worker] */
  void (*replace)(void* self, freshet_str room, freshet_epoch epoch, uint64_t through_seq,
                  freshet_bytes snapshot, freshet_reply reply);

  /* Begin a new history: all that is stored for the room is gone, and there is this snapshot under
   * this epoch, through sequence 0. Creates the room if need be. The epoch is to be a new one
   * wherever somebody may have the room open: it is by that they notice. [worker] */
  void (*put)(void* self, freshet_str room, freshet_epoch epoch, freshet_bytes snapshot,
              freshet_reply reply);

  /* Forget the room. FRESHET_NOT_FOUND if there is none. [worker] */
  void (*erase)(void* self, freshet_str room, freshet_reply reply);

  /* Up to `limit` ROOM items, names ascending by bytes, greater than `after`. [worker] */
  void (*list)(void* self, freshet_str after, uint32_t limit, freshet_reply reply);

  /* EPOCH, LAST_SEQ, SNAPSHOT (its size; 0 without one), LOG_COUNT, LOG_BYTES;
   * FRESHET_NOT_FOUND. [worker] */
  void (*info)(void* self, freshet_str room, freshet_reply reply);

  /* A consistent copy of everything at `path`, whole and on the disk when this answers.
   * Folders that are missing are made. FRESHET_CONFLICT: `path` exists; it is left alone. Where it
   * cannot be written, TROUBLE may say why. May be NULL. [worker] */
  void (*backup)(void* self, freshet_str path, freshet_reply reply);

  /* ---- the outbox: all of these, or none (NULL) ----
   * A topic is any bytes but none at all. An id is never 0, never used again in its topic, and
   * larger than those of all entries added before. */

  /* Add to a topic as one unit, durable on FRESHET_OK as after append(). ENTRY per entry, in their
   * order. FRESHET_LIMIT: the topic would hold more than the store allows; FRESHET_TOO_LARGE: an
   * entry this store cannot hold, or one whose key has its share of the topic waiting already:
   * entries of other keys are still taken, and waiting for a place is not worth it;
   * FRESHET_RETRY. A key that has nothing waiting has room for one, if the topic has. [worker] */
  void (*outbox_add)(void* self, freshet_str topic, const freshet_outgoing* entries, size_t count,
                     freshet_reply reply);

  /* Up to `limit` entries with ids greater than `after`, ascending: dead ones if `dead` is not 0,
   * else the others. ENTRY, TIME, BODY (its length), and REASON of dead ones. [worker] */
  void (*outbox_list)(void* self, freshet_str topic, int dead, uint64_t after, uint32_t limit,
                      freshet_reply reply);

  /* ENTRY, TIME, BODY, and REASON if it is dead. FRESHET_NOT_FOUND; FRESHET_CORRUPT: its bytes are
   * not those that were added. [worker] */
  void (*outbox_read)(void* self, freshet_str topic, uint64_t id, freshet_reply reply);

  /* Forget these entries, as one unit; one that is not there is no failure. [worker] */
  void (*outbox_remove)(void* self, freshet_str topic, const uint64_t* ids, size_t count,
                        freshet_reply reply);

  /* Set an entry aside as dead. A topic that then has more dead ones than the store allows loses
   * the oldest of them. FRESHET_NOT_FOUND: no such entry, or dead already. [worker] */
  void (*outbox_bury)(void* self, freshet_str topic, uint64_t id, freshet_str reason,
                      freshet_reply reply);

  /* Put a dead entry back in its place, or with id 0 all of the topic. COUNT. FRESHET_NOT_FOUND:
   * this id is no dead entry. [worker] */
  void (*outbox_revive)(void* self, freshet_str topic, uint64_t id, freshet_reply reply);

  /* Forget a dead entry, or with id 0 all of the topic. As outbox_revive. [worker] */
  void (*outbox_drop)(void* self, freshet_str topic, uint64_t id, freshet_reply reply);

  /* TOPIC, LIVE, LIVE_BYTES, DEAD, DEAD_BYTES of each topic that has entries, ascending. [worker]
   */
  void (*outbox_topics)(void* self, freshet_reply reply);

  /* Is what is stored where a restart would find it, and can it be written to? Asked every few
   * seconds, also while nobody edits. TROUBLE if not: a server that is told so says that it is not
   * ready. What an operator has to know besides is in the log, once. May be NULL. [worker] */
  void (*check)(void* self, freshet_reply reply);

  /* ---- what a `shared` store has besides: all of these; NULL in others ----
   * It remembers for a day that a room was erased, under a new epoch: load() tells it with
   * NOT_FOUND, and an append with NEW, whether FIRST or not, that calls the room otherwise is a
   * FRESHET_CONFLICT, as its writer may know what was erased. */

  /* What was appended to a room after `after_seq`: LAST_SEQ, then each UPDATE, ascending, with
   * AUTHOR, FIRST_TIME, LAST_TIME and WRITER behind it: about `most_bytes` of them, but one at
   * least. Where some of these were swapped for a snapshot meanwhile: SNAPSHOT, and the updates
   * after that. If `after_seq` is beyond LAST_SEQ that is all: somebody was answered what is lost.
   * FRESHET_CONFLICT: another epoch, EPOCH says which; FRESHET_NOT_FOUND: no such room, and EPOCH
   * as load() has it. With either ENDED if the history of `epoch` was ended by erase() or put()
   * within the last day: else it is one that a database has lost, with the end of its log, when a
   * copy took its place. [worker] */
  void (*tail)(void* self, freshet_str room, freshet_epoch epoch, uint64_t after_seq,
               uint64_t most_bytes, freshet_reply reply);

  /* LAST_SEQ of each of these rooms, in their order; before it EPOCH, and WRITER of the update with
   * this sequence if it is remembered, as it should be also when it was folded. Of a room that is
   * not there LAST_SEQ is 0 and has nothing before it. [worker] */
  void (*heads)(void* self, const freshet_str* rooms, size_t count, freshet_reply reply);

  /* A node lives, and has this to tell of itself (what others need to know of it; some hundred
   * bytes). Of each node, this one too, NODE, with how often it has said so, and ABOUT.
   * FRESHET_CONFLICT: it was ended, and is to go on under another run. [worker] */
  void (*node_beat)(void* self, freshet_node node, freshet_bytes about, freshet_reply reply);

  /* A node is no more: rooms are closed as by rooms_close(), and what it has claimed is free. It is
   * remembered for a day. FRESHET_NOT_FOUND: there is no such node now. [worker] */
  void (*node_end)(void* self, freshet_node node, int tell, freshet_reply reply);

  /* A node that lives has these rooms open; one that it has already stays so. FRESHET_CONFLICT: it
   * does not live; nothing was done. [worker] */
  void (*rooms_open)(void* self, freshet_node node, const freshet_str* rooms, size_t count,
                     freshet_reply reply);

  /* It has them open no longer. If `tell` is not 0, of each room that no node has open then a
   * notice is left, as one unit with that: NOTICE for each. [worker] */
  void (*rooms_close)(void* self, freshet_node node, const freshet_str* rooms, size_t count,
                      int tell, freshet_reply reply);

  /* NODE of each that has it open, and ABOUT. [worker] */
  void (*room_nodes)(void* self, freshet_str room, freshet_reply reply);

  /* Up to `limit` notices with ids greater than `after`, ascending. No id is used twice. [worker]
   */
  void (*notices)(void* self, uint64_t after, uint32_t limit, freshet_reply reply);

  /* It was told. FRESHET_NOT_FOUND: there is no such notice. [worker] */
  void (*notice_remove)(void* self, uint64_t id, freshet_reply reply);

  /* `name` (any bytes but none at all) is this node's for so long from now on, by the store's
   * clock, if it is its own already or nobody's: FRESHET_OK. FRESHET_CONFLICT: it is another's. For
   * 0 ms: it is nobody's. Only one node does what it has claimed, such as to deliver a topic of the
   * outbox. A node need not be known to claim, and one that was ended may again. [worker] */
  void (*claim)(void* self, freshet_str name, freshet_node node, uint32_t ms, freshet_reply reply);

  /* replace(), but FRESHET_CONFLICT as well if the update of `through_seq` is not as `fold` has it,
   * or the log has it no longer. A database that fails over may have lost updates that were read,
   * and have others in their places, which a snapshot of those would wipe out. [worker] */
  void (*fold)(void* self, const freshet_fold* fold, freshet_reply reply);

  /* All that is stored was put back to an earlier time, while no node ran: so that nobody takes a
   * room for the one it knew, up to `limit` rooms with names greater than `after`, ascending, go on
   * as they are under new epochs; the old ones were ended. ROOM for each, as list() has it. One
   * call with an empty `after` begins, each further one goes on behind the last room, until there
   * is none. A second after the first the store does nothing more for a node that has had it open
   * since before: every call is FRESHET_RETRY, and check() says why. [worker] */
  void (*new_history)(void* self, freshet_str after, uint32_t limit, freshet_reply reply);

  /* ---- what apps keep beside a room's document: all three, or none (NULL) ----
   * Values by name; room and name are any bytes but none at all. A room of which nothing else is
   * stored may have some: list() does not name it then. They stay when a room gets a new history,
   * by put() or new_history(), and erase() forgets them: it is FRESHET_OK also where there was
   * nothing else. Each write makes a version, larger than all that the store has made before. */

  /* KEPT. FRESHET_NOT_FOUND: there is nothing; FRESHET_CORRUPT: its bytes are not those that were
   * written. [worker] */
  void (*kept_read)(void* self, freshet_str room, freshet_str name, freshet_reply reply);

  /* This in the place of what has this version, or of nothing with 0, or of whatever is there with
   * FRESHET_KEPT_ANY; no bytes: nothing is there any more. Durable on FRESHET_OK as after append(),
   * with KEPT, the version of it, 0 of nothing. FRESHET_CONFLICT: it has another version, KEPT says
   * which, and stays. FRESHET_LIMIT: the room has as many values as the store allows, which is 64
   * at least; FRESHET_TOO_LARGE; FRESHET_RETRY. [worker] */
  void (*kept_write)(void* self, freshet_str room, freshet_str name, uint64_t version,
                     freshet_bytes value, freshet_reply reply);

  /* ROOM, NAME, KEPT of up to `limit` values, of this room and behind this name, and of the rooms
   * behind it; both ascending by bytes, and none at all is before all others. [worker] */
  void (*kept_list)(void* self, freshet_str room, freshet_str after, uint32_t limit,
                    freshet_reply reply);
} freshet_store;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_STORE_H */
