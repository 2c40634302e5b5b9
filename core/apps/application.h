// core/apps/application.h: one app of this server, with what it said of itself at start-up.
#pragma once

#include <string>

#include "core/loop/replies.h"
#include "core/loop/workers.h"
#include "core/report/in_plugin.h"
#include "freshet/abi/app.h"

namespace freshet {

struct Application {
  Application(const freshet_app& app, std::string id, const freshet_platform& platform,
              Replies& replies, bool is_allowed_when_late, const PluginLimits& limits = {})
      : table(app),
        plugin(std::move(id)),
        allowed_when_late(is_allowed_when_late),
        workers(platform),
        notice(replies, plugin, "notice", {Status::ok}, limits),
        initial_storage(replies, plugin, "initial_storage", {Status::ok, Status::not_found},
                        limits),
        // Whatever it answers whoever called.
        call(replies, plugin, "call",
             {Status::ok, Status::malformed, Status::unauthenticated, Status::denied,
              Status::not_found, Status::conflict, Status::too_large, Status::limit,
              Status::unsupported},
             limits),
        before_join(replies, plugin, "before_join", {Status::ok, Status::denied}, limits),
        before_edit(replies, plugin, "before_edit", {Status::ok, Status::denied}, limits) {
    wants.size = sizeof(wants);
    table.wants(table.self, &wants);
  }

  bool hears(uint32_t kind) const { return (wants.notices >> kind & 1) != 0; }
  bool wants_state(uint32_t kind) const { return (wants.states >> kind & 1) != 0; }
  bool settled() const {
    const InPlugin inside(settled_call.c_str());
    return !FRESHET_HAS(&table, settled) || table.settled(table.self) != 0;
  }

  // Of FRESHET_VETO_...: whether it is asked.
  bool may_veto(uint32_t what) const {
    if ((wants.vetoes & what) == 0) return false;
    return what == FRESHET_VETO_JOIN ? FRESHET_HAS(&table, before_join)
                                     : FRESHET_HAS(&table, before_edit);
  }

  const freshet_app& table;
  const std::string plugin;
  const bool allowed_when_late;                          // what it was asked about
  const std::string settled_call = plugin + ".settled";  // what a thread is in meanwhile
  freshet_app_wants wants{};
  Workers workers;  // its own: one that hangs holds up no other
  Callee notice, initial_storage, call, before_join, before_edit;
};

}  // namespace freshet
