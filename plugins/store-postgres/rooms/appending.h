// plugins/store-postgres/rooms/appending.h: one batch, one transaction.
//
//   1. rooms that may be new are inserted, all rooms of the batch are locked, then the writer's row
//   2. rows of the log, rooms and the writer's row are written, and COMMIT
//
// Two round trips. Locks are taken in the order of the rooms' names, by every call of every node,
// so that two never wait for each other. `last_seq` moves only under its room's lock: a log has no
// gaps, and who reads it in order has read it all.
#pragma once

#include "freshet/host.h"
#include "freshet/store.h"
#include "store-postgres/database/link.h"

namespace freshet::postgres {

class AppendPlan;

class Appending {
 public:
  // Borrows the link.
  Appending(Link& link, Host host);

  Status append(const freshet_batch& batch, Reply out);

 private:
  enum class Found { fresh, written };

  // What `plan` is of: locks its rows and reads them.
  Status lock(Connection& connection, const freshet_batch& batch, AppendPlan& plan, Found& found);
  Status write(Connection& connection, const freshet_batch& batch, AppendPlan& plan);
  Status confirm(Connection& connection, const freshet_batch& batch);
  Status carry_out(Connection& connection, const freshet_batch& batch, AppendPlan& plan, Reply out);

  Link& link_;
  const Host host_;
  Metric updates_, bytes_, commits_, commit_microseconds_;
};

}  // namespace freshet::postgres
