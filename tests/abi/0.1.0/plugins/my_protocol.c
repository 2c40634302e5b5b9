/* my-protocol: a wire of one's own in C, at ws://host/my-protocol/<room>. A message is binary, and
 * its first byte says what it is, both ways:
 *
 *   'u' an update in Yjs' v1 format     the first that the server sends is the whole document
 *   'e' an event: its name, a line end, its JSON
 *   's' "saved": all the updates that this client sent so far, as many as the decimal number says
 *   'x' why something was not taken, in words */
#include <freshet/abi/c.h>
#include <stdio.h>
#include <stdlib.h>

/* Called from any shard at any time: nothing here changes after create(). */
struct my_protocol {
  const freshet_room* rooms;
  freshet_str route; /* lives as long as the plugin */
  freshet_protocol table;
};

/* One client in one room; lives on one shard, as all its calls do. */
struct my_connection {
  freshet_session* session;
  uint64_t ticket;
};

static const freshet_setting kSettings[] = {
    {"route", FRESHET_TEXT, 0, "/my-protocol", 0, 0, NULL, NULL,
     "Where rooms are found: ws://host<route>/<room>."},
};

static freshet_status routes(void* self, const freshet_sink* out) {
  return freshet_put(out, ((struct my_protocol*)self)->route);
}

static void traits(void* self, freshet_traits* out) {
  (void)self;
  *out =
      (freshet_traits){.size = sizeof(*out), .saved = FRESHET_SAVED_NOTE, .retry_delay_ms = 1000};
}

static freshet_status open_connection(void* ctx, const freshet_open* open, void** state) {
  const freshet_room* const rooms = ((struct my_protocol*)ctx)->rooms;
  const freshet_join join = {
      .size = sizeof(join),
      .room = open->room,
      .wants = FRESHET_WANT_UPDATES | FRESHET_WANT_EVENTS | FRESHET_WANT_SAVED,
      .permission = open->permission,
  };
  const freshet_bytes nothing = {NULL, 0};
  struct my_connection* const connection = calloc(1, sizeof(*connection));
  if (connection == NULL) return FRESHET_RETRY;
  freshet_status status = rooms->join(rooms->self, open->link, &join, &connection->session);
  /* The whole document, once it is loaded: a DIFF for a state vector that knows nothing. */
  if (status == FRESHET_OK) {
    status = rooms->request_diff(rooms->self, connection->session, FRESHET_UPDATE_V1, nothing);
  }
  if (status != FRESHET_OK) {
    free(connection);
    return status;
  }
  *state = connection;
  return FRESHET_OK;
}

/* What is not ok ends the connection. A room says later, and by a ticket, what became of it. Who
 * may only read hears of it in a REFUSED delivery, and stays. */
static freshet_status message(void* ctx, void* state, freshet_bytes message, int text) {
  const freshet_room* const rooms = ((struct my_protocol*)ctx)->rooms;
  struct my_connection* const connection = state;
  if (text || message.size == 0) return FRESHET_MALFORMED;
  const freshet_bytes body = {message.data + 1, message.size - 1};
  freshet_status status = FRESHET_MALFORMED;
  if (*message.data == 'u') {
    status = rooms->submit_update(rooms->self, connection->session, FRESHET_UPDATE_V1, body,
                                  ++connection->ticket);
  } else if (*message.data == 'e') {
    const uint8_t* const end = body.size == 0 ? NULL : memchr(body.data, '\n', body.size);
    if (end == NULL) return FRESHET_MALFORMED;
    const freshet_str name = {(const char*)body.data, (size_t)(end - body.data)};
    const freshet_bytes json = {end + 1, body.size - name.size - 1};
    status = rooms->call(rooms->self, connection->session, name, json, ++connection->ticket);
  }
  return status == FRESHET_DENIED ? FRESHET_OK : status;
}

static void close_connection(void* self, void* state) {
  (void)self;
  free(state);
}

