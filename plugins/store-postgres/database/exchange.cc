#include "store-postgres/database/exchange.h"

#include <utility>

namespace freshet::postgres {

namespace {

std::string_view field(const PGresult* result, int name) {
  const char* text = PQresultErrorField(result, name);
  return text == nullptr ? std::string_view() : text;
}

}  // namespace

size_t Exchange::add(std::string_view sql, Params params) {
  return add(sql, std::move(params), nullptr);
}

size_t Exchange::add(std::string_view sql, Params params, EachRow each) {
  statements_.push_back({connection_.qualified(sql), std::move(params), std::move(each), {}});
  return statements_.size() - 1;
}

void Exchange::begin(Isolation isolation) {
  add(isolation == Isolation::one_moment ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                         : "BEGIN");
  if (!connection_.set_local().empty()) add(connection_.set_local());
}

void Exchange::commit() {
  add("COMMIT");
  commits_ = true;
}

Status Exchange::run() {
  deadline_ms_ = connection_.answer_deadline_ms();
  static_cast<void>(connection_.take_warning());
  FRESHET_CHECK(send());
  FRESHET_CHECK(receive());
  if (const std::string warning = connection_.take_warning(); commits_ && !warning.empty()) {
    return connection_.fail(unconfirmed(warning));
  }
  return seen_;
}

Status Exchange::send() {
  PGconn* pg = connection_.pg();
  if (pg == nullptr) return connection_.fail(lost("there is none"));
  for (const Statement& s : statements_) {
    const int sent = PQsendQueryParams(pg, s.sql.c_str(), s.params.count(), s.params.types(),
                                       s.params.values(), s.params.lengths(), s.params.formats(),
                                       /*resultFormat=*/1);
    if (sent != 1) return connection_.fail(lost(one_line(PQerrorMessage(pg))));
  }
  if (PQpipelineSync(pg) != 1) return connection_.fail(lost(one_line(PQerrorMessage(pg))));
  return flush();
}

Status Exchange::wait(bool also_write) {
  FRESHET_CHECK(connection_.wait(also_write, deadline_ms_));
  deadline_ms_ = connection_.answer_deadline_ms();
  PGconn* pg = connection_.pg();
  if (PQconsumeInput(pg) == 1) return Status::ok;
  return connection_.fail(lost(one_line(PQerrorMessage(pg))));
}

// Reads while it writes: a server whose answers nobody takes would read no more.
Status Exchange::flush() {
  PGconn* pg = connection_.pg();
  for (;;) {
    const int left = PQflush(pg);
    if (left == 0) return Status::ok;
    if (left < 0) return connection_.fail(lost(one_line(PQerrorMessage(pg))));
    FRESHET_CHECK(wait(/*also_write=*/true));
  }
}

// All of it, also after a failure: the pipeline is empty then, and the connection good for more.
Status Exchange::receive() {
  Status first = Status::ok;
  for (Statement& statement : statements_) {
    const Status status = receive(statement);
    if (first == Status::ok) first = status;
    if (PQstatus(connection_.pg()) != CONNECTION_OK || connection_.failure().reconnect) {
      return first == Status::ok ? Status::retry : first;
    }
  }
  PGresult* sync = nullptr;
  FRESHET_CHECK(next(sync));
  const Rows at_end(sync);
  if (PQresultStatus(sync) == PGRES_PIPELINE_SYNC) return first;
  return connection_.fail(lost("its answers are out of step"));
}

Status Exchange::receive(Statement& statement) {
  if (statement.each) PQsetSingleRowMode(connection_.pg());
  Status first = Status::ok;
  for (;;) {
    PGresult* result = nullptr;
    FRESHET_CHECK(next(result));
    if (result == nullptr) return first;
    const Status status = take(statement, result);
    if (first == Status::ok) first = status;
  }
}

Status Exchange::next(PGresult*& result) {
  PGconn* pg = connection_.pg();
  while (PQisBusy(pg) != 0) FRESHET_CHECK(wait(/*also_write=*/false));
  result = PQgetResult(pg);
  return Status::ok;
}

Status Exchange::take(Statement& statement, PGresult* result) {
  Rows rows(result);
  switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
      if (seen_ == Status::ok) seen_ = statement.each(rows);
      return Status::ok;
    case PGRES_TUPLES_OK: statement.rows = std::move(rows); return Status::ok;
    case PGRES_COMMAND_OK:
      // COMMIT of a transaction that failed answers ROLLBACK, and that as a success.
      if (statement.sql == "COMMIT" && std::string_view(PQcmdStatus(result)) != "COMMIT") {
        return connection_.fail(lost("a transaction was not committed"));
      }
      statement.rows = std::move(rows);
      return Status::ok;
    case PGRES_PIPELINE_ABORTED: return Status::retry;  // another was the first that failed
    default: return failed(result);
  }
}

Status Exchange::failed(const PGresult* result) {
  if (PQstatus(connection_.pg()) != CONNECTION_OK) {
    return connection_.fail(lost(one_line(PQresultErrorMessage(result))));
  }
  return connection_.fail(
      failure_of(field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY)));
}

void settle(Connection& connection) {
  const bool reconnect = connection.failure().reconnect;
  connection.forget_failure();
  if (reconnect) return connection.close();
  if (connection.rest() == Connection::Rest::in_transaction) {
    Exchange rollback(connection);
    rollback.add("ROLLBACK");
    static_cast<void>(rollback.run());
    connection.forget_failure();
  }
  if (connection.rest() != Connection::Rest::idle) connection.close();
}

}  // namespace freshet::postgres
