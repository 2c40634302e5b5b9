// core/residence/room_services.h: what a room needs of its shard. One per shard, shared by its
// rooms.
#pragma once

#include "core/apps/apps.h"
#include "core/cluster/node_bus.h"
#include "core/cluster/openings.h"
#include "core/config/limits.h"
#include "core/loop/loop.h"
#include "core/loop/workers.h"
#include "core/memory/budget.h"
#include "core/memory/memory_ceiling.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/report/rare_line.h"
#include "core/residence/shortages.h"
#include "core/store/journal.h"
#include "core/store/store_queue.h"
#include "core/windows/limits.h"
#include "core/windows/shard_pace.h"
#include "freshet/abi/crdt.h"

namespace freshet {

struct RoomMetrics {
  explicit RoomMetrics(Metrics& m)
      : sessions(m.gauge("freshet_sessions", "Sessions in rooms.")),
        loaded(m.gauge("freshet_rooms_loaded", "Rooms in memory.")),
        updates(m.counter("freshet_updates_total", "Updates that changed a document.")),
        of_others(m.counter("freshet_updates_of_others_total",
                            "Updates by other nodes on the same store.")),
        stored_for_others(m.counter("freshet_updates_stored_for_others_total",
                                    "Updates by other nodes that this one stored, as it did not "
                                    "hear that they had.")),
        brought_back(m.counter("freshet_rooms_brought_back_total",
                               "Rooms of which the store had lost some, and this node stored what "
                               "it has of them once more.")),
        duplicates(m.counter("freshet_duplicate_updates_total", "Updates known already.")),
        malformed(m.counter("freshet_malformed_updates_total", "Updates that did not decode.")),
        reencoded(
            m.counter("freshet_reencoded_updates_total",
                      "Valid but odd updates that were re-encoded before they were passed on.")),
        long_updates(m.counter("freshet_long_updates_total",
                               "Updates applied on a worker, as they would hold up the shard.")),
        refused(m.counter("freshet_refused_updates_total",
                          "Updates not taken: read-only sessions, limits.")),
        contradicting(m.counter("freshet_contradicting_updates_total",
                                "Updates with other content than what is here under the same "
                                "client id and clocks: two copies of a document write as one.")),
        deliveries(m.counter("freshet_deliveries_total", "Messages sent by rooms.")),
        lagging(m.counter("freshet_lagging_readers_total", "Times a slow reader was conflated.")),
        lag_now(m.gauge("freshet_readers_lagging",
                        "Slow readers that are conflated now: they get what they miss together.")),
        cut_off(
            m.counter("freshet_readers_cut_off_total", "Readers closed for reading too slowly.")),
        messages_limited(m.counter("freshet_room_messages_limited_total",
                                   "Times a sender was not read for a while, as its room got more "
                                   "than room_messages_per_second.")),
        bytes_limited(m.counter("freshet_room_bytes_limited_total",
                                "The same for more than room_bytes_per_second.")),
        joins_limited(m.counter("freshet_room_joins_limited_total",
                                "Joins refused as their room had more than "
                                "room_joins_per_second.")),
        loads_failed(
            m.counter("freshet_room_loads_failed_total", "Rooms that could not be loaded.")),
        compactions(m.counter("freshet_compactions_total", "Logs replaced by a snapshot.")),
        hibernations(
            m.counter("freshet_hibernations_total", "Idle rooms that let go of their document.")),
        sent_at_once(m.counter("freshet_sent_at_once_total",
                               "Windows of updates, events and presence that rooms did not wait "
                               "for: they had been quiet, or have few readers.")),
        sent_in_windows(m.counter("freshet_sent_in_windows_total",
                                  "The same of rooms that waited, so as to send together what "
                                  "comes close together.")),
        sent_at_bound(m.counter("freshet_sent_at_bound_total",
                                "Of freshet_sent_in_windows_total: windows as long as they get, or "
                                "longer because the shard has no time for less.")) {}

  // A room that has something to send waits this long at most. 0: it does not.
  void note_window(uint64_t window_ns) {
    (window_ns == 0 ? sent_at_once : sent_in_windows).add();
    if (window_ns >= kLongestWindowNs) sent_at_bound.add();
  }

  freshet_metric &sessions, &loaded, &updates, &of_others, &stored_for_others, &brought_back,
      &duplicates, &malformed, &reencoded, &long_updates, &refused, &contradicting, &deliveries,
      &lagging, &lag_now, &cut_off, &messages_limited, &bytes_limited, &joins_limited,
      &loads_failed, &compactions, &hibernations, &sent_at_once, &sent_in_windows, &sent_at_bound;
};

struct RoomServices {
  // What may wait for one reader before it is conflated.
  size_t reader_bytes() const { return ceiling.reader_bytes(limits.reader_bytes); }

  const Loop loop;
  freshet_writer self;  // this node, and the shard
  const freshet_crdt& crdt;
  StoreQueue& store;
  NodeBus& bus;
  Openings& openings;
  Journal& journal;
  Apps& apps;
  Workers& workers;     // load documents
  Workers& compactors;  // merge logs; apart, so that no load waits behind them
  const Limits& limits;
  Log& log;
  RoomMetrics& metrics;
  Budget& budget;  // of all documents
  const MemoryCeiling& ceiling;
  size_t unsaved_limit_bytes;  // this shard's part of Limits::unsaved_bytes
  RareLine oversized;
  RareLine contradicted;
  RareLine crowded;
  Shortages shortages;
  ShardPace pace;
  uint64_t now_ms = 0;     // as of the shard's last tick: for what is counted in seconds
  size_t busy_rooms = 0;   // with something submitted that is still to be worked off
  uint64_t streams = 0;    // that its rooms have begun on the bus
  size_t early_bytes = 0;  // of edits of other nodes that may be unsaved, see early.h
};

}  // namespace freshet