/* In place: the bytes are copied once. */
static freshet_status write(char kind, freshet_str head, freshet_bytes body,
                            const freshet_sink* out) {
  const size_t size = 1 + head.size + body.size;
  uint8_t* const at = out->reserve(out->ctx, size);
  if (at == NULL) return FRESHET_TOO_LARGE;
  *at = (uint8_t)kind;
  if (head.size > 0) memcpy(at + 1, head.data, head.size);
  if (body.size > 0) memcpy(at + 1 + head.size, body.data, body.size);
  return out->commit(out->ctx, size);
}

static const char* words(const freshet_delivery* refused) {
  switch (refused->status) {
    case FRESHET_DENIED: return "You may only read in this room.";
    case FRESHET_LIMIT: return "The room is full.";
    case FRESHET_TOO_LARGE: return "This is larger than the server takes.";
    case FRESHET_MALFORMED: return "The update does not decode.";
    default: return "This was not taken.";
  }
}

/* A room encodes once for all its clients: nothing but the delivery is looked at. */
static freshet_status encode(void* self, const freshet_delivery* delivery,
                             const freshet_sink* out) {
  const freshet_str none = {NULL, 0};
  const freshet_bytes nothing = {NULL, 0};
  char text[5120];
  (void)self;
  switch (delivery->kind) {
    case FRESHET_DIFF:
    case FRESHET_UPDATE: return write('u', none, delivery->bytes, out);
    case FRESHET_EVENT:
      if (delivery->event.size >= sizeof(text)) return FRESHET_TOO_LARGE;
      memcpy(text, delivery->event.data, delivery->event.size);
      text[delivery->event.size] = '\n';
      return write('e', (freshet_str){text, delivery->event.size + 1}, delivery->bytes, out);
    case FRESHET_SAVED:
      snprintf(text, sizeof(text), "%llu", (unsigned long long)delivery->ticket);
      return write('s', freshet_text(text), nothing, out);
    case FRESHET_REFUSED:
      return write('x', delivery->bytes.size > 0 ? none : freshet_text(words(delivery)),
                   delivery->bytes, out);
    default: return FRESHET_NOT_FOUND; /* this wire has no word for it */
  }
}

/* What the schema above cannot say. */
static freshet_status check_settings(const freshet_host* host, const freshet_faults* faults) {
  const freshet_str route = freshet_text_of(host, "route");
  char reason[256];
  if (freshet_begins(route, "/")) return FRESHET_OK;
  snprintf(reason, sizeof(reason), "\"%.*s\" must begin with '/'",
           (int)(route.size < 200 ? route.size : 200), route.data);
  freshet_fault(faults, "route", reason);
  return FRESHET_OK;
}

static freshet_status create(const freshet_host* host, void** out) {
  const freshet_room* const rooms = host->service(host->ctx, FRESHET_ROOM_ID);
  if (rooms == NULL || !FRESHET_HAS(rooms, call)) {
    freshet_log(host, FRESHET_ERROR, "this host offers no " FRESHET_ROOM_ID " with calls");
    return FRESHET_UNSUPPORTED;
  }
  struct my_protocol* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->rooms = rooms;
  self->route = freshet_text_of(host, "route");
  self->table = (freshet_protocol){.size = sizeof(self->table), /* what is not here may be NULL */
                                   .self = self,
                                   .routes = routes,
                                   .traits = traits,
                                   .open = open_connection,
                                   .message = message,
                                   .close = close_connection,
                                   .encode = encode};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* self) { free(self); }

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_PROTOCOL_ID) == 0 ? &((struct my_protocol*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_PROTOCOL_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-protocol",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "Updates and events, a byte before each.",
      .offers = kOffers,
      .needs = kNeeds,
      .settings = kSettings,
      .setting_count = sizeof(kSettings) / sizeof(kSettings[0]),
      .setting_size = sizeof(freshet_setting),
      .create = create,
      .destroy = destroy,
      .service = service,
      .check_settings = check_settings,
  };
  return &kPlugin;
}
