#include "core/live/server/figures.h"

#include <algorithm>

#include "core/shards/shard.h"

namespace freshet {

Figures Figures::of_now(const Loop& loop, const Metrics& metrics, const Shards& shards) {
  Figures out;
  out.at_ns = loop.now_ns();
  out.unix_ms = loop.unix_ms();
  out.edits = metrics.sum("freshet_updates_total");
  out.deliveries = metrics.sum("freshet_deliveries_total");
  out.bytes_in = metrics.sum("freshet_bytes_in_total");
  out.bytes_out = metrics.sum("freshet_bytes_out_total");
  for (size_t i = 0; i < shards.count(); ++i) {
    shards.at(i).rooms.journal().commit_times().add_to(out.commits);
  }
  out.memory_bytes = static_cast<int64_t>(loop.memory().used_bytes);
  out.documents_bytes = metrics.sum("freshet_documents_bytes");
  out.unsaved_bytes = metrics.sum("freshet_unsaved_bytes");
  out.rooms = metrics.sum("freshet_rooms_loaded");
  out.sessions = metrics.sum("freshet_sessions");
  out.connections = metrics.sum("freshet_connections");
  out.lagging = metrics.sum("freshet_readers_lagging");
  out.held = metrics.sum("freshet_held_closes");
  return out;
}

FigureRow::FigureRow(const Figures& before, const Figures& after) {
  const double seconds =
      std::max(1e-3, static_cast<double>(after.at_ns - before.at_ns) / 1'000'000'000.0);
  const auto rate = [seconds](int64_t from, int64_t to) {
    return static_cast<int64_t>(static_cast<double>(to - from) / seconds + 0.5);
  };
  const auto commit = [&](double share) {
    return static_cast<int64_t>(Spread::us_of(before.commits, after.commits, share));
  };
  values = {static_cast<int64_t>(after.unix_ms),
            rate(before.edits, after.edits),
            rate(before.deliveries, after.deliveries),
            rate(before.bytes_in, after.bytes_in),
            rate(before.bytes_out, after.bytes_out),
            commit(0.5),
            commit(0.99),
            after.memory_bytes,
            after.documents_bytes,
            after.unsaved_bytes,
            after.rooms,
            after.sessions};
}

}  // namespace freshet
