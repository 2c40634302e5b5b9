/* my-app: a Freshet app in C: a chat in every room. A client calls "say", everybody there hears
 * "said"; who calls "recall" hears the last of it again. People are greeted by name when they come.
 */
#include <freshet/abi/c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct said {
  char* json;
  struct said* next;
};
struct room {
  char* name;
  size_t name_size, count;
  struct said* first;
  struct room* next;
};

/* Called on several workers, for many rooms at once: the list of rooms has a lock. */
struct my_app {
  const freshet_server* server;
  size_t kept;
  pthread_mutex_t lock;
  struct room* rooms; /* those in memory */
  freshet_app table;
};

static const freshet_setting kSettings[] = {
    {"kept", FRESHET_INT, 0, "50", 0, 1000, NULL, NULL,
     "Messages that a room has for those who come later."},
};

/* What a client sends is checked against the schema before call() sees it. */
static const char kSay[] =
    "{\"name\":\"say\",\"input\":{\"type\":\"object\",\"required\":[\"text\"],"
    "\"additionalProperties\":false,\"properties\":{\"text\":{\"type\":\"string\",\"minLength\":1,"
    "\"maxLength\":1000}}},\"outputs\":{\"said\":{\"type\":\"object\",\"required\":[\"text\","
    "\"by\"],"
    "\"properties\":{\"text\":{\"type\":\"string\"},\"by\":{}}}}}";
static const char kRecall[] =
    "{\"name\":\"recall\",\"outputs\":{\"recalled\":{\"type\":\"array\"}}}";

/* The place in the list where the room is, or would be. REQUIRES: the lock. */
static struct room** place_of(struct my_app* self, freshet_str name) {
  struct room** at = &self->rooms;
  while (*at != NULL && !freshet_equal((freshet_str){(*at)->name, (*at)->name_size}, name)) {
    at = &(*at)->next;
  }
  return at;
}

static void drop_first(struct room* room) {
  struct said* const first = room->first;
  room->first = first->next;
  --room->count;
  free(first->json);
  free(first);
}

static void forget(struct room** at) {
  struct room* const room = *at;
  if (room == NULL) return;
  *at = room->next;
  while (room->first != NULL) drop_first(room);
  free(room->name);
  free(room);
}

/* Takes `json`. FRESHET_RETRY: there is no memory. */
static freshet_status keep(struct my_app* self, freshet_str name, char* json) {
  struct said* const said = calloc(1, sizeof(*said));
  pthread_mutex_lock(&self->lock);
  struct room** const place = place_of(self, name);
  if (*place == NULL && (*place = calloc(1, sizeof(**place))) != NULL) {
    (*place)->name = malloc(name.size);
    (*place)->name_size = name.size;
    if ((*place)->name == NULL) forget(place);
    if (*place != NULL) memcpy((*place)->name, name.data, name.size);
  }
  struct room* const room = *place;
  const int kept = room != NULL && said != NULL;
  if (kept) {
    struct said** last = &room->first;
    while (*last != NULL) last = &(*last)->next;
    *last = said;
    said->json = json;
    if (++room->count > self->kept) drop_first(room);
  }
  pthread_mutex_unlock(&self->lock);
  if (!kept) free(said), free(json);
  return kept ? FRESHET_OK : FRESHET_RETRY;
}

static freshet_status send(freshet_reply reply, uint32_t to, const char* event, freshet_str json) {
  const freshet_status status = freshet_write_text(reply, FRESHET_CALL_EVENT, freshet_text(event));
  return status == FRESHET_OK ? freshet_write_text(reply, to, json) : status;
}

