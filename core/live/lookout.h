// core/live/lookout.h: who looks at the server on one event loop, and the rooms of that loop that
// somebody looks at.
//
// While nobody looks anywhere it does nothing but keep the hour's history, which the first loop
// does every ten seconds.
//
// Everything runs on that loop, unless marked otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/live/figures.h"
#include "core/live/looker.h"
#include "core/live/ranking.h"
#include "core/live/room_scope.h"
#include "core/shards/shard.h"

namespace freshet {

class Lookouts;

class Lookout {
 public:
  // Both outlive it.
  Lookout(Lookouts& all, Shard& rooms) : all_(all), rooms_(rooms) {}
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  const Loop& loop() const { return rooms_.loop(); }
  void start();  // [main], once

  // ---- who looks ----
  Looker* add(Link& link, std::string peer, bool trusted);
  Status hear(Looker& looker, Bytes message);
  void remove(Looker& looker);

  // ---- from other loops, posted ----
  struct Viewer {
    Lookout* at;
    uint64_t id;
  };
  // The first `looks` of a room is told all of it.
  void look_at(const std::string& room, Viewer viewer);
  void look_away(const std::string& room, Viewer viewer);
  // Tells what it has found when it has walked through all rooms, some of them a turn.
  using Ranked = std::function<void(Ranking)>;
  void rank(RoomsQuery query, Ranked done);
  void offer(uint64_t looker, std::string_view text);
  void greet(uint64_t looker, const std::vector<FigureRow>& history);
  // Somebody looks, perhaps on another loop.
  void arm();
  const FigureHistory& history() const { return history_; }

 private:
  struct Watched {
    std::unique_ptr<RoomScope> scope;
    std::vector<Viewer> viewers;
  };
  struct Walk {
    Ranking found;
    Ranked done;
    size_t at = 0;
  };

  void note_history();
  void look_once(const std::string& room, Watched& watched);
  void make_good(Looker& looker, uint64_t now_ms);
  void tick();
  void measure(uint64_t now_ms);
  void serve(Looker& looker, uint64_t now_ms);
  void send_figures(uint64_t now_ms);
  void send_logs(Looker& looker, uint64_t now_ms);
  void ask_rooms(Looker& looker, uint64_t now_ms);
  void show_rooms(uint64_t looker, Ranking found);
  void walk(std::unique_ptr<Walk> walk);
  Status take_key(Looker& looker, const std::string& key);
  void welcome(const Looker& looker);
  void watch(Looker& looker, LookRequest request);
  void change_room(Looker& looker, std::optional<std::string> room);
  void read_authors(const std::string& room);
  void tell(const std::string& room, const std::string& text);
  Looker* find(uint64_t id) const;
  bool any_looks_at_server() const;

  Lookouts& all_;
  Shard& rooms_;
  std::map<uint64_t, std::unique_ptr<Looker>> lookers_;
  std::map<std::string, Watched> watched_;
  uint64_t last_id_ = 0;
  bool armed_ = false;
  // Of the last second, while somebody looks at the server.
  std::optional<Figures> before_;
  uint64_t figures_due_ms_ = 0;
  // Of the hour: the first loop's alone.
  std::optional<Figures> history_before_;
  FigureHistory history_;
  // How busy this loop was.
  uint64_t busy_since_ms_ = 0, busy_us_ = 0;
};

}  // namespace freshet
