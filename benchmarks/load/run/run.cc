#include "run.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace freshet::load {

namespace {

constexpr int64_t kSecondNs = 1'000'000'000, kMsNs = 1'000'000;
// From when all are in to the first edit.
constexpr int64_t kBreathNs = 200 * kMsNs;

int64_t ns_of(double seconds) { return static_cast<int64_t>(seconds * 1e9); }

double own_cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

}  // namespace

Run::Run(const Scenario& scenario, World& world, FloorSender* floor)
    : scenario_(scenario),
      world_(world),
      floor_(floor),
      cast_(scenario, world),
      writers_(scenario, world, cast_),
      presence_(scenario, world, cast_),
      storm_(cast_),
      server_(scenario.server_pid) {}

bool Run::fail(const std::string& why) { return why_ = why, false; }

bool Run::go() {
  if (floor_ != nullptr) {
    if (!floor_->launch(cast_.rooms())) return fail(floor_->why());
    server_ = ServerWatch(floor_->pid());
  }
  if (!server_.look()) return fail("there is no process " + std::to_string(scenario_.server_pid));
  if (!bring_documents() || !(scenario_.storm ? storm_in() : bring_all_in())) {
    const auto& reasons = world_.tally.faults.reasons();
    return fail(reasons.empty() ? "not everybody was in within a minute" : reasons.begin()->first);
  }
  if (scenario_.storm) return true;
  measure();
  settle();
  return true;
}

bool Run::bring_documents() {
  if (scenario_.document_bytes == 0) return true;
  cast_.bring_documents();
  return turns(now_ns() + kJoinTimeoutNs, Strict::yes, [&] { return cast_.documents_are_there(); });
}

// Who is refused is no reason to end it.
bool Run::storm_in() {
  if (scenario_.storm_after_s > 0) {
    cast_.send_home_documents();
    phase_ = "resting";
    if (!turns(now_ns() + ns_of(scenario_.storm_after_s), Strict::yes, {})) return false;
  }
  phase_ = "storm";
  Tally& tally = world_.tally;
  tally.from_ns = now_ns();
  tally.to_ns = tally.from_ns + ns_of(scenario_.storm_limit_s);
  measuring_begins();
  storm_.begin(tally.from_ns);
  turns(tally.to_ns, Strict::no, [&] {
    storm_.tend(now_ns());
    return storm_.over();
  });
  measuring_ends();
  return true;
}

bool Run::bring_all_in() {
  const int64_t until = now_ns() + kJoinTimeoutNs;
  cast_.bring_everybody();
  const auto all_here = [&] { return cast_.all_here() && (floor_ == nullptr || floor_->ready()); };
  if (!turns(until, Strict::yes, all_here)) return false;
  cast_.send_home_documents();
  return true;
}

void Run::measure() {
  Tally& tally = world_.tally;
  const int64_t start = now_ns() + kBreathNs;
  tally.joined = {};
  tally.from_ns = start + ns_of(scenario_.warmup_s);
  tally.to_ns = tally.from_ns + ns_of(scenario_.duration_s);
  if (floor_ != nullptr) {
    for (const auto& room : cast_.rooms()) room->schedule.start(start);
    floor_->start(start, tally.to_ns);
  } else {
    writers_.start(start, tally.to_ns);
    presence_.start(start, tally.to_ns);
  }
  make_appointments(start);
  phase_ = "warm-up";
  turns(tally.from_ns, Strict::no, {});
  phase_ = "measuring";
  measuring_begins();
  turns(tally.to_ns, Strict::no, {});
  measuring_ends();
}

void Run::measuring_begins() {
  server_.measuring_begins();
  own_cpu_ = -own_cpu_seconds();
  measuring_since_ns_ = now_ns();
}

void Run::measuring_ends() {
  measured_s_ = static_cast<double>(now_ns() - measuring_since_ns_) / 1e9;
  own_cpu_ = (own_cpu_ + own_cpu_seconds()) / measured_s_;
  server_.measuring_ends();
}

void Run::settle() {
  phase_ = "settling";
  appointments_ = {};
  cast_.resume_readers();
  int64_t next_look = 0;
  const auto complete = [&] {
    if (now_ns() < next_look) return false;
    next_look = now_ns() + 50 * kMsNs;
    const bool all_taken = all_acknowledged();
    take_floor_books();
    const Books books = cast_.books();
    return all_taken && books.complete();
  };
  turns(now_ns() + ns_of(scenario_.settle_s), Strict::no, complete);
  take_floor_books();
  server_.look();
}

bool Run::all_acknowledged() const {
  if (floor_ != nullptr) return floor_->done();
  return world_.wire.acknowledgement() == Acknowledgement::none ||
         world_.tally.acknowledged_all == world_.tally.sent_all;
}

