// core/config/limits.h: every bound of the core that an operator may move, in one place.
//
// The manifest's [limits] section; limits_schema.cc has the key, bounds and help of each. At the
// end, what no setting moves: the bounds of a manifest itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

struct Limits {
  // Names and numbers of things.
  size_t room_name_bytes = 512;
  size_t rooms = 100'000;  // loaded at once, whole server
  size_t sessions_per_room = 20'000;
  size_t sessions_per_connection = 100;
  // Updates of a session that contradict what is here, then it is closed; 0: it stays.
  size_t contradictions_per_session = 0;

  // In a second, on average over ten (core/rates/rate.h). 0: as much as they like. What is over is
  // closed; into a room it is read later.
  size_t messages_per_second = 2'000;          // per connection
  size_t bytes_per_second = size_t{16} << 20;  // the same
  size_t user_messages_per_second = 10'000;    // per user, over all connections
  size_t user_bytes_per_second = size_t{64} << 20;
  size_t user_joins_per_second = 200;
  size_t room_messages_per_second = 100'000;  // per room, over all sessions
  size_t room_bytes_per_second = size_t{64} << 20;
  size_t room_joins_per_second = 500;
  size_t http_requests_per_second = 1'000;  // of one address to routes of plugins; not 0

  // Bytes that wait.
  size_t loading_bytes = size_t{8} << 20;  // per room: submitted before it is live
  size_t unsaved_bytes = size_t{256}
                         << 20;  // whole server: applied, not yet on disk; then updates are refused
  size_t reader_bytes = size_t{1} << 20;        // per session: past this a slow reader is conflated
  size_t reader_hard_bytes = size_t{32} << 20;  // per session: past this it is closed

  // One update and one document.
  size_t update_bytes = size_t{24} << 20;   // pluv's largest document is 30 MiB of base64
  size_t document_bytes = size_t{1} << 30;  // memory of one document; then its updates are refused
  size_t documents_bytes = size_t{384} << 20;  // of all documents; then updates are refused
  size_t memory_bytes = 0;  // of the process; 0: a share of what there is (memory_ceiling.cc)
  size_t http_body_bytes = size_t{1} << 20;  // of a request to a plugin's route, if public
  size_t turn_bytes = size_t{64} << 10;      // longer updates are applied on a worker

  // Presence.
  size_t presence_bytes = size_t{64} << 10;  // one entry
  size_t presence_per_session = 64;          // client ids one session may speak for
  size_t presence_session_bytes = size_t{128} << 10;
  size_t presence_per_room = 50'000;
  size_t presence_room_bytes = size_t{8} << 20;

  // The journal.
  size_t batch_bytes = size_t{4} << 20;
  size_t batch_updates = 4096;
  size_t compact_updates = 500;  // log entries of a room before a snapshot replaces them
  size_t compact_bytes = size_t{4} << 20;

  // Apps.
  size_t app_bytes = size_t{64} << 20;  // per app: what waits to be told; past that it is dropped
  size_t room_storage_bytes = size_t{1} << 20;  // one value that an app keeps beside a room

  // Time, in milliseconds.
  uint32_t linger_ms = 30'000;      // an empty room stays in memory for so long
  uint32_t hibernate_after_ms = 0;  // an idle room keeps its document for so long; 0: for good
  uint32_t store_deadline_ms = 30'000;
  uint32_t auth_deadline_ms = 10'000;
  uint32_t http_deadline_ms = 30'000;
  uint32_t app_deadline_ms = 10'000;
  uint32_t veto_timeout_ms = 1'000;  // an app has so long to say whether something may happen
  uint32_t app_storage_ms = 1'000;   // apps hear of a room's edits once in so long
  uint32_t retry_min_ms = 100;       // a failing store is tried again after this, doubling
  uint32_t retry_max_ms = 10'000;
};

// A manifest is written by hand. What is larger, or has more, is another file given by mistake, and
// the listeners are as many as a platform has to take.
inline constexpr size_t kMaxManifestBytes = size_t{1} << 20;
inline constexpr size_t kMaxPlugins = 64;
inline constexpr size_t kMaxListeners = 64;
inline constexpr size_t kLeastKeyCharacters = 16;  // of an admin key

}  // namespace freshet
