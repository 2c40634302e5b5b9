#include "sim/sim_process.h"

#include <cstdio>
#include <cstdlib>

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

Plant plant_at(const Setup& setup, size_t node) {
  return setup.plant_node && *setup.plant_node != node ? Plant::none : setup.plant;
}

}  // namespace

SimProcess::SimProcess(Scene& scene, SimDisk& disk, SimAir* air, const Setup& setup, size_t node,
                       Log& log)
    : scene_(scene),
      protocol_host_(yjs::YjsProtocol::kSettings),
      platform_(scene, setup.shards),
      store_(scene, disk, platform_, plant_at(setup, node), setup.sharing()),
      platform_table_(platform_, plugin_host_.host()),
      engine_host_(NativeCrdt::kSettings),
      hocuspocus_host_(hocuspocus::HocuspocusProtocol::kSettings),
      pluv_host_(pluv::PluvProtocol::kSettings) {
  auto crdt = NativeCrdt::create(engine_host_.host(), [this] { return platform_.now_ms(); });
  if (!crdt) std::abort();
  crdt_ = std::move(*crdt);
  crdt_table_ = std::make_unique<Bound<Crdt>>(*crdt_, engine_host_.host());
  server_ = std::make_unique<Server>(setup.limits, log, metrics_, tables_);
  protocol_host_.offer(FRESHET_ROOM_ID, server_->rooms());
  protocol_host_.set("retry_delay_ms", int64_t{setup.retry_delay_ms});
  auto protocol = make_plugin<yjs::YjsProtocol>(protocol_host_.host());
  if (!protocol) std::abort();
  protocol_ = std::move(*protocol);
  protocol_table_ = std::make_unique<Bound<Protocol>>(*protocol_, protocol_host_.host());

  pluv_host_.offer(FRESHET_ROOM_ID, server_->rooms());
  auto pluv = make_plugin<pluv::PluvProtocol>(pluv_host_.host());
  if (!pluv) std::abort();
  pluv_ = std::move(*pluv);
  pluv_table_ = std::make_unique<Bound<Protocol>>(*pluv_, pluv_host_.host());

  hocuspocus_host_.offer(FRESHET_ROOM_ID, server_->rooms());
  hocuspocus_host_.set("retry_delay_ms", int64_t{setup.retry_delay_ms});
  auto hocuspocus = make_plugin<hocuspocus::HocuspocusProtocol>(hocuspocus_host_.host());
  if (!hocuspocus) std::abort();
  hocuspocus_ = std::move(*hocuspocus);
  hocuspocus_table_ = std::make_unique<Bound<Protocol>>(*hocuspocus_, hocuspocus_host_.host());

  if (air != nullptr) bus_ = std::make_unique<SimBus>(scene, *air, platform_);
  if (setup.nodes > 1) store_.expect_conflicts();
  offer(setup, node);
  platform_.connections().expect_reader_bound(setup.limits.reader_hard_bytes);
  // A room that is open does not have at once what others append to it.
  if (setup.nodes == 1) {
    platform_.connections().watch_sends(
        [this](Peer* peer, Bytes message) { watch(peer, message); });
  }
  Problems problems("simulator");
  if (server_->start(services_, problems) != Status::ok) std::abort();
  if (platform_.start({}, server_->events()) != Status::ok) std::abort();
}

void SimProcess::offer(const Setup& setup, size_t node) {
  services_.open = setup.open;
  services_.late_veto_allows = setup.late_veto_allows;
  services_.platform = {platform_table_.table(), "sim-platform"};
  services_.store = {store_.table(), "sim-store"};
  if (bus_ != nullptr) services_.bus = {bus_->table(), "sim-bus"};
  const freshet_crdt* engine = crdt_table_->table();
  services_.crdt = {setup.wrap_crdt ? setup.wrap_crdt(engine) : engine, "crdt-native"};
  const freshet_protocol* wire = protocol_table_->table();
  services_.protocols.push_back(
      {setup.wrap_protocol ? setup.wrap_protocol(wire) : wire, "protocol-yjs"});
  services_.protocols.push_back({pluv_table_->table(), "protocol-pluv"});
  services_.protocols.push_back({hocuspocus_table_->table(), "protocol-hocuspocus"});
  for (const freshet_http* http : setup.https) services_.https.push_back({http, "sim-http"});
  const auto apps = setup.apps_of ? setup.apps_of(node) : setup.apps;
  for (const freshet_app* app : apps)
    services_.apps.push_back({app, "sim-app", 1, setup.plugin_limits});
  if (setup.auth != nullptr) {
    auth_table_ = std::make_unique<Bound<Auth>>(*setup.auth, plugin_host_.host());
    services_.auth = {auth_table_->table(), "sim-auth", 1, setup.plugin_limits};
  } else if (setup.auth_table != nullptr) {
    services_.auth = {setup.auth_table, "sim-auth", 1, setup.plugin_limits};
  }
}

// What the core shows a joiner must hold all that was stored when it came: a room is loaded whole
// or not at all, and what is stored was in it before. Not what was stored since: between a room and
// a connection on another shard, what it is shown is under way for a while.
void SimProcess::watch(Peer* peer, Bytes message) {
  const auto* client = dynamic_cast<const SimClient*>(peer);
  if (client == nullptr) return;
  Reader in(message);
  if (in.varuint() != 0 || in.varuint() != 0) return;
  const auto shown = read_state_vector(in.bytes());
  // What waits for something that never came to the disk is in no state vector.
  crdt::Doc doc;
  for (const Blob& update : client->stored_when_it_came()) static_cast<void>(doc.load(update));
  std::vector<uint8_t> state_vector;
  doc.state_vector(state_vector);
  const auto stored = read_state_vector(state_vector).value_or(IdRanges{});
  for (const auto& [author, spans] : stored.clients()) {
    if (shown && shown->end_of(author) >= stored.end_of(author)) continue;
    scene_.verdict.broke(
        Broken::served_half_loaded,
        client->options().name + " is shown too little of author " + std::to_string(author));
  }
}

void SimProcess::end() {
  if (server_ == nullptr) return;
  store_.die();
  if (bus_ != nullptr) bus_->die();
  platform_.kill();
  server_.reset();
  platform_.check_end();
}

SimProcess::~SimProcess() {
  end();
  crdt_table_.reset();
  // It complains of what its calls throw.
  std::fputs(engine_host_.log().c_str(), stderr);
}

}  // namespace freshet::sim
