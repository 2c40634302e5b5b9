// run.h: one run from the first connection to the figures.
//
// Documents, then everybody in, warm-up, the time that is measured, and then no more edits until
// all have all and know that theirs are saved, or settle_s is over. In a storm, that all come is
// what is measured. One thread: a turn waits for sockets no longer than until the next edit is due,
// and looks at what is due again after every single read.
#pragma once

#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "cast.h"
#include "floor_sender.h"
#include "presence_writers.h"
#include "server_watch.h"
#include "storm.h"
#include "writers.h"

namespace freshet::load {

class Run {
 public:
  // `floor`: who sends in the place of a server; null: the writers do. All outlive it.
  Run(const Scenario& scenario, World& world, FloorSender* floor);

  // False: it came to nothing; why() says so.
  bool go();
  const std::string& why() const { return why_; }

  const ServerWatch& server() const { return server_; }
  Books books() const { return cast_.books(); }
  uint64_t parsed() const;
  const Storm& storm() const { return storm_; }
  double measured_s() const { return measured_s_; }
  // Share of a processor that this process used while it measured.
  double own_cpu() const { return own_cpu_; }

 private:
  using Done = std::function<bool()>;

  bool bring_documents();
  bool bring_all_in();
  bool storm_in();
  void measure();
  void measuring_begins();
  void measuring_ends();
  void settle();
  // Turns until `done`, or `until_ns`. False: there were faults, and `strict` says that none may
  // be.
  enum class Strict { yes, no };
  bool turns(int64_t until_ns, Strict strict, const Done& done);
  void turn(int64_t until_ns);
  void send_due(int64_t now);
  void keep_appointments(int64_t now);
  void every_second(int64_t now);
  void make_appointments(int64_t start_ns);
  bool all_acknowledged() const;
  void take_floor_books();
  bool fail(const std::string& why);

  // What clients do by the clock beside editing.
  struct Appointment {
    int64_t at_ns;
    int64_t every_ns;
    std::function<void()> act;
    bool operator>(const Appointment& other) const { return at_ns > other.at_ns; }
  };

  const Scenario& scenario_;
  World& world_;
  FloorSender* floor_;
  Cast cast_;
  Writers writers_;
  PresenceWriters presence_;
  Storm storm_;
  ServerWatch server_;
  std::priority_queue<Appointment, std::vector<Appointment>, std::greater<>> appointments_;
  const char* phase_ = "joining";
  int64_t next_second_ns_ = 0, last_turn_ns_ = 0;
  uint64_t said_sent_ = 0, said_delivered_ = 0;
  double said_server_cpu_ = 0;
  double own_cpu_ = 0, measured_s_ = 0;
  int64_t measuring_since_ns_ = 0;
  std::string why_;
};

}  // namespace freshet::load
