// core/http/admin_outbox.h: the outbox over HTTP, on the admin listener.
//
//   GET    /outbox                             topics, with what waits and what is dead
//   GET    /outbox/<topic>?dead=1&after=&limit=  its entries, a page at a time
//   GET    /outbox/<topic>/<id>                the body of one
//   POST   /outbox/<topic>/replay?id=          dead entries live again; without an id, all
//   DELETE /outbox/<topic>?id=                 dead entries are forgotten; without an id, all
//
// <topic> is percent-encoded.
#pragma once

#include <string>

#include "core/http/admin_page.h"
#include "core/http/url.h"
#include "freshet/abi/platform.h"

namespace freshet {

class Server;
class Shard;

class AdminOutbox {
 public:
  explicit AdminOutbox(Server& server) : server_(server) {}

  // False: not one of the above.
  bool answer(Shard& shard, const Target& target, const freshet_request& request,
              const admin::Respond& respond);

 private:
  void topics(Shard& shard, const admin::Respond& respond);
  void list(Shard& shard, const std::string& topic, std::string_view query,
            const admin::Respond& respond);
  void read(Shard& shard, const std::string& topic, uint64_t id, const admin::Respond& respond);
  enum class Change { revive, drop };
  void change(Shard& shard, const std::string& topic, std::string_view query, Change what,
              const admin::Respond& respond);

  Server& server_;
};

}  // namespace freshet
