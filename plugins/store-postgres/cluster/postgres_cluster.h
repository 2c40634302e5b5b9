// plugins/store-postgres/cluster/postgres_cluster.h: what nodes know of each other through the
// database.
//
// Times are the database's. A room that nodes have open has one row in `openings`, whose lock makes
// opens and closes of it come one after the other, and one in `open_rooms` for each node: so there
// is exactly one transaction that takes the last of them away, and it leaves the notice.
#pragma once

#include "freshet/store.h"
#include "store-postgres/database/link.h"
#include "store-postgres/rooms/reading.h"
#include "store-postgres/rooms/whole_rooms.h"

namespace freshet::postgres {

class PostgresCluster final : public StoreCluster {
 public:
  // Borrowed.
  PostgresCluster(Link& link, Reading& reading, WholeRooms& whole_rooms)
      : link_(link), reading_(reading), whole_rooms_(whole_rooms) {}

  Status tail(std::string_view room, const freshet_epoch& epoch, uint64_t after_seq,
              uint64_t most_bytes, Reply out) override;
  Status heads(std::span<const freshet_str> rooms, Reply out) override;
  Status beat(const freshet_node& node, Bytes about, Reply out) override;
  Status end(const freshet_node& node, bool tell) override;
  Status open(const freshet_node& node, std::span<const freshet_str> rooms) override;
  Status close(const freshet_node& node, std::span<const freshet_str> rooms, bool tell,
               Reply out) override;
  Status nodes(std::string_view room, Reply out) override;
  Status notices(uint64_t after, uint32_t limit, Reply out) override;
  Status remove_notice(uint64_t id) override;
  Status claim(std::string_view name, const freshet_node& node, uint32_t ms) override;
  Status fold(const freshet_fold& fold) override { return whole_rooms_.replace(fold); }
  Status new_history(std::string_view after, uint32_t limit, Reply out) override {
    return whole_rooms_.new_history(after, limit, out);
  }

 private:
  Link& link_;
  Reading& reading_;
  WholeRooms& whole_rooms_;
};

}  // namespace freshet::postgres
