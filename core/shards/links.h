// core/shards/links.h: the connections of one event loop.
//
// Once a second those are closed whose token has expired, or of whom nothing was heard for long.
//
// Everything runs on that loop, unless marked otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "core/report/rare_line.h"
#include "core/shards/home.h"
#include "core/shards/link.h"
#include "core/request/sent_away.h"

namespace freshet {

class Links final : public Home {
 public:
  // `sent_away`: of the whole server, and outlives it.
  Links(const Parts& parts, OverMetrics& over, SentAway& sent_away, Log& log);

  void start_ticking();  // [main], once

  void open(std::unique_ptr<Link> link, freshet_conn* conn);
  void remove(Link& link);
  bool empty() const { return links_.empty(); }
  // The server restarts: who comes from now on is sent away at once, the others when all they had
  // is saved.
  void send_away_who_comes() { restarting_ = true; }
  void send_away();

  // Home
  void deliver(uint64_t id, MemberId session, const Frames& frames, Bytes prefix,
               bool text) override;
  void close(uint64_t id, uint16_t code, std::string_view reason) override;
  void end(uint64_t id, MemberId session, uint16_t code, std::string_view reason) override;
  void finish(uint64_t id, MemberId session, uint16_t code, std::string_view reason) override;
  void identified(uint64_t id, uint64_t ticket, const Identification::Answer& answer) override;
  void pause_reading(uint64_t id, uint32_t ms) override;
  void note_thrown(std::string_view function, std::string_view what) override;
  void note_over(Over over, std::string_view user_id) override;
  void note_sent_away(const SentAway::One& one) override;

  void note_hasty(std::string_view peer);  // in the log

 private:
  void tick();
  Link* find(uint64_t id) const;

  std::unordered_map<uint64_t, std::unique_ptr<Link>> links_;
  OverMetrics& over_;
  SentAway& sent_away_;
  RareLine hasty_;
  RareLine hasty_users_;
  RareLine thrown_;
  bool restarting_ = false;
};

}  // namespace freshet
