#include "store-postgres/database/link.h"

#include <poll.h>

#include <string>
#include <utility>

#include "store-postgres/database/schema.h"

namespace freshet::postgres {

namespace {

Failure another_database(std::string_view brief, std::string words) {
  Failure other = lost("");
  other.brief = brief;
  other.words = std::move(words);
  return other;
}

}  // namespace

bool Link::stopping() const {
  pollfd stop{stop_, POLLIN, 0};
  return ::poll(&stop, 1, 0) > 0;
}

Status Link::ensure_open(std::string_view doing) {
  // One that the server closed while nobody needed it is no failure of this call, and one that was
  // opened to another history of the database is looked at anew.
  if (connection_.is_stale() || history_.doubted()) connection_.close();
  if (connection_.is_open()) return Status::ok;
  if (stopping() || !troubles_.may_connect()) return Status::retry;
  Status status = connection_.open();
  if (status == Status::ok) status = verify();
  troubles_.connected(status == Status::ok);
  if (status == Status::ok) return Status::ok;
  troubles_.failed(connection_.failure(), doing, "", connection_.place());
  connection_.close();
  return Status::retry;
}

Status Link::verify() {
  Exchange x(connection_);
  const size_t meta = x.add("SELECT version, oldest, cluster, history FROM @meta");
  FRESHET_CHECK(x.run());
  if (x[meta].count() != 1)
    return connection_.fail(another_database("the database is another than before",
                                             "the schema there is not Freshet's"));
  const int64_t version = x[meta].number(0, 0), oldest = x[meta].number(0, 1);
  if (oldest > kSchemaVersion) {
    return connection_.fail(
        another_database("the database is of a newer version than before",
                         "the schema there is of version " + std::to_string(version) +
                             " now, and this Freshet knows " + std::to_string(kSchemaVersion) +
                             ": run the newer one here as well"));
  }
  const std::string_view cluster = x[meta].text(0, 2);
  if (cluster != options_.cluster) {
    return connection_.fail(another_database(
        "the database is another cluster's",
        "the schema there belongs to the cluster \"" + std::string(cluster) + "\" now"));
  }
  return expect_history(x[meta].number(0, 3));
}

Status Link::expect_history(int64_t there) {
  if (history_.matches(there)) return Status::ok;
  return connection_.fail(another_database(
      "the database was put back to another time",
      there < history_.number()
          ? "the database was put back to before the history that this server knows: stop all "
            "servers, run `freshet cluster new-history`, and start them again"
          : "the database was given a new history while this server ran, so what this server knows "
            "of its rooms is of another: start it again"));
}

Status Link::conclude(Status status, Access access, std::string_view doing, std::string_view room) {
  const Failure failure = connection_.failure();
  if (failure.any()) {
    if (failure.kind == Failure::Kind::damage && !room.empty()) {
      status = troubles_.damaged(room, failure.words);
    } else if (!stopping()) {
      troubles_.failed(failure, doing, room, connection_.place());
    }
    if (status == Status::ok) status = failure.status;
  } else if (access == Access::reads) {
    troubles_.has_read();
  } else if (status == Status::ok) {
    troubles_.has_written();
  }
  settle(connection_);
  return status;
}

}  // namespace freshet::postgres
