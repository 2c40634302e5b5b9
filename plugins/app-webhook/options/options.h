// plugins/app-webhook/options/options.h: what the manifest says, judged.
#pragma once

#include <cstdint>
#include <string>

#include "app-webhook/limits.h"
#include "freshet/plugin.h"

namespace freshet::webhook {

// How it is said: as pluv's hosted platform says it, as Hocuspocus' extension does, or our own way.
enum class Dialect { pluv, hocuspocus, freshet };

struct Options {
  std::string url;
  std::string secret;
  std::string secret_file;  // not empty: it is in there; see named_files.h
  Dialect dialect = Dialect::freshet;
  // 1u << FRESHET_USER_CONNECTED | ...: what is told, and what of it with the document.
  uint32_t notices = 0;
  uint32_t states = 0;
  // pluv has two events where the room is let go; either may be left out.
  bool room_destroyed = false, storage_destroyed = false;
  bool initial_storage = false;
  size_t initial_bytes = 0;        // of one answer
  size_t initial_total_bytes = 0;  // in memory at once, of all; not below initial_bytes

  int64_t timeout_ms = 0;          // of one delivery
  int64_t initial_timeout_ms = 0;  // of initial-storage, with all it waits for
  int64_t retry_ms = 0, retry_max_ms = 0;
  int64_t refused_attempts = 0;
  int64_t give_up_ms = 0;
  size_t parallel = 1;
  int64_t store_wait_ms = 0;
  int64_t stop_wait_ms = 0;
  std::string ca_file;
  std::string proxy;
};

inline constexpr freshet_setting kSettings[] = {
    setting::required(setting::text("url", nullptr, "Where events are posted to.")),
    setting::secret(setting::text("secret", nullptr, "What they are signed with.")),
    setting::text("secret_file", nullptr, "A file with the secret, instead of `secret`."),
    setting::choice(
        "dialect", "freshet", "pluv|hocuspocus|freshet",
        "How events are put: as pluv's hosted platform or Hocuspocus' extension puts them, or with "
        "id and time."),
    setting::list("events",
                  "The events to tell of; left out: freshet, pluv: of all the dialect has, but not "
                  "room-message; hocuspocus: change."),
    setting::list("states",
                  "The events that come with the document's state; left out: pluv: all "
                  "that can, hocuspocus: change, freshet: storage-updated and room-deleted."),
    setting::boolean("allow_http", "false",
                     "Post to an http: url of another machine: everybody between may read it."),
    setting::text("ca_file", "", "Certificates to trust, in PEM; left out: the system's."),
    setting::text("proxy", "", "An HTTP proxy on the way, as http://host:port; left out: none."),
    setting::integer("timeout_ms", "10 s", 10, kMaxTimeoutMs, "ms",
                     "How long the backend may take for one event."),
    setting::integer("initial_timeout_ms", "8 s", 10, kMaxTimeoutMs, "ms",
                     "How long it may take for initial-storage, with earlier events of the room."),
    setting::integer("initial_bytes", "64 MiB", kMinInitialBytes, kMaxInitialBytes, "bytes",
                     "Longest answer with a room's first state, which is base64."),
    setting::integer("initial_total_bytes", "128 MiB", kMinInitialBytes, kMaxInitialTotalBytes,
                     "bytes",
                     "Of all such answers at once; past it the newest are read when there is "
                     "room."),
    setting::integer("retry_ms", "500 ms", 1, kMaxRetryMs, "ms",
                     "The first pause after a failure; each next one is twice as long."),
    setting::integer("retry_max_ms", "1 min", 1, kMaxRetryMs, "ms", "The longest pause."),
    setting::integer("refused_attempts", "3", 1, kMaxAttempts, nullptr,
                     "How often an event is sent that the backend answers with 3xx or 4xx."),
    setting::integer("give_up_ms", "3 d", 1, kMaxGiveUpMs, "ms",
                     "How old an event may become, whatever the failure, before it is set aside."),
    setting::integer("parallel", "8", 1, kMaxParallel, nullptr,
                     "Rooms whose events are sent at the same time."),
    setting::integer("store_wait_ms", "5 s", 0, kMaxTimeoutMs, "ms",
                     "How long an event waits for a store that fails before it is lost."),
    setting::integer("stop_wait_ms", "5 s", 0, kMaxTimeoutMs, "ms",
                     "How long a server that stops waits for a backend that takes nothing."),
};

Options read_options(Given given, Faults& faults);

// Of these, what says where the backend is and how it is reached: url, secret, secret_file,
// allow_http, ca_file, proxy, timeout_ms.
void read_backend(Given given, Faults& faults, Options& out);

}  // namespace freshet::webhook
