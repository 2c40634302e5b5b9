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
