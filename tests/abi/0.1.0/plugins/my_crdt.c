/* my-crdt: an engine for Freshet in C: a log of lines that only grows. Who adds a line calls it by
 * its own number and a clock that counts its lines, so that whoever has the same lines has the same
 * log, in whatever order they came.
 *
 *   update         varuint count, then of each line: varuint client, varuint clock, string
 *   state vector   varuint count, then of each client: varuint client, varuint how many of its
 * lines */
#include <freshet/abi/c.h>
#include <stdlib.h>

enum { kMaxLineBytes = 64 << 10, kLineMemory = 100, kVaruintBytes = 10 };

struct line {
  uint64_t clock, client;
  size_t size;
  uint8_t* text; /* borrowed from an update, or the document's own */
};
/* In the order in which everybody reads them. By one thread at a time. */
struct lines {
  struct line* at;
  size_t count, bytes;
};

/* ---- bytes ----------------------------------------------------------------------------------- */

struct reader {
  const uint8_t *at, *end;
  int bad;
};

static uint64_t read_varuint(struct reader* in) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift <= 49 && in->at < in->end; shift += 7) {
    const uint8_t byte = *in->at++;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) in->bad = 1; /* a writer would have made it shorter */
      if (value >> 53 != 0) in->bad = 1;
      return value;
    }
  }
  in->bad = 1;
  return 0;
}

static uint8_t* put_varuint(uint8_t* at, uint64_t value) {
  for (; value > 0x7f; value >>= 7) *at++ = (uint8_t)(value | 0x80);
  *at++ = (uint8_t)value;
  return at;
}

