// plugins/store-postgres/database/failure.h: why the database did not do what it was asked.
#pragma once

#include <string>
#include <string_view>

#include "freshet/result.h"

namespace freshet::postgres {

struct Failure {
  enum class Kind {
    passing,  // of this call alone: a deadlock, a lock that was not had in time
    outage,   // the next call will meet it as well
    damage,   // of what is stored
  };
  Status status = Status::ok;
  Kind kind = Kind::outage;
  bool reconnect = false;  // another connection may do better
  std::string words;       // for the log
  std::string_view brief;  // for strangers: nothing of this installation in it

  bool any() const { return status != Status::ok; }
};

// `state`: PostgreSQL's five characters. `message`: its first line, which goes into the log where
// there are no better words.
Failure failure_of(std::string_view state, std::string_view message);

// The connection broke, or nothing came over it in time.
Failure lost(std::string_view message);

// COMMIT was done here, but a standby that was to have it has not said so.
Failure unconfirmed(std::string_view message);

}  // namespace freshet::postgres
