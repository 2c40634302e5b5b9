/* my-http: a page of a Freshet server in C, and a way in for programs. GET /my-http is the page;
 * POST /my-http/<room> with `Authorization: Bearer <key>` says the body, one JSON value, to
 * everybody in the room, as the event "announced". */
#include <freshet/abi/c.h>
#include <stdlib.h>

/* Called on many workers at once: nothing here changes after create(). */
struct my_http {
  const freshet_server* server;
  freshet_str route, key; /* live as long as the plugin */
  freshet_http table;
};

static const freshet_setting kSettings[] = {
    {"route", FRESHET_TEXT, 0, "/my-http", 0, 0, NULL, NULL, "Where the page is."},
    {"key", FRESHET_TEXT, FRESHET_SECRET, "", 0, 0, NULL, NULL,
     "Who has it may announce; empty: nobody."},
};

static const char kPage[] =
    "<!doctype html>\n"
    "<meta charset=\"utf-8\">\n"
    "<title>my-http</title>\n"
    "<h1>my-http</h1>\n"
    "<p>POST one JSON value to <code>/my-http/&lt;room&gt;</code> with the key, and all who are "
    "there hear it.</p>\n";

/* What was written before a failure does not count. */
static freshet_status say(freshet_reply reply, uint64_t code, const char* text, const char* type) {
  freshet_status status = freshet_write_number(reply, FRESHET_HTTP_STATUS, code);
  if (status == FRESHET_OK) {
    status = freshet_write_text(reply, FRESHET_HTTP_HEADER, freshet_text(type));
  }
  if (status == FRESHET_OK) {
    status =
        freshet_write_text(reply, FRESHET_HTTP_HEADER, freshet_text("Cache-Control: no-store"));
  }
  if (status == FRESHET_OK)
    status = freshet_write_text(reply, FRESHET_HTTP_BODY, freshet_text(text));
  return status;
}

static freshet_status announce(const struct my_http* self, const freshet_request* request,
                               freshet_str room, freshet_reply reply) {
  static const char kPlain[] = "Content-Type: text/plain; charset=utf-8";
  if (!freshet_is(request->method, "POST")) return say(reply, 405, "POST it\n", kPlain);
  if (self->key.size == 0 || !freshet_same_secret(freshet_bearer_of(request), self->key)) {
    return say(reply, 401, "the key is missing, or is not ours\n", kPlain);
  }
  const freshet_server* const server = self->server;
  switch (server->broadcast(server->ctx, room, freshet_text("announced"), request->body)) {
    case FRESHET_OK: return say(reply, 202, "said\n", kPlain);
    case FRESHET_MALFORMED: return say(reply, 400, "the body is not one JSON value\n", kPlain);
    case FRESHET_NOT_FOUND: return say(reply, 404, "that is no room's name\n", kPlain);
    default: return say(reply, 503, "not now\n", kPlain);
  }
}

static freshet_status respond(const struct my_http* self, const freshet_request* request,
                              freshet_reply reply) {
  const freshet_str path = freshet_path_of(request);
  if (path.size > self->route.size + 1) {
    const freshet_str escaped = {path.data + self->route.size + 1,
                                 path.size - self->route.size - 1};
    char room[1024];
    const int length = freshet_percent_decode(escaped, room, sizeof(room));
    return announce(self, request, (freshet_str){room, length < 0 ? 0 : (size_t)length}, reply);
  }
  if (!freshet_is(request->method, "GET")) {
    return say(reply, 405, "GET it\n", "Content-Type: text/plain; charset=utf-8");
  }
  return say(reply, 200, kPage, "Content-Type: text/html; charset=utf-8");
}

static void answer(void* self, const freshet_request* request, freshet_reply reply) {
  freshet_done(reply, respond(self, request, reply));
}

static freshet_status routes(void* self, const freshet_sink* out) {
  return freshet_put(out, ((struct my_http*)self)->route);
}

/* What the schema above cannot say. */
static freshet_status check_settings(const freshet_host* host, const freshet_faults* faults) {
  const freshet_str route = freshet_text_of(host, "route"), key = freshet_text_of(host, "key");
  if (!freshet_begins(route, "/")) freshet_fault(faults, "route", "must begin with '/'");
  if (key.size > 0 && key.size < 16) freshet_fault(faults, "key", "is shorter than 16 bytes");
  return FRESHET_OK;
}

static freshet_status create(const freshet_host* host, void** out) {
  const freshet_server* const server = host->service(host->ctx, FRESHET_SERVER_ID);
  if (server == NULL) {
    freshet_log(host, FRESHET_ERROR, "this host offers no " FRESHET_SERVER_ID);
    return FRESHET_UNSUPPORTED;
  }
  struct my_http* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->server = server;
  self->route = freshet_text_of(host, "route");
  self->key = freshet_text_of(host, "key");
  self->table =
      (freshet_http){.size = sizeof(self->table), .self = self, .routes = routes, .answer = answer};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* self) { free(self); }

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_HTTP_ID) == 0 ? &((struct my_http*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_HTTP_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-http",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "A page, and announcements.",
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
