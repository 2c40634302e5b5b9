/* A plugin that does nothing, in as many wrong ways as meson.build asks for.
 *
 * Its tables are full of functions that answer FRESHET_UNSUPPORTED and are not meant to be called.
 * It tells the log when it is created and destroyed, and what settings it was given. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "freshet/abi.h"

#ifndef STUB_ABI
#define STUB_ABI FRESHET_ABI_VERSION
#endif
#ifndef STUB_SIZE
#define STUB_SIZE sizeof(freshet_plugin)
#endif
#ifndef STUB_VERSION
#define STUB_VERSION "1.2.3"
#endif
#ifndef STUB_CREATE
#define STUB_CREATE create
#endif
#ifndef STUB_SETTING_SIZE
#define STUB_SETTING_SIZE sizeof(freshet_setting)
#endif
#ifndef STUB_OFFERS
#define STUB_OFFERS
#endif
#ifndef STUB_NEEDS
#define STUB_NEEDS
#endif
#ifndef STUB_STATUS
#define STUB_STATUS FRESHET_OK
#endif
#ifndef STUB_DEFAULT
#define STUB_DEFAULT "64 KiB"
#endif
#ifndef STUB_TABLE_SIZE
#define STUB_TABLE_SIZE sizeof(table.words)
#endif

enum { kWords = 40 };

/* Any service's table: a size, self, then functions. */
static union {
  uint32_t size;
  const void* words[kWords];
} table;

static const freshet_host* host;

static freshet_status unsupported(void) { return FRESHET_UNSUPPORTED; }

static void say(const char* text) {
  const freshet_str message = {text, strlen(text)};
  host->log(host->ctx, FRESHET_INFO, message);
}

static void say_setting(const char* key) {
  char line[256];
  freshet_value value;
  value.size = sizeof(value);
  if (host->setting(host->ctx, key, &value) != FRESHET_OK) {
    snprintf(line, sizeof(line), "%s: none", key);
  } else if (value.type == FRESHET_TEXT) {
    snprintf(line, sizeof(line), "%s: %.*s", key, (int)value.text.size, value.text.data);
  } else if (value.type == FRESHET_STRINGS) {
    snprintf(line, sizeof(line), "%s: %zu, first %.*s", key, value.list_count,
             value.list_count > 0 ? (int)value.list[0].size : 0,
             value.list_count > 0 ? value.list[0].data : "");
  } else {
    snprintf(line, sizeof(line), "%s: %lld", key, (long long)value.number);
  }
  say(line);
}

static freshet_status create(const freshet_host* from, void** self) {
  host = from;
  *self = &table;
  /* POSIX lets a function's address be kept as data: dlsym() depends on it. */
  freshet_status (*const function)(void) = unsupported;
  for (int i = 2; i < kWords; ++i) memcpy(&table.words[i], &function, sizeof(function));
#ifdef STUB_HOLE
  table.words[STUB_HOLE] = NULL;
#endif
#ifdef STUB_CRDT
  table.words[2] = STUB_CRDT; /* its name */
#endif
  table.size = (uint32_t)STUB_TABLE_SIZE;
  if (STUB_STATUS != FRESHET_OK) {
    say("cannot start for a reason of its own");
    return STUB_STATUS;
  }
  say("created");
#ifdef STUB_SETTINGS
  say_setting("path");
  say_setting("secret");
  say_setting("cache");
  say_setting("wait");
  say_setting("rooms");
  say_setting("mode");
  say_setting("fast");
  say_setting("peers");
#else
  (void)say_setting;
#endif
#ifdef STUB_CURIOUS
  say_setting(STUB_CURIOUS);
#endif
#ifdef STUB_ASKS
  say(host->service(host->ctx, STUB_ASKS) != NULL ? "found " STUB_ASKS : "no " STUB_ASKS);
#endif
  return FRESHET_OK;
}

static void destroy(void* self) {
  (void)self;
  say("destroyed");
}

static const void* service(void* self, const char* id) {
  (void)self;
  (void)id;
#ifdef STUB_NO_TABLE
  return NULL;
#else
  return &table;
#endif
}

#ifdef STUB_JUDGES
static void find_fault(const freshet_faults* out, const char* key, const char* reason) {
  const freshet_str k = {key, strlen(key)}, r = {reason, strlen(reason)};
  out->add(out->ctx, k, r);
}