/* The input is an object with a text, as its schema has it, and so is what it becomes. */
static freshet_status say(struct my_app* self, const freshet_call* call, freshet_reply reply) {
  size_t end = call->input.size;
  while (end > 0 && call->input.data[end - 1] != '}') --end;
  if (end == 0) return FRESHET_MALFORMED;
  const freshet_str by = call->user.size > 0 ? call->user : freshet_text("null");
  const size_t size = end + by.size + 16;
  char* const json = malloc(size);
  if (json == NULL) return FRESHET_RETRY;
  const int length = snprintf(json, size, "%.*s,\"by\":%.*s}", (int)(end - 1),
                              (const char*)call->input.data, (int)by.size, by.data);
  const freshet_status status =
      send(reply, FRESHET_CALL_BROADCAST, "said", (freshet_str){json, (size_t)length});
  if (status == FRESHET_OK) return keep(self, call->room, json);
  free(json);
  return status;
}

static freshet_status recall(struct my_app* self, const freshet_call* call, freshet_reply reply) {
  char* list = NULL;
  size_t size = 0;
  FILE* const out = open_memstream(&list, &size);
  if (out == NULL) return FRESHET_RETRY;
  fputc('[', out);
  pthread_mutex_lock(&self->lock);
  const struct room* const room = *place_of(self, call->room);
  for (const struct said* at = room == NULL ? NULL : room->first; at != NULL; at = at->next) {
    fprintf(out, "%s%s", at == room->first ? "" : ",", at->json);
  }
  pthread_mutex_unlock(&self->lock);
  fputc(']', out);
  freshet_status status = fclose(out) == 0 ? FRESHET_OK : FRESHET_RETRY;
  if (status == FRESHET_OK) {
    status = send(reply, FRESHET_CALL_SELF, "recalled", (freshet_str){list, size});
  }
  free(list);
  return status;
}

static void call(void* self, const freshet_call* called, freshet_reply reply) {
  freshet_status status = FRESHET_NOT_FOUND;
  if (freshet_is(called->procedure, "say")) status = say(self, called, reply);
  if (freshet_is(called->procedure, "recall")) status = recall(self, called, reply);
  freshet_done(reply, status);
}

static void notice(void* ctx, const freshet_notice* notice, freshet_reply reply) {
  struct my_app* const self = ctx;
  freshet_status status = FRESHET_OK;
  if (notice->kind == FRESHET_ROOM_DELETED) {
    pthread_mutex_lock(&self->lock);
    forget(place_of(self, notice->room));
    pthread_mutex_unlock(&self->lock);
  } else if (notice->user.size > 0) {
    status = self->server->broadcast(self->server->ctx, notice->room, freshet_text("came"),
                                     freshet_bytes_of(notice->user));
  }
  freshet_done(reply, status);
}

static void wants(void* self, freshet_app_wants* out) {
  (void)self;
  out->notices = 1u << FRESHET_USER_CONNECTED | 1u << FRESHET_ROOM_DELETED;
}

static void initial_storage(void* self, freshet_str room, freshet_reply reply) {
  (void)self, (void)room;
  freshet_done(reply, FRESHET_NOT_FOUND);
}

static freshet_status procedures(void* self, const freshet_sink* out) {
  (void)self;
  const freshet_status status = freshet_put(out, freshet_text(kSay));
  return status == FRESHET_OK ? freshet_put(out, freshet_text(kRecall)) : status;
}

static freshet_status create(const freshet_host* host, void** out) {
  const freshet_server* const server = host->service(host->ctx, FRESHET_SERVER_ID);
  if (server == NULL) {
    freshet_log(host, FRESHET_ERROR, "this host offers no " FRESHET_SERVER_ID);
    return FRESHET_UNSUPPORTED;
  }
  struct my_app* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->server = server;
  self->kept = (size_t)freshet_number_of(host, "kept");
  pthread_mutex_init(&self->lock, NULL);
  self->table = (freshet_app){.size = sizeof(self->table),
                              .self = self,
                              .wants = wants,
                              .initial_storage = initial_storage,
                              .notice = notice,
                              .procedures = procedures,
                              .call = call};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* ctx) {
  struct my_app* const self = ctx;
  while (self->rooms != NULL) forget(&self->rooms);
  pthread_mutex_destroy(&self->lock);
  free(self);
}

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_APP_ID) == 0 ? &((struct my_app*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_APP_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-app",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "A chat in every room.",
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
