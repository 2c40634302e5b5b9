#include "sim/runs/cluster_run.h"

#include <algorithm>
#include <memory>
#include <set>

#include "sim/clients/pluv_client.h"
#include "sim/plugins/sim_app.h"
#include "sim/runs/cluster_verdict.h"
#include "sim/runs/hardship.h"
#include "sim/runs/random_edit.h"
#include "sim/sim_node.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kClusterCalmWithinMs = 200'000;
constexpr uint64_t kLookMs = 100;
// A call of before may last, its node is taken for dead by then, and finds that it is not.
constexpr uint64_t kSlowCallsMs = 55'000;
constexpr uint64_t kPeopleSettleMs = 15'000;  // those of a dead node are gone
constexpr uint64_t kWavesWithinMs = 5'000;
constexpr uint64_t kEndsWithinMs = 75'000;  // one that is told again, and some
constexpr size_t kMostPeople = 12;
constexpr size_t kFirstStateBytes = size_t{256} << 10;
constexpr uint32_t kDrainWithinMs = 5'000;
constexpr uint64_t kFailoverPercent = 30;  // of runs that may have any
constexpr size_t kMostLost = 12;           // changes, by a failover

AirWeather rough_air(Chance& chance) {
  AirWeather air;
  air.delay = {100, chance.between(1, 100) * kMs};
  air.lost_percent = chance.percent(40) ? chance.below(30) : 0;
  air.doubled_percent = chance.percent(20) ? chance.below(10) : 0;
  air.late_percent = chance.percent(30) ? chance.below(20) : 0;
  air.echoes = chance.percent(50);
  return air;
}

// What each run has one of at every node.
class Apps {
 public:
  Apps(Chance& chance, size_t nodes) {
    const bool there = chance.percent(40);
    for (size_t i = 0; i < nodes && there; ++i) {
      apps_.push_back(std::make_unique<SimApp>());
      // Each node's is another, so that two of them in a room show.
      apps_.back()->first_bytes = Author(7 + i).type({"app"}, 0, "app;");
    }
  }
  std::vector<const freshet_app*> at(size_t node) const {
    if (apps_.empty()) return {};
    return {apps_[node]->table()};
  }
  void process_died(size_t node) {
    if (!apps_.empty()) apps_[node]->process_died();
  }
  bool there() const { return !apps_.empty(); }
  std::set<uint64_t> ends() const {
    std::set<uint64_t> all;
    for (const auto& app : apps_) all.insert(app->ends.begin(), app->ends.end());
    return all;
  }
  std::string misled() const {
    for (const auto& app : apps_) {
      if (!app->misled.empty()) return app->misled;
    }
    return "";
  }

 private:
  std::vector<std::unique_ptr<SimApp>> apps_;
};

class ClusterRun {
 public:
  ClusterRun(uint64_t seed, const ClusterPlan& plan)
      : plan_(plan),
        chance_(seed ^ 0xc1057e4),
        wires_(seed ^ 0x40c5),
        fails_over_(plan.failover == Failover::some && chance_.percent(kFailoverPercent)),
        nodes_(chance_.between(2, 4)),
        apps_(chance_, nodes_),
        world_(setup(seed)),
        verdict_(world_, everybody_) {
    if (fails_over_) world_.disk().expect_failover(kMostLost);
  }

  ClusterResult run();

 private:
  Setup setup(uint64_t seed);
  void set_clocks();
  void populate();
  void somebody_new();
  void act();
  void wave();
  void come_and_go(Participant& one);
  void move(Participant& one);
  void trouble();
  void end(size_t node);
  void pause(size_t node);
  void cut(size_t node);
  void outage();
  void after(uint64_t us, std::function<void()> event) {
    world_.scene().timeline.after(us, std::move(event));
  }
  void calm_down();
  void wait_for_calm();
  void look_at_every_node();
  void lose_a_node();
  void wave_once();
  void judge();
  Participant& anybody() { return *everybody_[chance_.below(everybody_.size())]; }

  const ClusterPlan plan_;
  Chance chance_;
  Chance wires_;  // which somebody speaks
  const bool fails_over_;
  const size_t nodes_;
  Apps apps_;
  World world_;
  std::vector<Participant*> everybody_;
  std::vector<std::unique_ptr<PluvClient>> pluvs_;
  ClusterVerdict verdict_;
  bool clearing_ = false;
  ClusterCount count_;
};

// ---- who there is

Setup ClusterRun::setup(uint64_t seed) {
  Setup setup;
  setup.seed = seed;
  setup.trace = plan_.trace;
  setup.nodes = nodes_;
  setup.bus = true;
  setup.shards = static_cast<uint32_t>(chance_.between(1, 2));
  setup.limits = small_limits(chance_);
  // Room for a first state in base64: past the bound behind it a connection is cut off.
  setup.limits.reader_hard_bytes = std::max(setup.limits.reader_hard_bytes, kFirstStateBytes);
  setup.weather = foul_weather(chance_);
  setup.weather.timer_late = {0, 0};
  setup.weather.memory_percent = 0;
  setup.air = rough_air(chance_);
  setup.plant = plan_.plant;
  setup.plant_node = plan_.plant_node;
  setup.may_lose = fails_over_;
  setup.open = true;
  setup.apps_of = [this](size_t node) { return apps_.at(node); };
  return setup;
}

