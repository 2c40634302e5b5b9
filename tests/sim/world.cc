#include "sim/world.h"

#include <algorithm>
#include <stdexcept>

#include "core/server/server.h"
#include "sim/difference.h"
#include "sim/sim_node.h"

namespace freshet::sim {
namespace {

class KeptLog final : public Log {
 public:
  KeptLog(std::string& kept, const Verdict& verdict) : kept_(kept), verdict_(verdict) {}
  void write(freshet_level level, std::string_view who, std::string_view message) override {
    if (level == FRESHET_DEBUG) return;
    kept_ += std::string(who) + ": " + std::string(message) + "\n";
    verdict_.trace("log", std::string(who) + ": " + std::string(message));
  }

 private:
  std::string& kept_;
  const Verdict& verdict_;
};

}  // namespace

World::World(Setup setup)
    : setup_(std::move(setup)),
      scene_(setup_.seed, setup_.trace),
      air_(scene_, setup_.plant),
      log_sink_(std::make_unique<KeptLog>(log_, scene_.verdict)) {
  scene_.weather = setup_.weather;
  air_.weather = setup_.air;
  for (size_t i = 0; i < setup_.nodes; ++i) {
    nodes_.push_back(std::make_unique<SimNode>(
        SimNode::Parts{scene_, disk_, setup_.bus ? &air_ : nullptr, setup_, *log_sink_}, i));
    start(i);
  }
}

World::~World() {
  for (size_t i = 0; i < nodes_.size(); ++i) nodes_[i]->end();
  check_acknowledged();
}

SimStore& World::store() { return nodes_.front()->process().store(); }
SimPlatform& World::platform() { return nodes_.front()->process().platform(); }
Server& World::server() { return nodes_.front()->process().server(); }
const freshet_server* World::outside() { return nodes_.front()->process().outside(); }
Metrics& World::metrics() { return nodes_.front()->process().metrics(); }

int64_t World::metric(std::string_view name, size_t node) {
  const auto* metric = nodes_[node]->process().metrics().get(FRESHET_COUNTER, name, "");
  return metric == nullptr ? 0 : metric->get();
}

// ---- the processes

bool World::up(size_t node) const { return nodes_[node]->up(); }

void World::start(size_t node) { nodes_[node]->start(); }

void World::kill(size_t node) {
  if (!up(node)) return;
  nodes_[node]->trace("is killed");
  nodes_[node]->end();
  check_acknowledged();
}

bool World::stop(uint32_t deadline_ms, size_t node) {
  if (!up(node)) return true;
  nodes_[node]->trace("is stopped");
  SimPlatform& platform = nodes_[node]->process().platform();
  platform.stop(deadline_ms);
  const bool done = run_until([&] { return platform.finished(); }, deadline_ms);
  nodes_[node]->end();
  check_acknowledged();
  return done;
}

void World::set_database_away(bool away) {
  disk_.away = away;
  for (const auto& node : nodes_) {
    if (away && node->up()) node->process().store().lose_connections();
  }
}

// ---- clients

SimClient& World::client(ClientOptions options) {
  // Ids in no order, as random ones are.
  const uint64_t id = (scene_.chance.next() & 0xffff'f000) | (0x100 + clients_.size());
  const Address& address = nodes_.at(options.node)->address();
  clients_.push_back(std::make_unique<SimClient>(scene_, address, disk_, id, std::move(options)));
  everybody_.push_back(clients_.back().get());
  return *clients_.back();
}

HocuspocusClient& World::guest(ClientOptions options) {
  const uint64_t id = (scene_.chance.next() & 0xffff'f000) | (0x800 + guests_.size());
  const Address& address = nodes_.at(options.node)->address();
  guests_.push_back(
      std::make_unique<HocuspocusClient>(scene_, address, disk_, id, std::move(options)));
  everybody_.push_back(guests_.back().get());
  return *guests_.back();
}

SimClient& World::join(ClientOptions options) {
  SimClient& joined = client(std::move(options));
  joined.go_online();
  if (!run_until([&] { return joined.synced(); })) {
    throw std::runtime_error(joined.options().name + " joined, and got no first state");
  }
  return joined;
}

void World::move(SimClient& client, size_t node) { client.move_to(nodes_.at(node)->address()); }

HttpAnswer World::get(const HttpRequest& request) {
  std::optional<HttpAnswer> got;
  platform().request(request, [&](const HttpAnswer& answer) { got = answer; });
  run_until([&] { return got.has_value(); });
  return got.value_or(HttpAnswer{});
}

// ---- time

void World::run_ms(uint64_t ms) { scene_.timeline.run_until(scene_.timeline.now_us() + ms * kMs); }

bool World::run_until(const std::function<bool()>& condition, uint64_t within_ms) {
  const uint64_t end_us = scene_.timeline.now_us() + within_ms * kMs;
  while (!condition()) {
    if (scene_.timeline.now_us() >= end_us) return false;
    run_ms(1);
  }
  return true;
}

// ---- what must hold

void World::check_acknowledged() {
  if (setup_.may_lose) return;
  std::map<std::string, UpdateIds> stored;
  for (Participant* client : everybody_) {
    const std::string& room = client->options().room;
    if (!stored.contains(room)) stored[room] = disk_.readable_ids(room);
    if (const auto missing = stored[room].lacks(client->acknowledged())) {
      scene_.verdict.broke(Broken::acknowledged_lost,
                           client->options().name + " in room " + room + ": " + *missing);
    }
  }
}

bool World::calm() {
  std::map<std::string, IdRanges> stored;
  for (Participant* client : everybody_) {
    if (!client->options().comes_back || client->stays_away() || !client->online()) continue;
    if (!client->synced() || client->backlog_bytes() != 0) return false;
    const std::string& room = client->options().room;
    if (!stored.contains(room)) stored[room] = disk_.readable_ids(room).structs;
    const IdRanges known = client->known();
    if (known.lacks(stored[room]) || stored[room].lacks(known)) return false;
  }
  return true;
}

void World::check_calm() {
  Verdict& verdict = scene_.verdict;
  std::map<std::string, std::multiset<std::string>> present;
  std::map<std::string, crdt::Doc> stored;
  for (Participant* client : everybody_) {
    const std::string& room = client->options().room;
    if (!stored.contains(room)) {
      for (const Blob& update : disk_.updates(room)) {
        if (!stored[room].apply(update)) {
          verdict.broke(Broken::diverged, "room " + room + " has an update no engine takes");
        }
      }
    }
    if (!client->connected()) continue;
    if (const std::string own = client->shown(); !own.empty()) present[room].insert(own);
  }
  for (Participant* client : everybody_) {
    const ClientOptions& options = client->options();
    if (!options.comes_back || !client->online()) continue;
    if (client->stays_away()) {
      verdict.broke(Broken::turned_away,
                    options.name + " with " + std::to_string(client->close_code()));
      continue;
    }
    if (!client->synced()) {
      verdict.broke(Broken::diverged, options.name + " cannot get in");
      continue;
    }
    const std::string differs = difference(client->doc(), stored[options.room]);
    if (!differs.empty()) {
      verdict.broke(Broken::diverged,
                    options.name + " holds another document than the store" + differs);
    }
    if (client->seen() != present[options.room]) {
      std::string who;
      for (const std::string& json : client->seen()) who += " " + json;
      who += ", and there are";
      for (const std::string& json : present[options.room]) who += " " + json;
      verdict.broke(Broken::presence, options.name + " sees" + who);
    }
  }
  check_acknowledged();
}

}  // namespace freshet::sim
