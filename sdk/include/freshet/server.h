// freshet/server.h: freshet.server/0, as a plugin in C++ uses it.
//
//   const auto* table = host.service<freshet_server>(FRESHET_SERVER_ID);  // in create()
//   ServerRooms rooms(table);
#pragma once

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/abi/server.h"
#include "freshet/offered/later.h"

namespace freshet {

// The rooms of the server, from outside. A cheap handle; any thread.
class ServerRooms {
 public:
  // Called once, on a shard or at once: it must not block, and not throw.
  using Done = std::function<void(Status)>;
  using Read = std::function<void(Status, std::vector<uint8_t> state)>;

  explicit ServerRooms(const freshet_server* table) : table_(table) {}

  // `json`: one value.
  Status broadcast(std::string_view room, std::string_view event, std::string_view json) const {
    return Status{table_->broadcast(table_->ctx, to_c(room), to_c(event), to_c(as_bytes(json)))};
  }
  Status evict(std::string_view room, uint64_t session) const {
    return Status{table_->evict(table_->ctx, to_c(room), session)};
  }
  Status evict_all(std::string_view room) const { return evict(room, 0); }

  // `operations`: see freshet/format/edits.h.
  void edit(std::string_view room, std::string_view operations, Done done) const {
    table_->edit(table_->ctx, to_c(room), to_c(as_bytes(operations)),
                 expect([done = std::move(done)](Status status, const std::vector<uint8_t>&) {
                   done(status);
                 }));
  }
  void read(std::string_view room, Read done) const {
    table_->read(table_->ctx, to_c(room), expect(std::move(done)));
  }
  // Without loading it. Status::unsupported: the server is too old for this.
  void state(std::string_view room, Read done) const {
    if (!FRESHET_HAS(table_, state)) return done(Status::unsupported, {});
    table_->state(table_->ctx, to_c(room), expect(std::move(done)));
  }

 private:
  static freshet_reply expect(Read done) {
    return detail::Later::expect([done = std::move(done)](Status status, LaterItems items) {
      done(status, items.empty() ? std::vector<uint8_t>() : std::move(items.back().bytes));
    });
  }

  const freshet_server* table_;
};

}  // namespace freshet
