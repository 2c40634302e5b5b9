// core/live/server/figures.h: what the whole server does, in a row of numbers: of a second, or of
// ten for the history of an hour.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "core/live/limits.h"
#include "core/loop/loop.h"
#include "core/report/metrics.h"
#include "core/shards/shards.h"
#include "core/store/spread.h"

namespace freshet {

// What is counted, and what there is, at one moment.
struct Figures {
  static Figures of_now(const Loop& loop, const Metrics& metrics, const Shards& shards);

  uint64_t at_ns = 0, unix_ms = 0;
  int64_t edits = 0, deliveries = 0, bytes_in = 0, bytes_out = 0;  // so far
  Spread::Counts commits{};                                        // so far
  int64_t memory_bytes = 0, documents_bytes = 0, unsaved_bytes = 0;
  int64_t rooms = 0, sessions = 0, connections = 0, lagging = 0, held = 0;
};

// Of the time between two moments; what is counted is told for each second of it.
struct FigureRow {
  static constexpr std::array<std::string_view, 12> kFields = {
      "at_ms",           "edits",         "deliveries",    "bytes_in",
      "bytes_out",       "commit_p50_us", "commit_p99_us", "memory_bytes",
      "documents_bytes", "unsaved_bytes", "rooms",         "sessions"};

  FigureRow(const Figures& before, const Figures& after);

  std::array<int64_t, kFields.size()> values;
};

// The last hour.
class FigureHistory {
 public:
  void add(const FigureRow& row) {
    rows_.push_back(row);
    if (rows_.size() > kHistoryRows) rows_.pop_front();
  }
  std::vector<FigureRow> rows() const { return {rows_.begin(), rows_.end()}; }

 private:
  std::deque<FigureRow> rows_;
};

}  // namespace freshet
