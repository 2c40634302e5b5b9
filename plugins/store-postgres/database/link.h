// plugins/store-postgres/database/link.h: a connection that is opened again when it broke.
//
// One per worker, used by its thread alone.
#pragma once

#include <string_view>
#include <utility>

#include "freshet/result.h"
#include "store-postgres/database/connection.h"
#include "store-postgres/database/exchange.h"
#include "store-postgres/database/known_history.h"
#include "store-postgres/database/troubles.h"
#include "store-postgres/options.h"

namespace freshet::postgres {

class Link {
 public:
  // Borrows all of them.
  Link(const Options& options, KnownHistory& history, int stop, Troubles& troubles)
      : options_(options),
        history_(history),
        stop_(stop),
        troubles_(troubles),
        connection_(options.database, stop) {}

  enum class Access { reads, writes };

  // Carries out `work` (Status(Connection&)) on an open connection, tells of what the database
  // failed at, and leaves no transaction open. `doing` and `room` are for the log.
  template <class Work>
  Status run(Access access, std::string_view doing, std::string_view room, Work&& work) {
    if (const Status status = ensure_open(doing); status != Status::ok) return status;
    return conclude(work(connection_), access, doing, room);
  }
  template <class Work>
  Status read(std::string_view doing, std::string_view room, Work&& work) {
    return run(Access::reads, doing, room, std::forward<Work>(work));
  }
  template <class Work>
  Status write(std::string_view doing, std::string_view room, Work&& work) {
    return run(Access::writes, doing, room, std::forward<Work>(work));
  }

  KnownHistory& history() { return history_; }
  // Fails, and so does all that comes after it, if the history that is there is another than the
  // known one.
  Status expect_history(int64_t there);

  Troubles& troubles() { return troubles_; }
  const Options& options() const { return options_; }

 private:
  Status ensure_open(std::string_view doing);
  Status verify();  // that this is the schema it was at the start
  Status conclude(Status status, Access access, std::string_view doing, std::string_view room);
  bool stopping() const;

  const Options& options_;
  KnownHistory& history_;
  const int stop_;
  Troubles& troubles_;
  Connection connection_;
};

}  // namespace freshet::postgres
