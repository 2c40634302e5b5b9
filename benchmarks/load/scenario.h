// scenario.h: what a run is asked for. Filled by read_scenario (options.h) and left alone then.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace freshet::load {

enum class WireKind { yjs, pluv, hocuspocus, floor };

struct Scenario {
  WireKind wire = WireKind::yjs;
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  std::string path;       // before the room; hocuspocus: all of it
  std::string token;      // hocuspocus
  bool acks = true;       // pluv: ask for them
  bool awareness = true;  // yjs: they show themselves, and with that their client ids
  std::string room_prefix;

  uint32_t rooms = 1;
  uint32_t clients = 100;       // of a room, writers included
  uint32_t writers = 10;        // of a room
  double edits_per_second = 2;  // of a writer
  uint32_t edit_bytes = 1;
  uint32_t presence_writers = 0;   // of a room
  double presence_per_second = 1;  // of each of them
  double churn_per_second = 0;     // clients that leave, and as many that come, all rooms together
  uint32_t paused = 0;             // readers, all rooms together
  double pause_s = 5;
  uint64_t document_bytes = 0;
  bool storm = false;         // all come at once, and that is all
  double storm_after_s = 0;   // who brought the documents has been gone for so long; 0: is there
  double storm_limit_s = 60;  // how long it is waited for the last

  double warmup_s = 2, duration_s = 10, settle_s = 5;
  uint64_t seed = 1;
  uint32_t tick_us = 100;
  uint32_t floor_window_us = 0;
  int cpu = -1, floor_cpu = -1;
  pid_t server_pid = 0;
  std::string json;

  // Of each room: who writes or shows presence, and so is there from the first to the last.
  uint32_t staying() const { return std::max(writers, presence_writers); }
  uint32_t all_clients() const { return rooms * clients; }
  uint32_t all_writers() const { return rooms * writers; }
  double offered_per_second() const { return all_writers() * edits_per_second; }
  int64_t period_ns() const { return static_cast<int64_t>(1e9 / edits_per_second); }
  int64_t presence_period_ns() const { return static_cast<int64_t>(1e9 / presence_per_second); }
};

}  // namespace freshet::load
