// core/live/lookout.h: who looks at the server on one event loop: what they say, and the turns in
// which they are served. While nobody looks anywhere it does nothing.
//
// Everything runs on that loop, unless marked otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/live/looker.h"
#include "core/live/request.h"
#include "core/live/rooms/watched_rooms.h"
#include "core/live/server/busy_meter.h"
#include "core/live/server/seconds.h"
#include "core/shards/shard.h"

namespace freshet {

class Lookouts;

class Lookout {
 public:
  // Both outlive it.
  Lookout(Lookouts& all, Shard& rooms);
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  const Loop& loop() const { return loop_; }

  // ---- who looks ----
  // Null: too many do already.
  Looker* add(Link& link, std::string peer, bool trusted);
  Status hear(Looker& looker, Bytes message);
  void remove(Looker& looker);

 private:
  using Viewer = WatchedRooms::Viewer;

  // ---- time ----
  void arm();
  void tick();
  void measure(uint64_t now_ms);
  void serve(Looker& looker, uint64_t now_ms);

  // ---- what they are told ----
  void tell_figures(uint64_t now_ms);
  void tell_logs(Looker& looker, uint64_t now_ms);
  void tell_plugins(Looker& looker, uint64_t now_ms);
  void ask_rooms(Looker& looker, uint64_t now_ms);
  void take_rooms(uint64_t looker, Ranking found);
  void tell(const Viewer& viewer, const std::string& text);
  void offer(uint64_t looker, std::string_view text);
  void make_good(Looker& looker, uint64_t now_ms);

  // ---- who they are ----
  Status take_key(Looker& looker, const std::string& key);
  void welcome(const Looker& looker);
  void greet(uint64_t looker, const std::vector<FigureRow>& hour);
  void watch(Looker& looker, LookRequest request);
  void change_room(Looker& looker, std::optional<std::string> room);
  Looker* find(uint64_t id) const;
  bool any_looks_at_server() const;

  Lookouts& all_;
  const Loop loop_;
  std::map<uint64_t, std::unique_ptr<Looker>> lookers_;
  uint64_t last_id_ = 0;
  bool armed_ = false;
  Seconds seconds_;
  BusyMeter busy_;
  WatchedRooms watched_;  // of this loop, by lookers of any
};

}  // namespace freshet