/* Likes no path but "good". */
static freshet_status judge(const freshet_host* from, const freshet_faults* out) {
  char line[256];
  freshet_value value;
  host = from;
  value.size = sizeof(value);
  if (host->setting(host->ctx, "path", &value) != FRESHET_OK) return FRESHET_INTERNAL;
  if (value.text.size == 4 && memcmp(value.text.data, "good", 4) == 0) return FRESHET_OK;
  snprintf(line, sizeof(line), "\"%.*s\" is not to my taste", (int)value.text.size,
           value.text.data);
  find_fault(out, "path", line);
  find_fault(out, "secret", "is missed");
  find_fault(out, "", "nothing here is");
  return FRESHET_OK;
}

/* Asks for what is not there yet. */
static freshet_status judge_early(const freshet_host* from, const freshet_faults* out) {
  (void)out;
  host = from;
  say(host->service(host->ctx, "freshet.room/0") != NULL ? "found a service" : "no service");
  say(host->metric(host->ctx, FRESHET_COUNTER, "stub_total", "") != NULL ? "a metric"
                                                                         : "no metric");
  return FRESHET_OK;
}

/* Answers what nobody knows, and tells of nothing. */
static freshet_status judge_oddly(const freshet_host* from, const freshet_faults* out) {
  (void)from;
  (void)out;
  return 4711;
}

/* Tells of too much, in too many words and in none. */
static freshet_status judge_wildly(const freshet_host* from, const freshet_faults* out) {
  static char words[10000];
  const freshet_str nothing = {NULL, 5};
  (void)from;
  find_fault(out, "colour", "is\nred");
  out->add(out->ctx, nothing, nothing);
  memset(words, 'x', sizeof(words) - 1);
  for (int i = 0; i < 1000; ++i) find_fault(out, "", words);
  return FRESHET_MALFORMED;
}

static freshet_status check_settings(const freshet_host* from, const freshet_faults* out) {
  enum { kWell, kEarly, kOddly, kWildly } how = STUB_JUDGES;
  switch (how) {
    case kEarly: return judge_early(from, out);
    case kOddly: return judge_oddly(from, out);
    case kWildly: return judge_wildly(from, out);
    default: return judge(from, out);
  }
}
#endif

static const char* const offers[] = {STUB_OFFERS NULL};
static const char* const needs[] = {STUB_NEEDS NULL};

static const freshet_setting settings[] = {
    {"path", FRESHET_TEXT, FRESHET_REQUIRED, NULL, 0, 0, NULL, NULL, "Where the data is."},
    {"secret", FRESHET_TEXT, FRESHET_SECRET, NULL, 0, 0, NULL, NULL, "A key."},
    {"cache", FRESHET_INT, 0, STUB_DEFAULT, 1024, 1 << 20, NULL, "bytes", "Memory."},
    {"wait", FRESHET_INT, 0, "1000", 1, 60000, NULL, "ms", "Patience."},
    {"rooms", FRESHET_INT, 0, "10", 1, 100, NULL, NULL, "Rooms kept."},
    {"mode", FRESHET_TEXT, 0, "wal", 0, 0, "wal|memory", NULL, "How it writes."},
    {"fast", FRESHET_BOOL, 0, "false", 0, 0, NULL, NULL, "Hurry."},
    {"peers", FRESHET_STRINGS, 0, NULL, 0, 0, NULL, NULL, "Others."},
};

static const freshet_plugin about = {
    .size = (uint32_t)STUB_SIZE,
    .abi = STUB_ABI,
    .id = STUB_ID,
    .version = STUB_VERSION,
    .licence = "MIT",
    .summary = "Does nothing.",
    .offers = offers,
    .needs = needs,
#ifdef STUB_SETTINGS
    .settings = settings,
    .setting_count = sizeof(settings) / sizeof(settings[0]),
#else
    .settings = settings,
    .setting_count = 0,
#endif
    .setting_size = STUB_SETTING_SIZE,
    .create = STUB_CREATE,
    .destroy = destroy,
    .service = service,
#ifdef STUB_JUDGES
    .check_settings = check_settings,
#endif
};

#ifdef STUB_NO_ENTRY
FRESHET_EXPORT const freshet_plugin* some_other_function(void);
FRESHET_EXPORT const freshet_plugin* some_other_function(void) { return &about; }
#else
FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void);
FRESHET_EXPORT const freshet_plugin* freshet_plugin_entry(void) {
#ifdef STUB_NO_DESCRIPTOR
  (void)about;
  return NULL;
#else
  return &about;
#endif
}
#endif