void Run::take_floor_books() {
  if (floor_ == nullptr) return;
  for (uint32_t r = 0; r < scenario_.rooms; ++r) {
    Room& room = *cast_.rooms()[r];
    room.written_all = 0;
    for (uint32_t writer = 0; writer < scenario_.writers; ++writer) {
      room.written[writer] = floor_->written(r, writer);
      room.written_all += room.written[writer];
    }
  }
  world_.tally.offered = world_.tally.sent = floor_->measured();
}

void Run::make_appointments(int64_t start_ns) {
  const auto add = [&](int64_t first, int64_t every, std::function<void()> act) {
    appointments_.push({first, every, std::move(act)});
  };
  // Spread over their period, each at its own time.
  const auto spread = [&](size_t i, size_t of, int64_t period) {
    return start_ns +
           period * static_cast<int64_t>(i) / static_cast<int64_t>(std::max<size_t>(of, 1));
  };
  if (floor_ != nullptr) return;
  const int64_t renewal = world_.wire.renewal_ns();
  for (size_t place = 0; place < cast_.places(); ++place) {
    add(spread(place, cast_.places(), renewal), renewal,
        [this, place] { cast_.at(place).renew(); });
  }
  if (scenario_.churn_per_second > 0) {
    add(start_ns, ns_of(1 / scenario_.churn_per_second), [this] { cast_.replace_somebody(); });
  }
  if (scenario_.paused > 0) {
    const int64_t pause = world_.tally.from_ns + ns_of(scenario_.duration_s / 10);
    add(pause, 0, [this] { cast_.pause_readers(); });
    add(pause + ns_of(scenario_.pause_s), 0, [this] { cast_.resume_readers(); });
  }
}

void Run::keep_appointments(int64_t now) {
  while (!appointments_.empty() && appointments_.top().at_ns <= now) {
    Appointment next = appointments_.top();
    appointments_.pop();
    next.act();
    next.at_ns += next.every_ns;
    if (next.every_ns > 0) appointments_.push(std::move(next));
  }
}

bool Run::turns(int64_t until_ns, Strict strict, const Done& done) {
  while (now_ns() < until_ns) {
    cast_.tend();
    if (strict == Strict::yes && world_.tally.faults.count() > 0) return false;
    if (done && done()) return true;
    turn(until_ns);
  }
  return !done || done();
}

void Run::turn(int64_t until_ns) {
  const int64_t now = now_ns();
  int64_t wake = std::min({until_ns, writers_.next_ns(), presence_.next_ns(), storm_.next_ns(),
                           next_second_ns_, now + 20 * kMsNs});
  if (!appointments_.empty()) wake = std::min(wake, appointments_.top().at_ns);
  const auto ready = world_.poller.wait(wake - now);
  last_turn_ns_ = now_ns();
  for (const epoll_event& event : ready) {
    static_cast<Client*>(event.data.ptr)->ready(event.events);
    const int64_t then = now_ns();
    if (world_.tally.measures(then)) world_.tally.turn.record(then - last_turn_ns_);
    last_turn_ns_ = then;
    send_due(then);
  }
  const int64_t then = now_ns();
  send_due(then);
  keep_appointments(then);
  if (then >= next_second_ns_) every_second(then);
}

void Run::send_due(int64_t now) {
  writers_.send_due(now);
  presence_.show_due(now);
}

void Run::every_second(int64_t now) {
  const bool first = next_second_ns_ == 0;
  next_second_ns_ = now + kSecondNs;
  server_.look();
  take_floor_books();
  const Tally& tally = world_.tally;
  const double cpu = server_.last_cpu().total();
  if (!first) {
    std::fprintf(stderr, "%-9s %8llu edits/s %10llu deliveries/s  p99 %9.2f ms  late p99 %6.3f ms",
                 phase_, static_cast<unsigned long long>(tally.sent_all - said_sent_),
                 static_cast<unsigned long long>(tally.delivered_all - said_delivered_),
                 static_cast<double>(tally.latency.quantile(0.99)) / 1e6,
                 static_cast<double>(tally.late.quantile(0.99)) / 1e6);
    if (server_.watching()) {
      std::fprintf(stderr, "  server %3.0f %% of a core, %.0f MB", 100 * (cpu - said_server_cpu_),
                   static_cast<double>(server_.last_rss()) / 1e6);
    }
    std::fprintf(stderr, tally.faults.count() > 0 ? "  %llu faults\n" : "\n",
                 static_cast<unsigned long long>(tally.faults.count()));
  }
  said_server_cpu_ = cpu;
  said_sent_ = tally.sent_all;
  said_delivered_ = tally.delivered_all;
}

uint64_t Run::parsed() const {
  uint64_t all = 0;
  for (const auto& room : cast_.rooms()) all += room->bodies.parsed();
  return all;
}

}  // namespace freshet::load
