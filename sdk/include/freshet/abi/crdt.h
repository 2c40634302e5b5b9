/* freshet/abi/crdt.h: documents that merge. One engine, many documents. */
#ifndef FRESHET_ABI_CRDT_H
#define FRESHET_ABI_CRDT_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FRESHET_CRDT_ID "freshet.crdt/0"

/* Encodings of an update. A state vector has one encoding only. */
enum { FRESHET_UPDATE_V1 = 1 };

typedef struct freshet_doc freshet_doc; /* opaque */

/* Whose content an update holds, deletions aside. */
enum {
  FRESHET_AUTHORS_UNKNOWN = 0, /* several, or the engine does not say */
  FRESHET_AUTHORS_NONE = 1,
  FRESHET_AUTHORS_ONE = 2 /* freshet_applied.author */
};

typedef struct freshet_applied {
  uint32_t size;
  uint8_t changed;   /* 0: all of it was known already. Parked for missing dependencies counts as
                        changed */
  uint8_t canonical; /* 1: the bytes are fit to be passed on as they are; 0: pass on reencode() */
  uint8_t authors;   /* FRESHET_AUTHORS_... */
  uint64_t author;   /* a client's id */
  /* 1: some of it is other content than what is here under the same client id and clocks, so that
   * two copies of a document write as one client and part for good. What was here stays. An engine
   * compares what it can, and never takes an honest repetition for one. */
  uint8_t contradicts;
  uint64_t twin; /* that client id */
  /* 1: all of it is in the document, and nothing is left out before it, so that what follows it in
   * the document follows it everywhere: it may be squashed with others. 0: some of it waits for
   * updates that have not come, or the engine does not say. */
  uint8_t whole;
} freshet_applied;

typedef struct freshet_doc_stats {
  uint32_t size;
  uint64_t memory_bytes;  /* held by the document */
  uint64_t pending_bytes; /* of that: parked, waiting for updates that have not come */
  uint64_t clients, items;
} freshet_doc_stats;

/* What an update would take, estimated from its bytes alone: enough for all but the oddest. */
typedef struct freshet_cost {
  uint32_t size;
  uint64_t document_bytes; /* added to a document's memory_bytes */
  uint64_t working_bytes;  /* besides, while it is being applied */
} freshet_cost;

