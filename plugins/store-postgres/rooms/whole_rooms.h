// plugins/store-postgres/rooms/whole_rooms.h: a room folded into a snapshot, put, or erased; and
// the sweeping behind it.
//
// A snapshot is written before the room's row is touched, under an id of its own, so the row is
// locked for a moment only. What is then no longer needed is written down in `leftovers` with when
// it is due, by the transaction that makes it so, and deleted in parts later, by whichever node
// finds it. A snapshot that never came to be a room's is such a leftover, too.
#pragma once

#include <cstdint>
#include <string_view>

#include "freshet/store.h"
#include "store-postgres/database/link.h"

namespace freshet::postgres {

class WholeRooms {
 public:
  explicit WholeRooms(Link& link) : link_(link) {}  // borrowed

  Status replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                 Bytes snapshot);
  // Only over what the caller has read.
  Status replace(const freshet_fold& fold);
  Status put(std::string_view name, const freshet_epoch& epoch, Bytes snapshot);
  Status erase(std::string_view name);
  // See freshet_store.
  Status new_history(std::string_view after, uint32_t limit, Reply out);

  // Deletes what is due, a bounded part of it.
  Status sweep();

 private:
  // A snapshot that is no room's yet, and the leftover that deletes it if it never is.
  struct Written {
    int64_t id = 0;
    int64_t leftover = 0;
    int64_t bytes = 0;
  };

  // What is to be swapped for a snapshot.
  struct Through {
    std::string_view name;
    const freshet_epoch& epoch;
    int64_t seq;
    const freshet_fold* as_read;  // null: whatever is there
  };

  Status replace(const Through& through, Bytes snapshot);
  Status write_snapshot(Connection& connection, Bytes snapshot, Written& written);
  static size_t look(Exchange& exchange, const Through& through, std::string_view how);
  Status swap(Connection& connection, const Through& through, const Written& written);
  Status begin_history(Connection& connection, std::string_view name, const freshet_epoch& epoch,
                       const Written& written);
  Status sweep_part(Connection& connection, bool& more);

  Link& link_;
};

}  // namespace freshet::postgres
