/* my-store: a Freshet store in C that keeps rooms in memory. What each function promises is said in
 * freshet/abi/store.h, and my_store_test.cc tries it.
 *
 * The server calls a store on one worker thread, one call at a time: there is nothing to lock. */
#include <freshet/abi/c.h>
#include <stdlib.h>

struct row {
  freshet_bytes update;
  freshet_str author; /* empty: nobody's that is known */
  uint64_t first_unix_ms, last_unix_ms;
};
struct room {
  freshet_str name;
  freshet_epoch epoch;
  freshet_bytes snapshot; /* data NULL: none. It has all updates through this one: */
  uint64_t snapshot_seq;
  struct row* log; /* the updates after it, without gaps */
  size_t count;
};
/* The last batch of a writer: one that comes again is answered as it was. */
struct place {
  freshet_epoch epoch;
  uint64_t seq; /* 0: it was to be the first, and was not */
};
struct answered {
  freshet_writer writer;
  uint64_t number;
  struct place* at;
};
struct my_store {
  size_t max_rooms;
  struct room* rooms; /* by name */
  size_t count;
  struct answered* answered; /* no more than the server has shards */
  size_t writers;
  freshet_store table;
};

static const freshet_setting kSettings[] = {
    {"max_rooms", FRESHET_INT, 0, "10000", 1, 1000000, NULL, NULL,
     "Rooms kept; the next one is refused."},
};

/* ---- what is kept is copied ------------------------------------------------------------------ */

/* Half a batch would be a lie, so where there is no memory the process ends instead. */
static void* must(void* memory) {
  if (memory == NULL) abort();
  return memory;
}
static void* copy(const void* data, size_t size) {
  void* const out = must(malloc(size > 0 ? size : 1));
  if (size > 0) memcpy(out, data, size);
  return out;
}
static freshet_bytes copy_bytes(freshet_bytes bytes) {
  return (freshet_bytes){copy(bytes.data, bytes.size), bytes.size};
}

/* One more at `at`, all bytes 0. */
static void* insert(void** array, size_t* count, size_t at, size_t size) {
  char* const grown = must(realloc(*array, (*count + 1) * size));
  *array = grown;
  memmove(grown + (at + 1) * size, grown + at * size, (*count - at) * size);
  ++*count;
  return memset(grown + at * size, 0, size);
}

static void drop_rows(struct room* room, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    free((void*)room->log[i].update.data);
    free((void*)room->log[i].author.data);
  }
  room->count -= count;
  if (room->count > 0) memmove(room->log, room->log + count, room->count * sizeof(*room->log));
}

static void drop_content(struct room* room) {
  drop_rows(room, room->count);
  free((void*)room->snapshot.data);
  free(room->log);
  *room = (struct room){.name = room->name};
}

/* ---- rooms ----------------------------------------------------------------------------------- */