typedef struct freshet_crdt { /* only edit, cost and what is behind it may be NULL */
  uint32_t size;
  void* self;
  const char* name; /* "yjs": how a manifest or a protocol asks for it */

  freshet_doc* (*doc_create)(void* self);            /* NULL: out of memory. [any] */
  void (*doc_destroy)(void* self, freshet_doc* doc); /* [doc] */

  /* FRESHET_MALFORMED: does not decode, or breaks a rule of the format. FRESHET_TOO_LARGE: over a
   * limit of the engine. FRESHET_LIMIT: the document is full. FRESHET_RETRY: out of memory. The
   * update is checked whole before anything changes. FRESHET_INTERNAL, of this function, load and
   * edit alone: the change may be half done (memory ran out in the middle of it), the document is
   * good for nothing but doc_destroy, and every call on it answers so. [doc] */
  freshet_status (*apply)(void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
                          freshet_applied* out);

  freshet_status (*state_vector)(void* self, const freshet_doc* doc,
                                 const freshet_sink* out); /* [doc] */

  /* One item: an update with all that a peer at `state_vector` lacks, what is parked included. An
   * empty `state_vector` asks for the whole document. FRESHET_MALFORMED: not a state vector. [doc]
   */
  freshet_status (*diff)(void* self, const freshet_doc* doc, uint32_t format,
                         freshet_bytes state_vector, const freshet_sink* out);

  /* One item: the document as a JSON object of its root types. [doc] */
  freshet_status (*json)(void* self, const freshet_doc* doc, const freshet_sink* out);
  void (*stats)(void* self, const freshet_doc* doc, freshet_doc_stats* out); /* [doc] */

  /* Without a document. One item: an update worth all `updates` together, which are taken as `load`
   * takes them. [any] */
  freshet_status (*merge)(void* self, uint32_t format, const freshet_bytes* updates, size_t count,
                          const freshet_sink* out);
  /* One item: the update struct by struct as a careful writer would have written it. [any] */
  freshet_status (*reencode)(void* self, uint32_t format, freshet_bytes update,
                             const freshet_sink* out);

  /* As apply, for what a store kept or an operator brings: the engine's limits on the document
   * hold, those on one update that a peer sends do not. A snapshot may be larger than any of them,
   * and what was squashed may come a little before what it goes on from: however much peers have
   * left waiting, an engine that squashes takes 64 kB of updates more. [doc] */
  freshet_status (*load)(void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
                         freshet_applied* out);

  /* One transaction of `client`, an id that nobody else uses, ever. `operations` is JSON: a list of
   * them, see docs/edits.md and freshet/format/edits.h. One item: the update that it made; none if
   * it changed nothing. FRESHET_MALFORMED: one of them is wrong or cannot be done when its turn
   * comes, the log says which and why. FRESHET_TOO_LARGE: the list. FRESHET_LIMIT: the document is
   * full. All of them are done or none; `out` must take an item of any size, as the edit is done by
   * then. [doc] */
  freshet_status (*edit)(void* self, freshet_doc* doc, uint64_t client, freshet_bytes operations,
                         const freshet_sink* out);

  /* Costs a fraction of applying it. FRESHET_MALFORMED as apply, though not for all that apply
   * finds: an update may have a cost and not be one. [any] */
  freshet_status (*cost)(void* self, uint32_t format, freshet_bytes update, freshet_cost* out);

  /* Without a document, and for a fraction of what merge costs. One item: an update worth all
   * `updates`, in the order in which they were applied; runs that were written one after the other
   * are one again, and nothing is collected. For few small ones that arrived close together, each
   * of which was freshet_applied.whole. FRESHET_UNSUPPORTED: these cannot be joined so; they are
   * passed on as they came. NULL: none can. [any] */
  freshet_status (*squash)(void* self, uint32_t format, const freshet_bytes* updates, size_t count,
                           const freshet_sink* out);

  /* *known: 1 if all that the update holds, deletions included, is in the document, so that to
   * apply it would change nothing; 0 if not, or if the engine cannot tell. In time proportional to
   * the document. FRESHET_MALFORMED as apply. NULL: it never can tell. [doc] */
  freshet_status (*knows)(void* self, const freshet_doc* doc, uint32_t format, freshet_bytes update,
                          uint8_t* known);

  /* For people who look at it. One item: what an update says, as a JSON object, from its bytes
   * alone:
   *   structs     how many pieces of content it holds
   *   deletes     how many ranges it deletes
   *   deleted     [{"client", "length"}]: of whom, and how much
   *   operations  the first `limit`: [{"op": "insert", "delete", "format", "set" or "embed",
   *               "client", "clock", "length", "parent": a root's name or an id, if it says,
   *               "key", "content": its beginning}]
   *   more        how many there are besides
   * FRESHET_MALFORMED as apply. NULL: it does not say. [any] */
  freshet_status (*describe)(void* self, uint32_t format, freshet_bytes update, uint32_t limit,
                             const freshet_sink* out);

  /* For people, too. One item: the document as a JSON object, "roots": a list of nodes, and "more":
   * how many nodes there are beyond `limit`. A node is {"name", "kind": "text", "array", "map",
   * "xml_fragment", "xml_element" or "xml_text"; "length"; "text"; "attributes"; "children"}, as
   * far as its kind has these; a value in a list or under a key is {"kind": "value", "value"}.
   * NULL: it does not say. [doc] */
  freshet_status (*outline)(void* self, const freshet_doc* doc, uint32_t limit,
                            const freshet_sink* out);
} freshet_crdt;

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_CRDT_H */
