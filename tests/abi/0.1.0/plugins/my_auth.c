/* my-auth: a Freshet auth plugin in C. People share a secret, and say who they are: a client
 * connects with ?token=<secret>&name=Ann. Another secret lets its bearers look, not edit. */
#include <freshet/abi/c.h>
#include <stdlib.h>

/* Called on many workers at once: nothing here changes after create(). */
struct my_auth {
  const freshet_host* host;
  freshet_str secret, reader_secret; /* live as long as the plugin */
  freshet_auth table;
};

static const freshet_setting kSettings[] = {
    {"secret", FRESHET_TEXT, FRESHET_REQUIRED | FRESHET_SECRET, NULL, 0, 0, NULL, NULL,
     "Who knows it may edit: 16 bytes at least, as in ${MY_SECRET}."},
    {"reader_secret", FRESHET_TEXT, FRESHET_SECRET, "", 0, 0, NULL, NULL,
     "Who knows this one may look; empty: nobody."},
};

static freshet_status refuse(const struct my_auth* self, const char* why) {
  freshet_log(self->host, FRESHET_INFO, why);
  return FRESHET_UNAUTHENTICATED;
}

/* What a browser offers as a subprotocol, as it can set no other header. */
static freshet_str offered(const freshet_request* request) {
  static const char kPrefix[] = "freshet.token.";
  const freshet_str list = freshet_header_of(request, "Sec-WebSocket-Protocol");
  const freshet_str none = {NULL, 0};
  for (size_t at = 0; at < list.size;) {
    size_t end = at;
    while (end < list.size && list.data[end] != ',') ++end;
    freshet_str one = {list.data + at, end - at};
    for (; one.size > 0 && *one.data == ' '; --one.size) ++one.data;
    while (one.size > 0 && one.data[one.size - 1] == ' ') --one.size;
    if (one.size >= sizeof(kPrefix) - 1 && memcmp(one.data, kPrefix, sizeof(kPrefix) - 1) == 0) {
      return one;
    }
    at = end + 1;
  }
  return none;
}

/* Anybody who is not known is told no more than that; the log says why, without the token. */
static freshet_status judge(const struct my_auth* self, const freshet_auth_request* asked,
                            freshet_reply reply) {
  const freshet_request* const request = asked->request;
  char query[1024], name[256], user[1024];
  freshet_str token = asked->token, carrier = {NULL, 0};
  if (token.data == NULL && request != NULL) {
    carrier = offered(request);
    token = freshet_bearer_of(request);
    const int length = freshet_query_of(request, "token", query, sizeof(query));
    if (token.data == NULL && length >= 0) token = (freshet_str){query, (size_t)length};
    if (carrier.data != NULL) token = (freshet_str){carrier.data + 14, carrier.size - 14};
  }
  if (token.data == NULL) return refuse(self, "refused somebody: there is no token");
  const int writes = freshet_same_secret(token, self->secret);
  const int reads = self->reader_secret.size > 0 && freshet_same_secret(token, self->reader_secret);
  if (!writes && !reads) return refuse(self, "refused somebody: the token is not ours");

  freshet_status status = FRESHET_OK;
  const int length = request == NULL ? -2 : freshet_query_of(request, "name", name, sizeof(name));
  if (length == -1) return refuse(self, "refused somebody: the name is too long");
  if (length > 0) {
    const freshet_str text = {name, (size_t)length};
    if (!freshet_is_utf8(text)) return refuse(self, "refused somebody: the name is no text");
    memcpy(user, "{\"id\":", 6);
    const size_t end = 6 + freshet_json_string(text, user + 6, sizeof(user) - 7);
    if (end == 6) return refuse(self, "refused somebody: the name is too long");
    user[end] = '}';
    status = freshet_write_text(reply, FRESHET_AUTH_USER, (freshet_str){user, end + 1});
  }
  if (status == FRESHET_OK) {
    status = freshet_write_number(reply, FRESHET_AUTH_PERMISSION,
                                  writes ? FRESHET_READ_WRITE : FRESHET_READ_ONLY);
  }
  /* A browser that offered its token as a subprotocol hangs up unless it is taken. */
  if (status == FRESHET_OK && carrier.data != NULL) {
    status = freshet_write_text(reply, FRESHET_AUTH_SUBPROTOCOL, carrier);
  }
  return status;
}

static void identify(void* self, const freshet_auth_request* asked, freshet_reply reply) {
  freshet_done(reply, judge(self, asked, reply));
}

/* This plugin makes no tokens. */
static void mint(void* self, freshet_str claims, freshet_reply reply) {
  (void)self, (void)claims;
  freshet_done(reply, FRESHET_UNSUPPORTED);
}

/* What the schema above cannot say. */
static freshet_status check_settings(const freshet_host* host, const freshet_faults* faults) {
  const freshet_str secret = freshet_text_of(host, "secret");
  const freshet_str readers = freshet_text_of(host, "reader_secret");
  if (secret.size < 16) freshet_fault(faults, "secret", "is shorter than 16 bytes");
  if (readers.size > 0 && readers.size < 16) {
    freshet_fault(faults, "reader_secret", "is shorter than 16 bytes");
  }
  if (freshet_equal(secret, readers)) {
    freshet_fault(faults, "reader_secret", "is the other secret");
  }
  return FRESHET_OK;
}

static freshet_status create(const freshet_host* host, void** out) {
  if (freshet_text_of(host, "secret").size == 0) {
    freshet_log(host, FRESHET_ERROR, "secret is empty");
    return FRESHET_MALFORMED;
  }
  struct my_auth* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->host = host;
  self->secret = freshet_text_of(host, "secret");
  self->reader_secret = freshet_text_of(host, "reader_secret");
  self->table = (freshet_auth){.size = sizeof(self->table), /* what is not here may be NULL */
                               .self = self,
                               .identify = identify,
                               .mint = mint};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* self) { free(self); }

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_AUTH_ID) == 0 ? &((struct my_auth*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_AUTH_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-auth",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "People who share a secret.",
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