static size_t varuint_size(uint64_t value) {
  uint8_t ignored[kVaruintBytes];
  return (size_t)(put_varuint(ignored, value) - ignored);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static int order(const struct line* a, const struct line* b) {
  if (a->clock != b->clock) return a->clock < b->clock ? -1 : 1;
  return a->client == b->client ? 0 : a->client < b->client ? -1 : 1;
}

static size_t lower_bound(const struct lines* lines, const struct line* line) {
  size_t from = 0, to = lines->count;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (order(&lines->at[middle], line) < 0) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

static struct line* find(const struct lines* lines, const struct line* line) {
  const size_t at = lower_bound(lines, line);
  return at < lines->count && order(&lines->at[at], line) == 0 ? &lines->at[at] : NULL;
}

/* Room for so many more, so that adding them does not fail. */
static int reserve(struct lines* lines, size_t more) {
  struct line* const grown = realloc(lines->at, (lines->count + more + 1) * sizeof(*grown));
  if (grown != NULL) lines->at = grown;
  return grown != NULL;
}

static void add(struct lines* lines, struct line line) {
  const size_t at = lower_bound(lines, &line);
  memmove(&lines->at[at + 1], &lines->at[at], (lines->count - at) * sizeof(line));
  lines->at[at] = line;
  ++lines->count;
  lines->bytes += line.size;
}

/* How many of a client's lines are here without a gap. */
static uint64_t known(const struct lines* lines, uint64_t client) {
  struct line next = {0, client, 0, NULL};
  while (find(lines, &next) != NULL) ++next.clock;
  return next.clock;
}

/* Those of an update, which they borrow. The whole of it is checked before anything is done. */
static freshet_status read_update(freshet_bytes update, struct lines* out) {
  struct reader in = {update.data, update.data + update.size, 0};
  const uint64_t count = read_varuint(&in);
  if (in.bad || count > update.size / 3) return FRESHET_MALFORMED;
  if (!reserve(out, (size_t)count)) return FRESHET_RETRY;
  for (uint64_t i = 0; i < count; ++i) {
    struct line line;
    line.client = read_varuint(&in);
    line.clock = read_varuint(&in);
    const uint64_t size = read_varuint(&in);
    if (in.bad || size > (uint64_t)(in.end - in.at)) return FRESHET_MALFORMED;
    if (size > kMaxLineBytes) return FRESHET_TOO_LARGE;
    line.size = (size_t)size;
    line.text = (uint8_t*)in.at;
    in.at += size;
    const freshet_str text = {(const char*)line.text, line.size};
    if (!freshet_is_utf8(text) || find(out, &line) != NULL) return FRESHET_MALFORMED;
    add(out, line);
  }
  return in.at == in.end ? FRESHET_OK : FRESHET_MALFORMED;
}

/* Those that `lacks` says. */
static freshet_status write_update(const struct lines* lines, const uint8_t* lacks,
                                   const freshet_sink* out) {
  size_t count = 0, size = 0;
  for (size_t i = 0; i < lines->count; ++i) {
    const struct line* const line = &lines->at[i];
    if (!lacks[i]) continue;
    ++count;
    size += varuint_size(line->client) + varuint_size(line->clock) + varuint_size(line->size) +
            line->size;
  }
  size += varuint_size(count);
  uint8_t* const begin = out->reserve(out->ctx, size);
  if (begin == NULL) return FRESHET_TOO_LARGE;
  uint8_t* at = put_varuint(begin, count);
  for (size_t i = 0; i < lines->count; ++i) {
    const struct line* const line = &lines->at[i];
    if (!lacks[i]) continue;
    at = put_varuint(put_varuint(at, line->client), line->clock);
    at = put_varuint(at, line->size);
    memcpy(at, line->text, line->size);
    at += line->size;
  }
  return out->commit(out->ctx, size);
}

static struct lines* of(const freshet_doc* doc) { return (struct lines*)doc; }

/* ---- documents ------------------------------------------------------------------------------- */

static freshet_doc* doc_create(void* self) {
  (void)self;
  return (freshet_doc*)calloc(1, sizeof(struct lines));
}

static void doc_destroy(void* self, freshet_doc* doc) {
  (void)self;
  for (size_t i = 0; i < of(doc)->count; ++i) free(of(doc)->at[i].text);
  free(of(doc)->at);
  free(doc);
}

/* Copies what is new. 0: there is no memory, and nothing has changed. */
static int take(struct lines* doc, struct lines* news, freshet_applied* out) {
  if (!reserve(doc, news->count)) return 0;
  for (size_t i = 0; i < news->count; ++i) {
    struct line* const line = &news->at[i];
    const struct line* const here = find(doc, line);
    uint8_t* const own = here != NULL ? NULL : malloc(line->size + 1);
    if (here == NULL && own == NULL) {
      while (i > 0) free(news->at[--i].text);
      return 0;
    }
    if (here != NULL &&
        (here->size != line->size || memcmp(here->text, line->text, line->size) != 0)) {
      out->contradicts = 1;
      out->twin = line->client;
    }
    if (own != NULL) memcpy(own, line->text, line->size);
    line->text = own;
  }
  for (size_t i = 0; i < news->count; ++i) {
    if (news->at[i].text == NULL) continue;
    out->changed = 1;
    add(doc, news->at[i]);
  }
  return 1;
}

static freshet_status apply(void* self, freshet_doc* doc, uint32_t format, freshet_bytes update,
                            freshet_applied* out) {
  struct lines news = {NULL, 0, 0};
  (void)self;
  freshet_status status = FRESHET_UNSUPPORTED;
  if (format == FRESHET_UPDATE_V1) status = read_update(update, &news);
  if (status == FRESHET_OK && !take(of(doc), &news, out)) status = FRESHET_RETRY;
  if (status == FRESHET_OK) {
    out->canonical = 1;
    out->whole = 1;
    out->authors = news.count == 0 ? FRESHET_AUTHORS_NONE : FRESHET_AUTHORS_ONE;
    if (news.count > 0) out->author = news.at[0].client;
    for (size_t i = 0; i < news.count; ++i) {
      const struct line* const line = &news.at[i];
      if (line->client != out->author) out->authors = FRESHET_AUTHORS_UNKNOWN;
      if (line->clock >= known(of(doc), line->client)) out->whole = 0;
    }
  }
  free(news.at);
  return status;
}

static freshet_status state_vector(void* self, const freshet_doc* doc, const freshet_sink* out) {
  const struct lines* const lines = of(doc);
  uint8_t* const clients = malloc((2 * lines->count + 1) * kVaruintBytes);
  (void)self;
  if (clients == NULL) return FRESHET_RETRY;
  size_t count = 0;
  uint8_t* at = clients + kVaruintBytes;
  /* A client has a first line here, or none that counts. */
  for (size_t i = 0; i < lines->count && lines->at[i].clock == 0; ++i, ++count) {
    at = put_varuint(at, lines->at[i].client);
    at = put_varuint(at, known(lines, lines->at[i].client));
  }
  uint8_t* const begin = clients + kVaruintBytes - varuint_size(count);
  put_varuint(begin, count);
  const freshet_bytes item = {begin, (size_t)(at - begin)};
  const freshet_status status = out->write(out->ctx, item);
  free(clients);
  return status;
}

static freshet_status diff(void* self, const freshet_doc* doc, uint32_t format,
                           freshet_bytes vector, const freshet_sink* out) {
  const struct lines* const lines = of(doc);
  struct reader in = {vector.data, vector.data + vector.size, 0};
  (void)self;
  if (format != FRESHET_UPDATE_V1) return FRESHET_UNSUPPORTED;
  uint8_t* const lacks = malloc(lines->count + 1);
  if (lacks == NULL) return FRESHET_RETRY;
  memset(lacks, 1, lines->count + 1);
  for (uint64_t left = vector.size == 0 ? 0 : read_varuint(&in); left > 0 && !in.bad; --left) {
    const uint64_t client = read_varuint(&in), count = read_varuint(&in);
    for (size_t i = 0; i < lines->count && !in.bad; ++i) {
      if (lines->at[i].client == client && lines->at[i].clock < count) lacks[i] = 0;
    }
  }
  freshet_status status = FRESHET_MALFORMED;
  if (!in.bad && in.at == in.end) status = write_update(lines, lacks, out);
  free(lacks);
  return status;
}

static freshet_status json(void* self, const freshet_doc* doc, const freshet_sink* out) {
  const struct lines* const lines = of(doc);
  const size_t most = 16 + 6 * lines->bytes + 16 * lines->count;
  char* const text = malloc(most);
  (void)self;
  if (text == NULL) return FRESHET_RETRY;
  size_t size = 10;
  memcpy(text, "{\"lines\":[", size);
  for (size_t i = 0; i < lines->count; ++i) {
    const struct line* const line = &lines->at[i];
    if (line->clock >= known(lines, line->client)) continue; /* waits for others */
    if (size > 10) text[size++] = ',';
    size += freshet_json_string((freshet_str){(const char*)line->text, line->size}, text + size,
                                most - size);
  }
  memcpy(text + size, "]}", 2);
  const freshet_status status = freshet_put(out, (freshet_str){text, size + 2});
  free(text);
  return status;
}

static void stats(void* self, const freshet_doc* doc, freshet_doc_stats* out) {
  const struct lines* const lines = of(doc);
  (void)self;
  out->memory_bytes = sizeof(*lines) + lines->bytes + lines->count * kLineMemory;
  out->items = lines->count;
  for (size_t i = 0; i < lines->count && lines->at[i].clock == 0; ++i) ++out->clients;
}

/* ---- without a document ---------------------------------------------------------------------- */

static freshet_status merge(void* self, uint32_t format, const freshet_bytes* updates, size_t count,
                            const freshet_sink* out) {
  const freshet_bytes nothing = {NULL, 0};
  freshet_doc* const all = doc_create(self);
  freshet_status status = all == NULL ? FRESHET_RETRY : FRESHET_OK;
  for (size_t i = 0; status == FRESHET_OK && i < count; ++i) {
    freshet_applied ignored = {.size = sizeof(ignored)};
    status = apply(self, all, format, updates[i], &ignored);
  }
  if (status == FRESHET_OK) status = diff(self, all, format, nothing, out);
  if (all != NULL) doc_destroy(self, all);
  return status;
}

static freshet_status reencode(void* self, uint32_t format, freshet_bytes update,
                               const freshet_sink* out) {
  return merge(self, format, &update, 1, out);
}

static freshet_status cost(void* self, uint32_t format, freshet_bytes update, freshet_cost* out) {
  struct reader in = {update.data, update.data + update.size, 0};
  const uint64_t count = read_varuint(&in);
  (void)self, (void)format;
  out->document_bytes =
      update.size + (count < update.size / 3 ? count : update.size / 3) * kLineMemory;
  out->working_bytes = out->document_bytes;
  return in.bad ? FRESHET_MALFORMED : FRESHET_OK;
}

/* ---- the plugin ------------------------------------------------------------------------------ */

static freshet_status create(const freshet_host* host, void** out) {
  freshet_crdt* const self = calloc(1, sizeof(*self));
  (void)host;
  if (self == NULL) return FRESHET_RETRY;
  *self = (freshet_crdt){.size = sizeof(*self), /* what is not here may be NULL */
                         .self = self,
                         .name = "my-lines",
                         .doc_create = doc_create,
                         .doc_destroy = doc_destroy,
                         .apply = apply,
                         .state_vector = state_vector,
                         .diff = diff,
                         .json = json,
                         .stats = stats,
                         .merge = merge,
                         .reencode = reencode,
                         .load = apply,
                         .cost = cost};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* self) { free(self); }

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_CRDT_ID) == 0 ? self : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_CRDT_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-crdt",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "A log of lines in which all agree.",
      .offers = kOffers,
      .needs = kNeeds,
      .settings = NULL,
      .setting_count = 0,
      .setting_size = sizeof(freshet_setting),
      .create = create,
      .destroy = destroy,
      .service = service,
  };
  return &kPlugin;
}
