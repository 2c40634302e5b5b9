// plugins/store-postgres/database/exchange.h: statements that go to the server together, and what
// it answers: one round trip.
//
//   Exchange x(connection);
//   x.begin();
//   const size_t room = x.add("SELECT id FROM @rooms WHERE name = $1", Params().add(name));
//   x.commit();
//   FRESHET_CHECK(x.run());
//   ... x[room].number(0, 0)
//
// '@' stands for the schema. After one that fails none is carried out; Connection::failure() says
// why, and the transaction that is then open is ended by settle().
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/result.h"
#include "store-postgres/database/connection.h"
#include "store-postgres/database/params.h"
#include "store-postgres/database/rows.h"

namespace freshet::postgres {

class Exchange {
 public:
  // Sees a row, the only one of `rows`. Any status but ok: it wants no more of them.
  using EachRow = std::function<Status(const Rows& rows)>;

  explicit Exchange(Connection& connection) : connection_(connection) {}

  // The index of its rows.
  size_t add(std::string_view sql, Params params = {});
  // The rows are seen one at a time as they come, and not kept.
  size_t add(std::string_view sql, Params params, EachRow each);

  enum class Isolation { read_committed, one_moment };
  void begin(Isolation isolation = Isolation::read_committed);
  void commit();

  // Once. The first status that is not ok, of the server or of an EachRow.
  Status run();

  // REQUIRES: run() answered ok.
  const Rows& operator[](size_t index) const { return statements_[index].rows; }

 private:
  struct Statement {
    std::string sql;
    Params params;
    EachRow each;
    Rows rows;
  };

  // Waits for the socket; what it then does is a sign of life, and the deadline starts anew.
  Status wait(bool also_write);
  Status send();
  Status flush();
  Status receive();
  Status receive(Statement& statement);
  // The next of the pipeline, null between two statements.
  Status next(PGresult*& result);
  Status take(Statement& statement, PGresult* result);
  Status failed(const PGresult* result);

  Connection& connection_;
  std::vector<Statement> statements_;
  bool commits_ = false;
  int64_t deadline_ms_ = 0;
  Status seen_ = Status::ok;  // what an EachRow said
};

// After the work of a while: forgets its failure, and ends a transaction that was left open. A
// connection that will not, or that had better be another, is closed.
void settle(Connection& connection);

}  // namespace freshet::postgres
