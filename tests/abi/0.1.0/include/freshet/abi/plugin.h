/* freshet/abi/plugin.h: what a plugin tells of itself, and what the host offers it. */
#ifndef FRESHET_ABI_PLUGIN_H
#define FRESHET_ABI_PLUGIN_H

#include "freshet/abi/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- host ---------------------------------------------------------------------------------- */

typedef enum freshet_level {
  FRESHET_DEBUG = 0,
  FRESHET_INFO = 1,
  FRESHET_WARN = 2,
  FRESHET_ERROR = 3
} freshet_level;

/* A setting's value after the manifest was validated against the descriptor. */
typedef struct freshet_value {
  uint32_t size;
  uint32_t type;  /* freshet_setting_type */
  int64_t number; /* FRESHET_BOOL (0, 1), FRESHET_INT */
  freshet_str text;
  const freshet_str* list; /* FRESHET_STRINGS */
  size_t list_count;
} freshet_value;

typedef struct freshet_metric freshet_metric; /* one counter or gauge; lives as long as the host */
typedef enum freshet_metric_kind { FRESHET_COUNTER = 0, FRESHET_GAUGE = 1 } freshet_metric_kind;

/* What the host offers every plugin. Lives as long as the process. */
typedef struct freshet_host {
  uint32_t size;
  uint32_t abi; /* FRESHET_ABI_VERSION of the host's build */
  void* ctx;    /* the first argument of each function below */

  void (*log)(void* ctx, freshet_level level, freshet_str message); /* [any] */

  /* The value of a declared setting: the manifest's, else the default. FRESHET_NOT_FOUND: neither.
   * What `out` points to lives as long as the plugin. [main] */
  freshet_status (*setting)(void* ctx, const char* key, freshet_value* out);

  /* The table offered under `id` by a plugin loaded before, or by the core; NULL if none. [main] */
  const void* (*service)(void* ctx, const char* id);

  /* The metric of this name ("freshet_store_commits_total"), made on first use; NULL: too many.
   * [main] */
  freshet_metric* (*metric)(void* ctx, freshet_metric_kind kind, const char* name,
                            const char* help);
  void (*metric_add)(freshet_metric* metric, int64_t by);    /* [any] */
  void (*metric_set)(freshet_metric* metric, int64_t value); /* [any] */
} freshet_host;

/* ---- settings ------------------------------------------------------------------------------ */

typedef enum freshet_setting_type {
  FRESHET_BOOL = 1,
  FRESHET_INT = 2,    /* within [min, max]; sizes take "64 KiB", durations "30 s" in the manifest */
  FRESHET_TEXT = 3,   /* with `choices`: one of them */
  FRESHET_STRINGS = 4 /* a list of texts */
} freshet_setting_type;

enum {
  FRESHET_REQUIRED = 1u << 0, /* no default; the manifest must say it */
  FRESHET_SECRET = 1u << 1    /* never printed */
};

/* The host validates the manifest by this before the plugin runs. */
typedef struct freshet_setting {
  const char* key;
  uint32_t type;
  uint32_t flags;
  const char* fallback; /* the default, as written in a manifest; NULL: none */
  int64_t min, max;     /* FRESHET_INT only; both 0: any */
  const char* choices;  /* "a|b|c" or NULL */
  const char* unit;     /* "ms", "bytes", or NULL */
  const char* help;     /* one sentence */
} freshet_setting;

/* Where a plugin tells what is wrong with its settings: a mistake of the manifest each. */
typedef struct freshet_faults {
  uint32_t size;
  void* ctx;
  /* `key`: the setting to change; {NULL, 0}: no one setting. `reason`: what a human reads behind
   * it, "is empty". A value stands in double quotes there, so that the host can leave it out where
   * it may be a secret. [main] */
  void (*add)(void* ctx, freshet_str key, freshet_str reason);
} freshet_faults;

/* ---- descriptor ---------------------------------------------------------------------------- */

typedef struct freshet_plugin {
  uint32_t size;
  uint32_t
      abi; /* FRESHET_ABI_VERSION of the plugin's build; compared before anything below is read */

  const char* id;      /* "store-sqlite": what a manifest says after `use` */
  const char* version; /* "1.2.0" */
  const char* licence; /* SPDX */
  const char* summary; /* one line */

  const char* const* offers; /* service ids, NULL-terminated */
  const char* const* needs;  /* service ids others must offer first, NULL-terminated */

  const freshet_setting* settings;
  size_t setting_count;
  uint32_t setting_size; /* sizeof(freshet_setting) in the plugin's build: the array's stride */

  /* On any status but FRESHET_OK the reason has been logged and there is no instance. [main] */
  freshet_status (*create)(const freshet_host* host, void** self);
  void (*destroy)(void* self); /* after the last call of any service. [main] */
  const void* (*service)(void* self, const char* id); /* NULL: not offered. [main] */

  /* ---- of a store ---- */

  /* 1: any number of processes may use its data at once, and the plugin sees to it, as with a
   * database server. 0: one process owns it. The host then keeps out a second process with the same
   * manifest; only the plugin can keep out one with another. */
  uint32_t shared;

  /* Called instead of create(), where that may fail because of the very damage to be mended: put a
   * copy of the backup at `path` in the place of all that is stored. Only while no process has it,
   * else FRESHET_RETRY. The backup is checked first, and not changed. What was there is set aside
   * and never deleted, and every room begins a new epoch. On any failure what was there is there.
   * What was done and why not is in the log. NULL: not offered. [main] */
  freshet_status (*restore)(const freshet_host* host, freshet_str path);

  /* ---- of any plugin ---- */

  /* Judges the settings alone: adds whatever create() would refuse in any world, all of it. Makes
   * nothing: no thread, no file, no socket, nothing that is kept. Called before create(), and
   * without it by whoever only looks at a manifest; create() must refuse the same. Of the host
   * there are log() and setting(); service() and metric() answer NULL. FRESHET_OK: they were
   * judged, whatever was added. NULL: what the schema says is all there is to say. [main] */
  freshet_status (*check_settings)(const freshet_host* host, const freshet_faults* out);
} freshet_plugin;

/* The one symbol a plugin exports: returns static data, never NULL. [main] */
typedef const freshet_plugin* (*freshet_plugin_entry_fn)(void);
#define FRESHET_PLUGIN_ENTRY "freshet_plugin_entry"

#ifdef __cplusplus
}
#endif
#endif /* FRESHET_ABI_PLUGIN_H */
