// core/host/services.h: what the plugins of one manifest offer, sorted by kind.
//
// Made by PluginHost::create(), read by the server. Plain pointers into plugins, which live as long
// as the host that collected them.
#pragma once

#include <string>
#include <vector>

#include "core/config/plugin_limits.h"
#include "freshet/abi/app.h"
#include "freshet/abi/auth.h"
#include "freshet/abi/bus.h"
#include "freshet/abi/crdt.h"
#include "freshet/abi/http.h"
#include "freshet/abi/platform.h"
#include "freshet/abi/protocol.h"
#include "freshet/abi/store.h"

namespace freshet {

// A table, and whose it is, for messages. Null table: nobody offers it.
template <class Table>
struct Offered {
  const Table* table = nullptr;
  std::string plugin;  // its id
  uint32_t line = 1;   // of the manifest, where it is used
  PluginLimits limits = {};

  explicit operator bool() const { return table != nullptr; }
  const Table* operator->() const { return table; }
};

struct Services {
  Offered<freshet_platform> platform;
  Offered<freshet_crdt> crdt;
  Offered<freshet_store> store;
  Offered<freshet_auth> auth;  // may be missing: an open server
  Offered<freshet_bus> bus;    // may be missing: a server on its own
  std::string about;           // what other nodes are told of this one
  bool open = false;           // to everybody, and to pages from everywhere, says the manifest

  bool late_veto_allows = false;  // the same: what an app has not refused in time

  // In manifest order.
  std::vector<Offered<freshet_protocol>> protocols;
  std::vector<Offered<freshet_http>> https;
  std::vector<Offered<freshet_app>> apps;
};

}  // namespace freshet
