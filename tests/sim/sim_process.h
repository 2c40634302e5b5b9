// tests/sim/sim_process.h: one server process: the real core and plugins on a simulated outside.
//
// Once it is killed its server is destroyed, and what is left is a shell that late events find.
#pragma once

#include <memory>

#include "core/server/server.h"
#include "crdt-native/native_crdt.h"
#include "freshet/testing.h"
#include "protocol-hocuspocus/hocuspocus_protocol.h"
#include "protocol-pluv/pluv_protocol.h"
#include "protocol-yjs/yjs_protocol.h"
#include "sim/bus/sim_bus.h"
#include "sim/platform/sim_platform.h"
#include "sim/plugins/sim_store.h"
#include "sim/world.h"

namespace freshet::sim {

class SimProcess {
 public:
  // `node`: which of the setup it is. `air`: null for a server without a bus.
  SimProcess(Scene& scene, SimDisk& disk, SimAir* air, const Setup& setup, size_t node, Log& log);
  ~SimProcess();
  SimProcess(const SimProcess&) = delete;
  SimProcess& operator=(const SimProcess&) = delete;

  void end();

  SimPlatform& platform() { return platform_; }
  SimStore& store() { return store_; }
  SimBus* bus() { return bus_.get(); }  // null: it has none
  Server& server() { return *server_; }
  Metrics& metrics() { return metrics_; }
  const freshet_server* outside() { return tables_.server.table(); }

 private:
  void offer(const Setup& setup, size_t node);
  void watch(Peer* peer, Bytes message);

  Scene& scene_;
  Metrics metrics_;
  Server::Tables tables_;
  testing::FakeHost plugin_host_;
  testing::FakeHost protocol_host_;
  SimPlatform platform_;
  SimStore store_;
  std::unique_ptr<SimBus> bus_;
  Bound<Platform> platform_table_;
  std::unique_ptr<Bound<Auth>> auth_table_;
  testing::FakeHost engine_host_;
  std::unique_ptr<NativeCrdt> crdt_;
  std::unique_ptr<Bound<Crdt>> crdt_table_;
  std::unique_ptr<yjs::YjsProtocol> protocol_;
  std::unique_ptr<Bound<Protocol>> protocol_table_;
  testing::FakeHost hocuspocus_host_;
  std::unique_ptr<hocuspocus::HocuspocusProtocol> hocuspocus_;
  std::unique_ptr<Bound<Protocol>> hocuspocus_table_;
  testing::FakeHost pluv_host_;
  std::unique_ptr<pluv::PluvProtocol> pluv_;
  std::unique_ptr<Bound<Protocol>> pluv_table_;
  std::unique_ptr<Server> server_;
  Services services_;
};

}  // namespace freshet::sim
