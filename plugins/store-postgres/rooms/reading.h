// plugins/store-postgres/rooms/reading.h: what is asked of rooms.
//
// A room is read as of one moment, however long that takes, and without a lock.
#pragma once

#include <span>
#include <string_view>

#include "freshet/store.h"
#include "store-postgres/database/link.h"

namespace freshet::postgres {

class Reading {
 public:
  explicit Reading(Link& link) : link_(link) {}  // borrowed

  Status load(std::string_view name, Reply out);
  Status tail(std::string_view name, const freshet_epoch& epoch, uint64_t after_seq,
              uint64_t most_bytes, Reply out);
  Status heads(std::span<const freshet_str> names, Reply out);
  Status info(std::string_view name, Reply out);
  Status list(std::string_view after, uint32_t limit, Reply out);

 private:
  struct Tail;

  // `gap`: the log does not go on where `tail` ends. Nothing was told then.
  Status tail_of_log(Connection& connection, const Tail& tail, bool& gap, Reply out);
  Status tail_of_snapshot(Connection& connection, const Tail& tail, Reply out);
  Status judge(Connection& connection, const Tail& tail, const Rows& room, Reply out);

  Link& link_;
};

}  // namespace freshet::postgres
