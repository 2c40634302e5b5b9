// core/http/admin/admin_outbox.h: the outbox over HTTP, on the admin listener.
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

#include "core/http/page.h"
#include "core/http/parts.h"
#include "freshet/abi/platform.h"
#include "freshet/format/url.h"

namespace freshet {

class AdminOutbox {
 public:
  explicit AdminOutbox(const HttpParts& parts) : parts_(parts) {}

  // False: not one of the above.
  bool answer(const Loop& loop, const Target& target, const freshet_request& request,
              const Respond& respond);

 private:
  void topics(const Loop& loop, const Respond& respond);
  void list(const Loop& loop, const std::string& topic, std::string_view query,
            const Respond& respond);
  void read(const Loop& loop, const std::string& topic, uint64_t id, const Respond& respond);
  enum class Change { revive, drop };
  void change(const Loop& loop, const std::string& topic, std::string_view query, Change what,
              const Respond& respond);

  const HttpParts& parts_;
};

}  // namespace freshet
