#include "core/server/server.h"

#include <algorithm>
#include <array>

#include "core/host/plugin_host.h"
#include "core/http/route_claims.h"
#include "core/offered/room_table.h"
#include "core/server/limits.h"
#include "core/store/epoch.h"
#include "freshet/abi/outbox.h"
#include "freshet/abi/room.h"
#include "freshet/abi/room_storage.h"
#include "freshet/abi/server.h"

namespace freshet {
namespace {

Links& links_of(Link& link) { return link.home().shards().at(link.home().loop().shard()).links; }

// Runs `f` with the link of a connection, on the shard where both live.
template <class F>
void at_home(freshet_conn* conn, F f) {
  auto& link = *static_cast<Link*>(conn->data);
  const OnShard here(link.home().loop().shard());
  f(link);
}

}  // namespace

Server::Server(const Limits& limits, Log& log, Metrics& metrics, Tables& tables, AdminRules admin)
    : limits_(limits),
      admin_(std::move(admin)),
      log_(log),
      metrics_(metrics),
      tables_(tables),
      room_metrics_(metrics),
      shard_metrics_(metrics),
      over_metrics_(metrics),
      sent_away_(metrics, log),
      user_rates_(limits_),
      budget_(limits.documents_bytes,
              metrics.gauge("freshet_documents_bytes",
                            "Memory of all documents, and of updates being applied.")),
      ceiling_(limits.memory_bytes, log, metrics),
      app_metrics_(metrics),
      admin_key_(admin_.key, metrics, log),
      events_(make_events()) {}

Server::~Server() {
  tables_.server.close();
  tables_.outbox.close();
  tables_.storage.close();
  tables_.ears.close();
}

void Server::leave_plugins() {
  if (bus_ != nullptr) bus_->leave();
}

const freshet_room* Server::rooms() const { return &kRoomTable; }

void Server::Tables::offer_to(PluginHost& host) const {
  host.offer(FRESHET_ROOM_ID, &kRoomTable);
  host.offer(FRESHET_OUTBOX_ID, outbox.table());
  host.offer(FRESHET_ROOM_STORAGE_ID, storage.table());
  host.offer(FRESHET_SERVER_ID, server.table());
}

Status Server::start(const Services& services, Problems& problems) {
  services_ = &services;
  const freshet_platform& platform = *services.platform.table;
  replies_ = std::make_unique<Replies>(platform, metrics_, log_);
  store_ = std::make_unique<StoreQueue>(platform, *services.store.table, *replies_, limits_,
                                        services.store.plugin, services.store.limits);
  bus_ = std::make_unique<NodeBus>(services.bus.table, services.bus.plugin, *replies_, metrics_);
  loaders_ = std::make_unique<Workers>(platform);
  compactors_ = std::make_unique<Workers>(platform);
  auth_workers_ = std::make_unique<Workers>(platform);
  route_workers_ = std::make_unique<Workers>(platform);
  identification_ = std::make_unique<Identification>(services, *replies_, *auth_workers_, limits_);
  front_ = std::make_unique<Front>(http_parts());
  FRESHET_CHECK(read_wires(problems));
  FRESHET_CHECK(front_->read_routes(problems));
  check_outbox(problems);
  check_bus(problems);
  FRESHET_CHECK(read_apps(problems));
  if (!problems.empty()) return Status::conflict;
  FRESHET_CHECK(open_queues());
  make_shards();
  watch_store();
  FRESHET_CHECK(listen_to_others(problems));
  tables_.outbox.open(*store_, shards_.at(0).rooms.loop(), node_);
  tables_.storage.open(*store_, 0, limits_);
  tables_.server.open(shards_, limits_, draining_);
  return Status::ok;
}

void Server::check_outbox(Problems& problems) const {
  const auto& store = services_->store;
  if (!tables_.outbox.watched() || keeps_outbox(*store.table)) return;
  problems.add(store.line, "plugin.use",
               "\"" + store.plugin +
                   "\" keeps no outbox, and a plugin of this manifest needs one: use a store that "
                   "does, like \"store-sqlite\"");
}

void Server::check_bus(Problems& problems) const {
  const auto& bus = services_->bus;
  if (!bus || is_shared(*services_->store.table)) return;
  problems.add(bus.line, "plugin.use",
               "\"" + bus.plugin + "\" is a bus between servers that share a store, and \"" +
                   services_->store.plugin +
                   "\" is this server's own: use a store that many may share, like "
                   "\"store-postgres\", or no bus");
}

Status Server::read_wires(Problems& problems) {
  RouteClaims claims;
  for (const auto& offered : services_->protocols) {
    Wire wire{offered.table, offered.plugin, static_cast<uint32_t>(wires_.size()), {}, {}, {}};
    wire.calls = WireCalls(offered.plugin);
    wire.traits.size = sizeof(wire.traits);
    wire.protocol->traits(wire.protocol->self, &wire.traits);
    const ItemSink routes([&](Bytes route) {
      wire.routes.emplace_back(as_text(route));
      claims.claim(wire.routes.back(), offered, problems);
      return Status::ok;
    });
    FRESHET_CHECK(Status{wire.protocol->routes(wire.protocol->self, routes.c())});
    wires_.push_back(std::move(wire));
  }
  return Status::ok;
}

Status Server::read_apps(Problems& problems) {
  const Application* first = nullptr;
  for (const auto& offered : services_->apps) {
    apps_.push_back(std::make_unique<Application>(*offered.table, offered.plugin,
                                                  *services_->platform.table, *replies_,
                                                  services_->late_veto_allows, offered.limits));
    FRESHET_CHECK(procedures_.read(*apps_.back(), offered, problems));
    if (apps_.back()->wants.initial_storage == 0) continue;
    if (first != nullptr) {
      problems.add(offered.line, "plugin.use",
                   "\"" + offered.plugin + "\" gives rooms their first state, and so does \"" +
                       first->plugin + "\": only one app of a server may");
    }
    first = apps_.back().get();
  }
  return Status::ok;
}

Status Server::open_queues() {
  for (const auto& app : apps_) {
    FRESHET_CHECK(app->workers.open("app", kAppThreads, kMaxWaitingJobs));
  }
  FRESHET_CHECK(store_->open());
  FRESHET_CHECK(loaders_->open("load", kLoaderThreads, kMaxWaitingJobs));
  FRESHET_CHECK(compactors_->open("compact", kCompactorThreads, kMaxWaitingJobs));
  FRESHET_CHECK(auth_workers_->open("auth", kPluginThreads, kMaxWaitingJobs));
  return route_workers_->open("routes", kPluginThreads, kMaxWaitingJobs);
}

HttpParts Server::http_parts() {
  return {.services = *services_,
          .wires = wires_,
          .limits = limits_,
          .draining = draining_,
          .shards = shards_,
          .replies = *replies_,
          .store = *store_,
          .outbox = tables_.outbox,
          .compactors = *compactors_,
          .identification = *identification_,
          .route_workers = *route_workers_,
          .health = health_,
          .metrics = metrics_,
          .plugins = plugins_,
          .admin = admin_,
          .admin_key = admin_key_};
}

void Server::make_shards() {
  const freshet_platform& platform = *services_->platform.table;
  shards_.expect(std::max(1u, platform.shards(platform.self)));
  pulses_ = std::make_unique<Pulse[]>(shards_.count());
  platform.random(platform.self, node_.run, sizeof(node_.run));
  const Shard::Parts parts{*services_->crdt.table,
                           *store_,
                           *bus_,
                           *replies_,
                           *loaders_,
                           *compactors_,
                           budget_,
                           ceiling_,
                           limits_,
                           log_,
                           metrics_,
                           room_metrics_,
                           shard_metrics_,
                           app_metrics_,
                           apps_,
                           procedures_,
                           pulses(),
                           std::to_array(node_.run),
                           [this] {
                             if (endings_ != nullptr) endings_->hurry();
                           }};
  for (uint32_t i = 0; i < shards_.count(); ++i) {
    on_loops_.push_back(std::make_unique<OnLoop>(shards_, Loop(platform, i), parts, user_rates_,
                                                 over_metrics_, sent_away_, *identification_));
    OnLoop& made = *on_loops_.back();
    shards_.add({made.rooms, made.links, made.drain});
  }
  for (const auto& each : on_loops_) {
    each->rooms.start_ticking();
    each->links.start_ticking();
  }
  live_ = std::make_unique<Live>(Lookouts::Parts{*services_, limits_, shards_, *store_, metrics_,
                                                 admin_key_, log_tail_, plugins_,
                                                 hex(Bytes(node_.run))});
  live_->start();
  front_->set_live(live_.get());
  ceiling_.start(shards_.at(0).rooms.loop());
  settling_ = std::make_unique<Settling>(shards_.at(0).rooms.loop(), apps_, log_);
}

void Server::watch_store() {
  const auto tell_all = [this](const std::string& trouble) {
    for (const auto& each : on_loops_) {
      Shard* shard = &each->rooms;
      shard->loop().post([shard, trouble] { shard->set_store_trouble(trouble); });
    }
  };
  store_watch_ = std::make_unique<StoreWatch>(shards_.at(0).rooms.loop(), *store_, tell_all);
  store_watch_->start();
  if (!is_shared(*services_->store.table)) return;
  store_claim_ = std::make_unique<StoreClaim>(shards_.at(0).rooms.loop(), *store_,
                                              bus_->claimant(node_), log_);
  store_claim_->start();
}

// Every shard hears, of its rooms and of nodes.
Status Server::listen_to_others(Problems& problems) {
  if (!bus_->there()) return Status::ok;
  const auto every = [this](auto f) {
    for (const auto& each : on_loops_) f(each->rooms.ears());
  };
  const bool tells = shards_.at(0).rooms.apps().hear(FRESHET_ROOM_DELETED);
  nodes_ = std::make_unique<Nodes>(
      shards_.at(0).rooms.loop(), *store_, Nodes::Self{node_, services_->about, tells}, log_,
      metrics_,
      Nodes::Told{.ended =
                      [every](const freshet_node& node) {
                        every([&](ShardEars& ears) { ears.end(node); });
                      },
                  .living =
                      [every](const std::vector<freshet_node>& nodes) {
                        every([&](ShardEars& ears) { ears.live(nodes); });
                      },
                  .anew =
                      [every](const freshet_node& self) {
                        every([&](ShardEars& ears) { ears.begin_anew(self); });
                      }});
  nodes_->start();
  tell_endings();
  tables_.ears.open(
      {.hear = [this](std::string_view room,
                      Bytes message) { shards_.of(room).rooms.ears().hear(room, message); },
       .missed = [every] { every([](ShardEars& ears) { ears.missed(); }); }});
  const auto& bus = services_->bus;
  const Status started{bus->start(bus->self, tables_.ears.table())};
  if (started != Status::ok) {
    problems.add(bus.line, "plugin.use",
                 "\"" + bus.plugin + "\" does not start (" + std::string(name_of(started)) +
                     "); the log says why");
  }
  return started;
}

// To the apps of the room's own shard, as all else of it.
void Server::tell_endings() {
  if (!shards_.at(0).rooms.apps().hear(FRESHET_ROOM_DELETED)) return;
  const auto tell = [this](const std::string& room, uint64_t id,
                           const std::function<void(Status)>& done) {
    Shard& shard = shards_.of(room).rooms;
    shard.loop().post([&shard, room, id, done] {
      shard.apps().tell(
          {.kind = FRESHET_ROOM_DELETED, .room = room, .unix_ms = shard.loop().unix_ms(), .id = id},
          done);
    });
  };
  endings_ = std::make_unique<Endings>(shards_.at(0).rooms.loop(), *store_, node_, tell);
  endings_->start();
}

// ---- what the platform calls

freshet_events Server::make_events() {
  return {
      .size = sizeof(freshet_events),
      .ctx = this,
      .on_request =
          [](void* ctx, uint32_t shard, freshet_exchange* exchange,
             const freshet_request* request) {
            const OnShard here(shard);
            auto& self = *static_cast<Server*>(ctx);
            self.front_->on_request(self.shards_.at(shard).links, exchange, *request);
          },
      .on_open =
          [](void*, freshet_conn* conn) {
            at_home(conn,
                    [&](Link& link) { links_of(link).open(std::unique_ptr<Link>(&link), conn); });
          },
      .on_message =
          [](void*, freshet_conn* conn, freshet_bytes message, int text) {
            at_home(conn, [&](Link& link) { link.message(view(message), text != 0); });
          },
      .on_drain = [](void*,
                     freshet_conn* conn) { at_home(conn, [](Link& link) { link.drained(); }); },
      .on_close =
          [](void*, freshet_conn* conn) {
            at_home(conn, [](Link& link) { links_of(link).remove(link); });
          },
      .on_stop = [](void* ctx,
                    uint32_t deadline_ms) { static_cast<Server*>(ctx)->stop(deadline_ms); },
      .on_fault =
          [](void*, freshet_conn* conn, uint16_t code, freshet_str reason) {
            at_home(conn, [&](Link& link) { link.fault(code, view(reason)); });
          },
      .body_limit = [](void* ctx, uint32_t, const freshet_request* head) -> uint64_t {
        return static_cast<Server*>(ctx)->front_->body_limit(*head);
      },
      .on_aside =
          [](void* ctx, freshet_exchange* exchange, const freshet_request* request) {
            static_cast<Server*>(ctx)->front_->on_aside(exchange, *request);
          },
  };
}

void Server::stop(uint32_t deadline_ms) {
  log_.info("server", "stopping: saving what is unsaved, then closing connections, within " +
                          std::to_string(deadline_ms) + " ms");
  if (when_stopping_) when_stopping_();
  draining_ = true;
  undrained_shards_ = shards_.count();
  if (endings_ != nullptr) endings_->stop();
  const uint64_t apps_until_ms =
      shards_.at(0).rooms.loop().now_ms() + deadline_ms - deadline_ms / kEndShare;
  for (const auto& each : on_loops_) {
    each->rooms.loop().post([this, drain = &each->drain, apps_until_ms] {
      drain->start([this, apps_until_ms] { on_drained(apps_until_ms); });
    });
  }
}

void Server::on_drained(uint64_t apps_until_ms) {
  if (--undrained_shards_ != 0) return;
  const freshet_platform& platform = *services_->platform.table;
  settling_->start(apps_until_ms, [this, &platform] {
    const auto finish = [&platform] { platform.finish(platform.self); };
    nodes_ == nullptr ? finish() : nodes_->end(finish);
  });
}

}  // namespace freshet
