// plugins/store-postgres/database/connection.h: one connection to the server.
//
// Used by one thread at a time. What fails is kept as failure() until it is forgotten.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "freshet/result.h"
#include "store-postgres/database/database.h"
#include "store-postgres/database/failure.h"

namespace freshet::postgres {

class Connection {
 public:
  // Borrows the database. `stop`: a descriptor that is readable once nobody waits any more.
  Connection(const Database& database, int stop);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Blocks for as long as connect_timeout allows, for each host of the URL.
  Status open();
  void close() { pg_.reset(); }
  bool is_open() const { return pg_ != nullptr; }
  // Whether the server has hung up meanwhile, as far as can be seen without asking it.
  bool is_stale() const;

  const Failure& failure() const { return failure_; }
  Status fail(Failure failure);  // the first of them is kept; answers its status

  void forget_failure() { failure_ = {}; }

  // How it is between two calls.
  enum class Rest { idle, in_transaction, broken };
  Rest rest() const;

  PGconn* pg() const { return pg_.get(); }
  // "host:port, user, database": for the log. Nothing that is secret.
  std::string place() const;
  // The statement with the schema's name for each '@'.
  std::string qualified(std::string_view sql) const;

  // What has to be said to be within the options in every transaction; empty: nothing.
  const std::string& set_local() const { return set_local_; }

  // Waits until the socket can be read, or also written to, or it is time to give up.
  Status wait(bool also_write, int64_t deadline_ms);
  int64_t answer_deadline_ms() const;

  // A warning came since the last take_warning().
  std::string take_warning();

 private:
  struct Finish {
    void operator()(PGconn* pg) const { PQfinish(pg); }
  };

  const Database& database_;
  const int stop_;
  const std::string prefix_;  // "schema".
  const std::string set_local_;
  std::string warning_;
  std::unique_ptr<PGconn, Finish> pg_;
  Failure failure_;
};

// Milliseconds of a clock that only goes forward.
int64_t steady_ms();

// An identifier as SQL has it, in double quotes.
std::string quoted(std::string_view identifier);

// libpq's words for a failed connection, on one line.
std::string one_line(std::string_view text);

}  // namespace freshet::postgres
