#include "sim/runs/run.h"

#include <algorithm>
#include <initializer_list>

#include "sim/plugins/hasty_wire.h"
#include "sim/plugins/sim_app.h"
#include "sim/plugins/sim_auth.h"
#include "sim/runs/hardship.h"
#include "sim/runs/random_edit.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kCalmWithinMs = 200'000;  // a late store, a lingering room, backoffs: all of it
constexpr size_t kMostClients = 15;
constexpr uint64_t kPresenceSettlesMs = 70'000;
constexpr uint32_t kStopWithinMs = 5'000;

// In some of the runs, low rates. Of dice of their own, so that the other runs stay as they were.
void lower_rates(Limits& limits, Chance chance) {
  const auto maybe = [&](size_t& rate, uint64_t low, uint64_t high) {
    if (chance.percent(25)) rate = chance.between(low, high);
  };
  maybe(limits.messages_per_second, 4, 12);
  maybe(limits.bytes_per_second, 200, 2'000);
  maybe(limits.user_messages_per_second, 15, 60);  // all are one user
  // Of 15 that come back at once with what they did meanwhile: fewer, and they keep each other out.
  maybe(limits.user_bytes_per_second, 4'000, 12'000);
  maybe(limits.user_joins_per_second, 2, 6);
  maybe(limits.room_messages_per_second, 1, 10);
  maybe(limits.room_bytes_per_second, 50, 1'000);
  maybe(limits.room_joins_per_second, 2, 6);
}

Setup setup_for(Chance& chance, uint64_t seed, bool trace, Plant plant, Auth* auth, SimApp& app) {
  Setup setup;
  setup.seed = seed;
  setup.trace = trace;
  setup.shards = static_cast<uint32_t>(chance.between(1, 4));
  setup.limits = small_limits(chance);
  lower_rates(setup.limits, Chance(seed ^ 0x4a7e));
  setup.weather = foul_weather(chance);
  setup.plant = plant;
  if (plant == Plant::hasty_wire) setup.wrap_protocol = hasty;
  setup.auth = auth;
  if (chance.percent(50)) setup.apps = {app.table()};
  if (chance.percent(20)) app.answer = Status::internal;
  if (chance.percent(50)) app.asks_until_settled = chance.between(1, 50);
  return setup;
}

class RandomRun {
 public:
  RandomRun(uint64_t seed, bool trace, Plant plant)
      : chance_(seed ^ 0x5eed),
        wires_(seed ^ 0x40c5),
        world_(setup_for(chance_, seed, trace, plant, &auth_, app_)) {}

  RunResult run() {
    populate();
    const uint64_t end_us = chance_.between(10, 40) * kSecond;
    while (world_.scene().timeline.now_us() < end_us) {
      world_.run_ms(chance_.percent(30) ? chance_.below(2'000) : chance_.below(60));
      for (uint64_t n = chance_.between(1, 4); n != 0; --n) act();
    }
    calm_down();
    return result();
  }

 private:
  void populate();
  Participant& somebody_new(const std::string& room, bool writes);
  void crowd();
  void act();
  void edit(Participant& client);
  void come_and_go(Participant& client);
  void trouble();
  void stop_and_start();
  void hostile();
  void count();
  void calm_down();
  RunResult result();
  Participant& anybody() { return *honest_[chance_.below(honest_.size())]; }

  SimAuth auth_;
  SimApp app_;
  Chance chance_;
  Chance wires_;  // which somebody speaks
  World world_;
  std::vector<Participant*> honest_;
  std::vector<SimClient*> hostile_;
  size_t edits_ = 0, kills_ = 0, stops_ = 0;
  // Of processes that have ended.
  Windows windows_;
  Overload overload_;
  Limited limited_;
};

void RandomRun::populate() {
  const uint64_t rooms = chance_.between(1, 3);
  const uint64_t clients = chance_.between(2, 7);
  for (uint64_t i = 0; i < clients; ++i) {
    const std::string room = "room" + std::to_string(chance_.below(rooms));
    Participant& client = somebody_new(room, i < 2 || !chance_.percent(20));
    if (chance_.percent(80)) client.go_online();
  }
}

Participant& RandomRun::somebody_new(const std::string& room, bool writes) {
  ClientOptions options;
  options.name = "c" + std::to_string(honest_.size());
  options.room = room;
  options.writes = writes;
  options.query = options.writes ? "token=w" : "token=r";
  options.movable = chance_.percent(50) ? Movable::yes : Movable::no;
  options.passes_presence_on = chance_.percent(50);
  if (wires_.percent(30)) {
    honest_.push_back(&world_.guest(options));
  } else {
    honest_.push_back(&world_.client(options));
  }
  honest_.back()->show_json("{\"name\":\"" + options.name + "\"}");
  return *honest_.back();
}

// Who have nothing yet, while others write.
void RandomRun::crowd() {
  const std::string room = anybody().options().room;
  const uint64_t size = chance_.between(2, 5);
  for (uint64_t i = 0; i < size && honest_.size() < kMostClients; ++i) {
    somebody_new(room, chance_.percent(50)).go_online();
    edit(anybody());
    world_.run_ms(chance_.below(300));
  }
}

void RandomRun::act() {
  const uint64_t dice = chance_.below(1000);
  Participant& client = anybody();
  if (dice < 750) return edit(client);
  if (dice < 780) return client.show_json("{\"n\":" + std::to_string(dice) + "}");
  if (dice < 880) return come_and_go(client);
  if (dice < 940) {
    const uint64_t speeds[] = {0, 1, 10, UINT64_MAX, UINT64_MAX};
    return client.read_speed(speeds[chance_.below(5)]);
  }
  if (dice < 945) return crowd();
  if (dice < 960) return hostile();
  trouble();
}

void RandomRun::edit(Participant& client) {
  ++edits_;
  random_edit(chance_, world_.landmarks[client.options().room], client);
}

void RandomRun::come_and_go(Participant& client) {
  switch (chance_.below(4)) {
    case 0: return client.go_offline();
    case 1: return client.lose_connection(chance_.below(20) * kSecond);
    default: return client.go_online();
  }
}

void RandomRun::trouble() {
  switch (chance_.below(13)) {
    case 0:
    case 1:
      ++kills_;
      count();
      world_.kill();
      app_.process_died();
      world_.run_ms(chance_.below(1'000));
      return world_.start();
    case 2: return stop_and_start();
    case 3: return world_.store().fail_appends(Status::retry);
    case 4: return world_.store().fail_loads(Status::retry);
    case 5: return world_.store().fail_appends(Status::internal);
    case 10:
    case 11:
    case 12: return overload(world_.scene().weather, chance_);
    default: return world_.store().heal();
  }
}

void RandomRun::stop_and_start() {
  ++stops_;
  count();
  const uint64_t begin_us = world_.scene().timeline.now_us();
  const bool in_order = world_.stop(kStopWithinMs);
  const uint64_t took_ms = (world_.scene().timeline.now_us() - begin_us) / kMs;
  if (in_order && took_ms < kStopWithinMs / 2 && !app_.settled()) {
    world_.verdict().broke(Broken::app_cut_off, "after " + std::to_string(took_ms) + " ms");
  }
  app_.process_died();
  world_.start();
}

// Somebody who sends what no client sends. Nothing of it may show anywhere.
void RandomRun::hostile() {
  const std::string name = "evil" + std::to_string(hostile_.size());
  ClientOptions options{.name = name, .room = anybody().options().room, .query = "token=w"};
  options.comes_back = false;
  options.writes = false;
  SimClient& evil = world_.client(options);
  evil.go_online();
  world_.run_until([&] { return evil.synced() || evil.close_code() != 0; }, 5'000);
  if (!evil.synced()) return evil.go_offline();
  hostile_.push_back(&evil);
  std::vector<uint8_t> update = evil.author().type({"text"}, 0, "evil");
  switch (chance_.below(4)) {
    case 0: update.pop_back(); return evil.send_update(update);
    case 1: update[3 + varuint_size(evil.id())] = 31; return evil.send_update(update);
    case 2: return evil.send(std::vector<uint8_t>{9, 1, 2, 3});
    default: return evil.send(std::vector<uint8_t>{1, 6, 1, 1, 1, 2, '{', 'x'});
  }
}

void RandomRun::count() {
  const auto sum = [&](std::initializer_list<const char*> metrics) {
    int64_t all = 0;
    for (const char* each : metrics) all += world_.metric(each);
    return all;
  };
  limited_ += {
      sum({"freshet_messages_limited_total", "freshet_bytes_limited_total",
           "freshet_user_messages_limited_total", "freshet_user_bytes_limited_total"}),
      sum({"freshet_user_joins_limited_total", "freshet_room_joins_limited_total"}),
      sum({"freshet_room_messages_limited_total", "freshet_room_bytes_limited_total"}),
  };
  const int64_t all = world_.metric("freshet_sent_in_windows_total");
  const int64_t bound = world_.metric("freshet_sent_at_bound_total");
  windows_ += {world_.metric("freshet_sent_at_once_total"), all - bound, bound};
  overload_ += {world_.metric("freshet_joins_refused_overload_total"),
                world_.metric("freshet_joins_refused_memory_total"),
                world_.metric("freshet_documents_let_go_total")};
}

void RandomRun::calm_down() {
  world_.scene().verdict.trace("run", "the weather clears");
  world_.scene().weather = Weather{};
  world_.store().heal();
  for (Participant* client : honest_) {
    client->go_online();
    client->read_speed(UINT64_MAX);
  }
  world_.run_until([&] { return world_.calm(); }, kCalmWithinMs);
  anybody().go_offline();  // for good: the others must see it go
  world_.run_ms(chance_.below(3'000));
  world_.run_ms(kPresenceSettlesMs);
  world_.check_calm();
  Verdict& verdict = world_.verdict();
  for (const SimClient* evil : hostile_) {
    if (evil->connected()) verdict.broke(Broken::hostile_stayed, evil->options().name);
    for (const auto& client : world_.clients()) {
      if (client->heard().structs.contains(evil->id(), 0, 1)) {
        verdict.broke(Broken::hostile_passed_on, evil->options().name);
      }
    }
    if (world_.disk().ids(evil->options().room).structs.contains(evil->id(), 0, 1)) {
      verdict.broke(Broken::hostile_passed_on, evil->options().name + " is on the disk");
    }
  }
  for (const Participant* client : honest_) {
    if (client->options().writes) continue;
    if (world_.disk().ids(client->options().room).structs.contains(client->id(), 0, 1)) {
      verdict.broke(Broken::hostile_passed_on, client->options().name + " may only read");
    }
  }
  if (!app_.misled.empty()) verdict.broke(Broken::app_misled, app_.misled);
  if (world_.get({.target = "/readyz"}).status != 200)
    verdict.broke(Broken::not_ready, "at the end");
  count();
  world_.kill();
}

RunResult RandomRun::result() {
  size_t acknowledged = 0;
  for (const Participant* client : honest_) {
    for (const auto& [id, spans] : client->acknowledged().structs.clients()) {
      for (const auto& [begin, end] : spans) acknowledged += end - begin;
    }
  }
  const Verdict& verdict = world_.verdict();
  return {verdict.clean(),
          verdict.summary(),
          verdict.violations(),
          world_.scene().timeline.events_run(),
          edits_,
          acknowledged,
          kills_,
          stops_,
          windows_,
          overload_,
          limited_};
}

}  // namespace

bool RunResult::saw(Broken kind) const {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const Violation& v) { return v.kind == kind; });
}

RunResult random_run(uint64_t seed, bool trace, Plant plant) {
  return RandomRun(seed, trace, plant).run();
}

}  // namespace freshet::sim