// Machines whose clocks go wrong by hours and run at different rates.
void ClusterRun::set_clocks() {
  if (!chance_.percent(40)) return;
  for (size_t i = 0; i < nodes_; ++i) {
    const auto drift = static_cast<int32_t>(chance_.below(100'000)) - 50'000;
    const auto ahead_ms = static_cast<int64_t>(chance_.below(7'200'000)) - 3'600'000;
    world_.node(i).set_clock({.drift_ppm = drift, .unix_ahead_ms = ahead_ms});
    world_.kill(i);
    world_.start(i);
  }
}

void ClusterRun::populate() {
  set_clocks();
  const uint64_t people = chance_.between(2, 6);
  for (uint64_t i = 0; i < people; ++i) somebody_new();
}

void ClusterRun::somebody_new() {
  ClientOptions options;
  options.name = "c" + std::to_string(everybody_.size());
  options.room = "room" + std::to_string(chance_.below(everybody_.empty() ? 1 : 2));
  options.node = chance_.below(nodes_);
  options.movable = chance_.percent(50) ? Movable::yes : Movable::no;
  options.passes_presence_on = chance_.percent(50);
  if (chance_.percent(40)) {
    const uint64_t id = (chance_.next() & 0xffff'f000) | (0x900 + pluvs_.size());
    pluvs_.push_back(std::make_unique<PluvClient>(
        world_.scene(), world_.node(options.node).address(), world_.disk(), id, options));
    everybody_.push_back(pluvs_.back().get());
  } else if (wires_.percent(40)) {
    everybody_.push_back(&world_.guest(options));
  } else {
    everybody_.push_back(&world_.client(options));
  }
  everybody_.back()->show_json("{\"name\":\"" + options.name + "\"}");
  if (chance_.percent(80)) everybody_.back()->go_online();
}

// ---- what happens

void ClusterRun::act() {
  const uint64_t dice = chance_.below(1000);
  Participant& one = anybody();
  if (dice < 680) {
    ++count_.edits;
    return random_edit(chance_, world_.landmarks[one.options().room], one);
  }
  if (dice < 710) {
    return one.show_json("{\"name\":\"" + one.options().name + "\",\"n\":" + std::to_string(dice) +
                         "}");
  }
  if (dice < 760) return wave();
  if (dice < 840) return come_and_go(one);
  if (dice < 900) return move(one);
  if (dice < 920) {
    const uint64_t speeds[] = {0, 1, 10, UINT64_MAX, UINT64_MAX};
    return one.read_speed(speeds[chance_.below(5)]);
  }
  if (dice < 935) {
    if (everybody_.size() < kMostPeople) somebody_new();
    return;
  }
  trouble();
}

void ClusterRun::wave() {
  if (pluvs_.empty()) return;
  ++count_.waves;
  pluvs_[chance_.below(pluvs_.size())]->wave();
}

void ClusterRun::come_and_go(Participant& one) {
  switch (chance_.below(4)) {
    case 0: return one.go_offline();
    case 1: return one.lose_connection(chance_.below(20) * kSecond);
    default: return one.go_online();
  }
}

void ClusterRun::move(Participant& one) {
  ++count_.moves;
  one.move_to(world_.node(chance_.below(nodes_)).address());
}

void ClusterRun::trouble() {
  const size_t node = chance_.below(nodes_);
  switch (chance_.below(10)) {
    case 0:
    case 1:
    case 2: return end(node);
    case 3:
    case 4: return pause(node);
    case 5:
    case 6:
    case 7: return cut(node);
    case 8: return outage();
    default:
      if (!fails_over_) return;
      ++count_.failovers;
      world_.scene().verdict.trace("database", "fails over");
      world_.set_database_away(true);
      world_.disk().fail_over(chance_.between(1, kMostLost));
      world_.set_database_away(false);
  }
}

// A node goes, in order or not, and comes back as another process.
void ClusterRun::end(size_t node) {
  if (!world_.up(node)) return;
  if (chance_.percent(40)) {
    ++count_.stops;
    world_.stop(kDrainWithinMs, node);
  } else {
    ++count_.kills;
    world_.kill(node);
  }
  apps_.process_died(node);
  after(chance_.below(20) * kSecond, [this, node] { world_.start(node); });
}

void ClusterRun::pause(size_t node) {
  if (!world_.up(node)) return;
  ++count_.pauses;
  world_.node(node).trace("stands still");
  const uint64_t most_ms = uint64_t{10} << chance_.below(12);  // some 20 s
  const auto clock =
      chance_.percent(50) ? SimPlatform::ClockThen::runs : SimPlatform::ClockThen::stands;
  const auto ms = static_cast<uint32_t>(chance_.between(1, most_ms));
  world_.node(node).process().platform().pause(ms, clock);
}

void ClusterRun::cut(size_t node) {
  if (world_.node(node).cut()) return;
  ++count_.cuts;
  const uint64_t which = chance_.below(3);
  if (which != 0) world_.node(node).cut_from_store(true);
  if (which != 1) world_.node(node).cut_from_bus(true);
  after(chance_.between(1, 20'000) * kMs, [this, node] {
    world_.node(node).cut_from_store(false);
    world_.node(node).cut_from_bus(false);
  });
}

void ClusterRun::outage() {
  if (world_.disk().away) return;
  ++count_.outages;
  world_.scene().verdict.trace("database", "is away");
  world_.set_database_away(true);
  after(chance_.between(1, 10'000) * kMs, [this] { world_.set_database_away(false); });
}

// ---- the end

ClusterResult ClusterRun::run() {
  populate();
  const uint64_t end_us = chance_.between(8, 100) * kSecond;
  while (world_.scene().timeline.now_us() < end_us) {
    world_.run_ms(chance_.percent(30) ? chance_.below(2'000) : chance_.below(60));
    for (uint64_t n = chance_.between(1, 4); n != 0; --n) act();
  }
  calm_down();
  judge();
  const Verdict& verdict = world_.verdict();
  return {verdict.clean(),      verdict.summary(),
          verdict.violations(), world_.scene().timeline.events_run(),
          world_.air().said(),  count_};
}

// Whatever is to happen yet, as nodes that come back, happens before.
void ClusterRun::calm_down() {
  world_.run_ms(21'000);
  world_.scene().verdict.trace("run", "the weather clears");
  world_.scene().weather = Weather{};
  world_.air().weather = AirWeather{};
  for (Participant* one : everybody_) {
    one->go_online();
    one->read_speed(UINT64_MAX);
  }
  wait_for_calm();
  look_at_every_node();
  world_.run_ms(kSlowCallsMs);
  anybody().go_offline();  // for good: the others must see it go
  if (chance_.percent(50)) lose_a_node();
  world_.run_ms(kPeopleSettleMs);
}

// For good. Who was there goes to another, or away.
void ClusterRun::lose_a_node() {
  const size_t lost = chance_.below(nodes_);
  const size_t other = (lost + chance_.between(1, nodes_ - 1)) % nodes_;
  ++count_.kills;
  world_.kill(lost);
  world_.run_ms(kLookMs);  // until its people have seen it
  for (Participant* one : everybody_) {
    if (one->synced() || !one->online()) continue;
    one->move_to(world_.node(other).address());
    if (chance_.percent(50)) one->go_offline();
  }
}

// To look is dear.
void ClusterRun::wait_for_calm() {
  for (uint64_t ms = 0; ms < kClusterCalmWithinMs && !verdict_.calm(); ms += kLookMs) {
    world_.run_ms(kLookMs);
  }
}

// Whoever comes now sees what the node has of the room.
void ClusterRun::look_at_every_node() {
  std::vector<std::string> rooms;
  for (const auto& [name, room] : world_.disk().rooms) rooms.push_back(name);
  for (const std::string& room : rooms) {
    for (size_t node = 0; node < nodes_; ++node) {
      ClientOptions options{.name = "eye" + std::to_string(node), .room = room, .node = node};
      options.writes = false;
      SimClient& eye = world_.client(options);
      eye.show_json("{\"name\":\"" + options.name + "\"}");
      eye.go_online();
      everybody_.push_back(&eye);
    }
  }
  wait_for_calm();
}

// With nothing in the way each is heard by everybody, once.
void ClusterRun::wave_once() {
  for (const auto& one : pluvs_) one->wave();
  world_.run_ms(kWavesWithinMs);
  for (const auto& hearer : pluvs_) {
    for (const auto& from : pluvs_) {
      const bool together = from->options().room == hearer->options().room;
      if (!together || !from->synced() || !hearer->synced()) continue;
      const auto& heard = hearer->heard_waves();
      const auto its = heard.find(from->self());
      if (its != heard.end() && its->second == from->waves()) continue;
      world_.verdict().broke(Broken::diverged, hearer->options().name + " did not hear " +
                                                   from->options().name + " wave");
    }
  }
}

void ClusterRun::judge() {
  verdict_.check_documents();
  verdict_.check_acknowledged();
  // What a failover took back is begun again by one, and brought by another.
  if (!fails_over_) verdict_.check_beginnings();
  if (plan_.across >= Across::people) {
    verdict_.check_people(plan_.across >= Across::deaths ? ClusterVerdict::Ghosts::none
                                                         : ClusterVerdict::Ghosts::allowed);
    wave_once();
  }
  if (plan_.across >= Across::ends && apps_.there() && !fails_over_) {
    world_.run_until([this] { return world_.disk().notices.empty(); }, kEndsWithinMs);
    verdict_.check_ends(apps_.ends());
  }
  const std::string misled = apps_.misled();
  if (!misled.empty()) world_.verdict().broke(Broken::app_misled, misled);
  for (size_t i = 0; i < nodes_; ++i) world_.kill(i);
}

}  // namespace

bool ClusterResult::saw(Broken kind) const {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& v) { return v.kind == kind; });
}

ClusterResult cluster_run(uint64_t seed, const ClusterPlan& plan) {
  return ClusterRun(seed, plan).run();
}

}  // namespace freshet::sim
