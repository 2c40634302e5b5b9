/* my-bus: a Freshet bus in C for the nodes of one machine: each has a socket in a folder that they
 * share, and sends a datagram to every other. Nothing is lost in a socket of this kind, nor out of
 * order. */
#include <dirent.h>
#include <errno.h>
#include <freshet/abi/c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { kMostBytes = 128 << 10, kMostQueued = 16 << 20 };
enum { kPacketBytes = 2 + FRESHET_BUS_TOPIC_BYTES + kMostBytes };

struct packet { /* the topic's length in two bytes, the topic, the message */
  struct packet* next;
  size_t size;
  uint8_t bytes[];
};
struct topic {
  struct topic* next;
  size_t size;
  char bytes[];
};

/* Called by any thread. Two of its own: one hears, one sends what publish() left for it. */
struct my_bus {
  const freshet_host* host;
  freshet_str folder;                                       /* lives as long as the plugin */
  char path[sizeof(((struct sockaddr_un*)NULL)->sun_path)]; /* the same */
  const freshet_hearer* hearer;
  struct sockaddr_un own;
  int socket, started;
  pthread_t hears, sends;
  pthread_mutex_t lock; /* of all below */
  pthread_cond_t changed;
  int ends;
  struct packet *first, **last;
  size_t queued_bytes;
  struct topic* topics;
  freshet_bus table;
};

static const freshet_setting kSettings[] = {
    {"folder", FRESHET_TEXT, FRESHET_REQUIRED, NULL, 0, 0, NULL, NULL,
     "Of the nodes of one cluster; made if need be."},
};

/* ---- who hears ------------------------------------------------------------------------------- */

/* Where in the list the topic is, or would be. REQUIRES: the lock. */
static struct topic** place_of(struct my_bus* self, freshet_str topic) {
  struct topic** at = &self->topics;
  while (*at != NULL && !freshet_equal((freshet_str){(*at)->bytes, (*at)->size}, topic)) {
    at = &(*at)->next;
  }
  return at;
}

static void* hear(void* ctx) {
  struct my_bus* const self = ctx;
  uint8_t* const packet = malloc(kPacketBytes);
  for (int ends = packet == NULL; !ends;) {
    const ssize_t size = recv(self->socket, packet, kPacketBytes, 0);
    const size_t length = size < 2 ? 0 : (size_t)(packet[0] << 8 | packet[1]);
    const freshet_str topic = {(const char*)packet + 2, length};
    const int whole = size >= 2 && 2 + length < (size_t)size;
    pthread_mutex_lock(&self->lock);
    ends = self->ends;
    const int wanted = whole && !ends && *place_of(self, topic) != NULL;
    pthread_mutex_unlock(&self->lock);
    const freshet_bytes message = {packet + 2 + length, whole ? (size_t)size - 2 - length : 0};
    if (wanted) self->hearer->hear(self->hearer->ctx, topic, message);
  }
  free(packet);
  return NULL;
}

/* All that is published comes here anyway, so it is heard from now on. */
static void subscribe(void* ctx, freshet_str topic, freshet_reply reply) {
  struct my_bus* const self = ctx;
  freshet_status status = FRESHET_TOO_LARGE;
  if (topic.size <= FRESHET_BUS_TOPIC_BYTES) {
    pthread_mutex_lock(&self->lock);
    struct topic** const place = place_of(self, topic);
    if (*place == NULL && (*place = calloc(1, sizeof(**place) + topic.size)) != NULL) {
      (*place)->size = topic.size;
      memcpy((*place)->bytes, topic.data, topic.size);
    }
    status = *place == NULL ? FRESHET_RETRY : FRESHET_OK;
    pthread_mutex_unlock(&self->lock);
  }
  freshet_done(reply, status);
}

static void unsubscribe(void* ctx, freshet_str topic) {
  struct my_bus* const self = ctx;
  pthread_mutex_lock(&self->lock);
  struct topic** const place = place_of(self, topic);
  struct topic* const gone = *place;
  if (gone != NULL) *place = gone->next;
  pthread_mutex_unlock(&self->lock);
  free(gone);
}

/* ---- who sends ------------------------------------------------------------------------------- */

/* A socket that nobody has any more is one of a process that was killed. */
static void send_to_others(struct my_bus* self, const struct packet* packet) {
  DIR* const folder = opendir(self->path);
  if (folder == NULL) return;
  for (const struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const int length =
        snprintf(to.sun_path, sizeof(to.sun_path), "%s/%s", self->path, entry->d_name);
    if (entry->d_name[0] == '.' || length >= (int)sizeof(to.sun_path) ||
        strcmp(to.sun_path, self->own.sun_path) == 0) {
      continue;
    }
    const ssize_t sent = sendto(self->socket, packet->bytes, packet->size, MSG_NOSIGNAL,
                                (const struct sockaddr*)&to, sizeof(to));
    if (sent < 0 && errno == ECONNREFUSED) unlink(to.sun_path);
  }
  closedir(folder);
}

static void* send_all(void* ctx) {
  struct my_bus* const self = ctx;
  for (;;) {
    pthread_mutex_lock(&self->lock);
    while (self->first == NULL && !self->ends) pthread_cond_wait(&self->changed, &self->lock);
    struct packet* const packet = self->first;
    const int ends = self->ends;
    if (packet != NULL && (self->first = packet->next) == NULL) self->last = &self->first;
    if (packet != NULL) self->queued_bytes -= packet->size;
    pthread_mutex_unlock(&self->lock);
    if (packet != NULL && !ends) send_to_others(self, packet);
    free(packet);
    if (ends && packet == NULL) return NULL;
  }
}

