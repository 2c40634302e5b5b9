// core/http/parts.h: what of the server requests are answered with.
#pragma once

#include <atomic>
#include <vector>

#include "core/audience/wire.h"
#include "core/config/limits.h"
#include "core/host/plugin_account.h"
#include "core/host/services.h"
#include "core/http/admin/admin_door.h"
#include "core/identity/identification.h"
#include "core/loop/replies.h"
#include "core/loop/workers.h"
#include "core/offered/outbox_table.h"
#include "core/report/health.h"
#include "core/report/metrics.h"
#include "core/shards/shards.h"
#include "core/store/store_queue.h"

namespace freshet {

// All of them outlive what they are given to.
struct HttpParts {
  const Services& services;
  const std::vector<Wire>& wires;
  const Limits& limits;
  const std::atomic<bool>& draining;  // the server stops
  const Shards& shards;
  Replies& replies;
  StoreQueue& store;
  OutboxTable& outbox;
  Workers& compactors;
  Identification& identification;
  Workers& route_workers;
  const Health& health;
  Metrics& metrics;
  const std::vector<PluginAccount>& plugins;
  const AdminRules& admin;
  AdminKey& admin_key;
};

}  // namespace freshet