static int compare(freshet_str a, freshet_str b) {
  const int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
  return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Where the first room stands that is not before `name`. */
static size_t lower_bound(const struct my_store* self, freshet_str name) {
  size_t from = 0, to = self->count;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (compare(self->rooms[middle].name, name) < 0) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

static struct room* find(const struct my_store* self, freshet_str name) {
  const size_t at = lower_bound(self, name);
  const int is_there = at < self->count && freshet_equal(self->rooms[at].name, name);
  return is_there ? &self->rooms[at] : NULL;
}

static struct room* find_or_make(struct my_store* self, freshet_str name) {
  struct room* room = find(self, name);
  if (room != NULL) return room;
  void* rooms = self->rooms;
  room = insert(&rooms, &self->count, lower_bound(self, name), sizeof(*room));
  self->rooms = rooms;
  room->name = (freshet_str){copy(name.data, name.size), name.size};
  return room;
}

static int same_epoch(freshet_epoch a, freshet_epoch b) { return memcmp(&a, &b, sizeof(a)) == 0; }
static uint64_t last_seq(const struct room* room) { return room->snapshot_seq + room->count; }
static uint64_t log_bytes(const struct room* room) {
  uint64_t sum = 0;
  for (size_t i = 0; i < room->count; ++i) sum += room->log[i].update.size;
  return sum;
}
static freshet_status write_epoch(freshet_reply reply, const freshet_epoch* epoch) {
  return freshet_write(reply, FRESHET_STORE_EPOCH, 0,
                       (freshet_bytes){epoch->bytes, sizeof(epoch->bytes)});
}

/* ---- the calls ------------------------------------------------------------------------------- */

static void load(void* self, freshet_str name, freshet_reply reply) {
  const struct room* const room = find(self, name);
  freshet_status status = room == NULL ? FRESHET_NOT_FOUND : write_epoch(reply, &room->epoch);
  if (status == FRESHET_OK && room->snapshot.data != NULL) {
    status = freshet_write(reply, FRESHET_STORE_SNAPSHOT, room->snapshot_seq, room->snapshot);
  }
  for (size_t i = 0; status == FRESHET_OK && i < room->count; ++i) {
    const struct row* const row = &room->log[i];
    status = freshet_write(reply, FRESHET_STORE_UPDATE, room->snapshot_seq + i + 1, row->update);
    if (status == FRESHET_OK && row->author.size > 0) {
      status = freshet_write_text(reply, FRESHET_STORE_AUTHOR, row->author);
    }
    if (status == FRESHET_OK) {
      status = freshet_write_number(reply, FRESHET_STORE_FIRST_TIME, row->first_unix_ms);
    }
    if (status == FRESHET_OK) {
      status = freshet_write_number(reply, FRESHET_STORE_LAST_TIME, row->last_unix_ms);
    }
  }
  freshet_done(reply, status);
}

/* Whether entry `i` may be written, by the rooms and by what entries before it make. *makes: it is
 * the first of a new room. */
static int fits(const struct my_store* self, const freshet_batch* batch, size_t i, int* makes) {
  const freshet_append* const entry = &batch->entries[i];
  const struct room* const room = find(self, entry->room);
  const int may_make = (entry->flags & FRESHET_APPEND_NEW) != 0;
  *makes = 0;
  if (room != NULL) return may_make || same_epoch(room->epoch, entry->epoch);
  for (size_t k = 0; k < i; ++k) {
    const freshet_append* const before = &batch->entries[k];
    if ((before->flags & FRESHET_APPEND_NEW) != 0 && freshet_equal(before->room, entry->room)) {
      return same_epoch(before->epoch, entry->epoch);
    }
  }
  return *makes = may_make;
}

static freshet_status may_append(const struct my_store* self, const freshet_batch* batch,
                                 freshet_reply reply) {
  freshet_status status = FRESHET_OK;
  size_t made = 0;
  for (size_t i = 0; i < batch->count; ++i) {
    int makes = 0;
    if (fits(self, batch, i, &makes)) {
      made += (size_t)makes;
      continue;
    }
    int told = 0; /* of this room */
    for (size_t k = 0; k < i; ++k) {
      told |= freshet_equal(batch->entries[k].room, batch->entries[i].room) &&
              !fits(self, batch, k, &makes);
    }
    status = FRESHET_CONFLICT;
    if (told) continue;
    const freshet_status written =
        freshet_write_text(reply, FRESHET_STORE_ROOM, batch->entries[i].room);
    if (written != FRESHET_OK) return written;
  }
  return status == FRESHET_OK && self->count + made > self->max_rooms ? FRESHET_LIMIT : status;
}

static struct place add(struct my_store* self, const freshet_append* entry) {
  const int is_new = find(self, entry->room) == NULL;
  struct room* const room = find_or_make(self, entry->room);
  if (is_new) room->epoch = entry->epoch;
  if (!is_new && (entry->flags & FRESHET_APPEND_FIRST) != 0) return (struct place){room->epoch, 0};
  void* log = room->log;
  struct row* const row = insert(&log, &room->count, room->count, sizeof(*row));
  room->log = log;
  const freshet_str author = {copy(entry->author.data, entry->author.size), entry->author.size};
  *row = (struct row){copy_bytes(entry->update), author, entry->first_unix_ms, entry->last_unix_ms};
  return (struct place){room->epoch, last_seq(room)};
}

/* What the writer was answered last, made if it is new. */
static struct answered* answered_to(struct my_store* self, freshet_writer writer) {
  for (size_t i = 0; i < self->writers; ++i) {
    struct answered* const each = &self->answered[i];
    if (each->writer.shard == writer.shard &&
        memcmp(each->writer.run, writer.run, sizeof(writer.run)) == 0) {
      return each;
    }
  }
  void* all = self->answered;
  struct answered* const made = insert(&all, &self->writers, self->writers, sizeof(*made));
  self->answered = all;
  made->writer = writer;
  return made;
}

/* All of the batch or nothing of it: look first, then change. */
static freshet_status append_batch(struct my_store* self, const freshet_batch* batch,
                                   freshet_reply reply) {
  struct answered* const last = answered_to(self, batch->writer);
  freshet_status status = FRESHET_OK;
  if (last->number != batch->number) {
    status = may_append(self, batch, reply);
    if (status != FRESHET_OK) return status;
    last->number = batch->number;
    last->at = must(realloc(last->at, (batch->count + 1) * sizeof(*last->at)));
    for (size_t i = 0; i < batch->count; ++i) last->at[i] = add(self, &batch->entries[i]);
  }
  for (size_t i = 0; status == FRESHET_OK && i < batch->count; ++i) {
    const struct place* const at = &last->at[i];
    if (at->seq == 0 || !same_epoch(at->epoch, batch->entries[i].epoch)) {
      status = write_epoch(reply, &at->epoch);
    }
    if (status == FRESHET_OK) status = freshet_write_number(reply, FRESHET_STORE_SEQ, at->seq);
  }
  return status;
}
static void append(void* self, const freshet_batch* batch, freshet_reply reply) {
  freshet_done(reply, append_batch(self, batch, reply));
}

/* The log through `through_seq` has become a snapshot; what was appended after it stays. */
static void replace(void* self, freshet_str name, freshet_epoch epoch, uint64_t through_seq,
                    freshet_bytes snapshot, freshet_reply reply) {
  struct room* const room = find(self, name);
  if (room == NULL || !same_epoch(room->epoch, epoch) || through_seq < room->snapshot_seq ||
      through_seq > last_seq(room)) {
    freshet_done(reply, FRESHET_CONFLICT);
    return;
  }
  drop_rows(room, (size_t)(through_seq - room->snapshot_seq));
  free((void*)room->snapshot.data);
  room->snapshot = copy_bytes(snapshot);
  room->snapshot_seq = through_seq;
  freshet_done(reply, FRESHET_OK);
}

/* A new history begins: nothing of the old one is left. */
static void put(void* ctx, freshet_str name, freshet_epoch epoch, freshet_bytes snapshot,
                freshet_reply reply) {
  struct my_store* const self = ctx;
  if (find(self, name) == NULL && self->count >= self->max_rooms) {
    freshet_done(reply, FRESHET_LIMIT);
    return;
  }
  struct room* const room = find_or_make(self, name);
  drop_content(room);
  room->epoch = epoch;
  room->snapshot = copy_bytes(snapshot);
  freshet_done(reply, FRESHET_OK);
}

static void erase(void* ctx, freshet_str name, freshet_reply reply) {
  struct my_store* const self = ctx;
  struct room* const room = find(self, name);
  if (room != NULL) {
    drop_content(room);
    free((void*)room->name.data);
    const size_t behind = (size_t)(self->rooms + self->count - (room + 1));
    memmove(room, room + 1, behind * sizeof(*room));
    --self->count;
  }
  freshet_done(reply, room == NULL ? FRESHET_NOT_FOUND : FRESHET_OK);
}

static void list(void* ctx, freshet_str after, uint32_t limit, freshet_reply reply) {
  const struct my_store* const self = ctx;
  freshet_status status = FRESHET_OK;
  size_t at = after.size == 0 ? 0 : lower_bound(self, after);
  if (at < self->count && freshet_equal(self->rooms[at].name, after)) ++at;
  for (; status == FRESHET_OK && at < self->count && limit > 0; ++at, --limit) {
    const struct room* const room = &self->rooms[at];
    status = freshet_write(reply, FRESHET_STORE_ROOM, room->snapshot.size + log_bytes(room),
                           freshet_bytes_of(room->name));
  }
  freshet_done(reply, status);
}

static void info(void* self, freshet_str name, freshet_reply reply) {
  const struct room* const room = find(self, name);
  freshet_status status = room == NULL ? FRESHET_NOT_FOUND : write_epoch(reply, &room->epoch);
  if (status == FRESHET_OK) {
    const struct {
      uint32_t kind;
      uint64_t number;
    } all[] = {{FRESHET_STORE_LAST_SEQ, last_seq(room)},
               {FRESHET_STORE_SNAPSHOT, room->snapshot.size},
               {FRESHET_STORE_LOG_COUNT, room->count},
               {FRESHET_STORE_LOG_BYTES, log_bytes(room)}};
    for (size_t i = 0; status == FRESHET_OK && i < sizeof(all) / sizeof(all[0]); ++i) {
      status = freshet_write_number(reply, all[i].kind, all[i].number);
    }
  }
  freshet_done(reply, status);
}

/* ---- the plugin ------------------------------------------------------------------------------ */

static freshet_status create(const freshet_host* host, void** out) {
  struct my_store* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->max_rooms = (size_t)freshet_number_of(host, "max_rooms");
  self->table = (freshet_store){.size = sizeof(self->table), /* what is not here may be NULL */
                                .self = self,
                                .load = load,
                                .append = append,
                                .replace = replace,
                                .put = put,
                                .erase = erase,
                                .list = list,
                                .info = info};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* ctx) {
  struct my_store* const self = ctx;
  for (size_t i = 0; i < self->count; ++i) {
    drop_content(&self->rooms[i]);
    free((void*)self->rooms[i].name.data);
  }
  for (size_t i = 0; i < self->writers; ++i) free(self->answered[i].at);
  free(self->rooms);
  free(self->answered);
  free(self);
}

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_STORE_ID) == 0 ? &((struct my_store*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_STORE_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-store",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "Keeps rooms in memory.",
      .offers = kOffers,
      .needs = kNeeds,
      .settings = kSettings,
      .setting_count = sizeof(kSettings) / sizeof(kSettings[0]),
      .setting_size = sizeof(freshet_setting),
      .create = create,
      .destroy = destroy,
      .service = service,
  };
  return &kPlugin;
}