static freshet_status publish(void* ctx, freshet_str topic, freshet_bytes message) {
  struct my_bus* const self = ctx;
  if (topic.size == 0 || message.size == 0) return FRESHET_MALFORMED;
  if (topic.size > FRESHET_BUS_TOPIC_BYTES || message.size > kMostBytes) return FRESHET_TOO_LARGE;
  const size_t size = 2 + topic.size + message.size;
  struct packet* const packet = malloc(sizeof(*packet) + size);
  if (packet == NULL) return FRESHET_LIMIT;
  packet->next = NULL;
  packet->size = size;
  packet->bytes[0] = (uint8_t)(topic.size >> 8);
  packet->bytes[1] = (uint8_t)topic.size;
  memcpy(packet->bytes + 2, topic.data, topic.size);
  memcpy(packet->bytes + 2 + topic.size, message.data, message.size);
  pthread_mutex_lock(&self->lock);
  const int fits = self->queued_bytes + size <= kMostQueued;
  if (fits) {
    *self->last = packet;
    self->last = &packet->next;
    self->queued_bytes += size;
    pthread_cond_signal(&self->changed);
  }
  pthread_mutex_unlock(&self->lock);
  if (!fits) free(packet);
  return fits ? FRESHET_OK : FRESHET_LIMIT;
}

/* ---- from start to end ----------------------------------------------------------------------- */

static void traits(void* self, freshet_bus_traits* out) {
  *out = (freshet_bus_traits){sizeof(*out), ((struct my_bus*)self)->folder, kMostBytes,
                              kMostBytes / 2};
}

/* With those it is in. What cannot be made is told by who wants to use it. */
static void make_folder(const char* path) {
  char part[sizeof(((struct my_bus*)0)->path)];
  snprintf(part, sizeof(part), "%s", path);
  for (char* at = part + 1; *at != '\0'; ++at) {
    if (*at != '/') continue;
    *at = '\0';
    mkdir(part, 0700);
    *at = '/';
  }
  mkdir(part, 0700);
}

static freshet_status start(void* ctx, const freshet_hearer* hearer) {
  struct my_bus* const self = ctx;
  const struct timeval patience = {1, 0}; /* with a node that does not read */
  self->hearer = hearer;
  self->own.sun_family = AF_UNIX;
  snprintf(self->path, sizeof(self->path), "%.*s", (int)self->folder.size, self->folder.data);
  make_folder(self->path);
  const int length = snprintf(self->own.sun_path, sizeof(self->own.sun_path), "%s/%ld-%llu",
                              self->path, (long)getpid(), (unsigned long long)(uintptr_t)self);
  unlink(self->own.sun_path); /* of a process of this number that was killed */
  self->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (self->socket < 0 || length >= (int)sizeof(self->own.sun_path) ||
      bind(self->socket, (const struct sockaddr*)&self->own, sizeof(self->own)) != 0) {
    char why[300];
    snprintf(why, sizeof(why), "cannot have a socket in the folder %.100s: %s", self->path,
             length < (int)sizeof(self->own.sun_path) ? strerror(errno) : "its name is too long");
    freshet_log(self->host, FRESHET_ERROR, why);
    return FRESHET_DENIED;
  }
  setsockopt(self->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (pthread_create(&self->hears, NULL, hear, self) != 0) return FRESHET_LIMIT;
  ++self->started;
  if (pthread_create(&self->sends, NULL, send_all, self) != 0) return FRESHET_LIMIT;
  ++self->started;
  return FRESHET_OK;
}

static freshet_status create(const freshet_host* host, void** out) {
  if (freshet_text_of(host, "folder").size == 0) {
    freshet_log(host, FRESHET_ERROR, "folder is empty");
    return FRESHET_MALFORMED;
  }
  struct my_bus* const self = calloc(1, sizeof(*self));
  if (self == NULL) return FRESHET_RETRY;
  self->host = host;
  self->folder = freshet_text_of(host, "folder");
  self->socket = -1;
  self->last = &self->first;
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->changed, NULL);
  self->table =
      (freshet_bus){sizeof(self->table), self, traits, start, subscribe, unsubscribe, publish};
  *out = self;
  return FRESHET_OK;
}

static void destroy(void* ctx) {
  struct my_bus* const self = ctx;
  pthread_mutex_lock(&self->lock);
  self->ends = 1;
  pthread_cond_signal(&self->changed);
  pthread_mutex_unlock(&self->lock);
  if (self->socket >= 0) shutdown(self->socket, SHUT_RD); /* wakes the one that hears */
  if (self->started > 0) pthread_join(self->hears, NULL);
  if (self->started > 1) pthread_join(self->sends, NULL);
  if (self->socket >= 0) close(self->socket);
  if (self->started > 0) unlink(self->own.sun_path);
  for (struct topic* at = self->topics; at != NULL; at = self->topics) {
    self->topics = at->next;
    free(at);
  }
  for (struct packet* at = self->first; at != NULL; at = self->first) {
    self->first = at->next;
    free(at);
  }
  pthread_cond_destroy(&self->changed);
  pthread_mutex_destroy(&self->lock);
  free(self);
}

static const void* service(void* self, const char* id) {
  return strcmp(id, FRESHET_BUS_ID) == 0 ? &((struct my_bus*)self)->table : NULL;
}

FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
  static const char* const kOffers[] = {FRESHET_BUS_ID, NULL};
  static const char* const kNeeds[] = {NULL};
  static const freshet_plugin kPlugin = {
      .size = sizeof(kPlugin),
      .abi = FRESHET_ABI_VERSION,
      .id = "my-bus",
      .version = "0.1.0",
      .licence = "MIT",
      .summary = "Nodes of one machine hear each other.",
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
