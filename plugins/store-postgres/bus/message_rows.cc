#include "store-postgres/bus/message_rows.h"

#include <string>
#include <utility>

#include "store-postgres/bus/limits.h"
#include "store-postgres/database/schema.h"

namespace freshet::postgres {

bool MessageRows::ready(Connection& connection) {
  if (ready_) return true;
  if (steady_ms() < again_ms_) return false;
  ready_ = prepare(connection) == Status::ok;
  if (ready_) {
    told_ = false;
    return true;
  }
  again_ms_ = steady_ms() + kTableAgainMs;
  if (!std::exchange(told_, true)) {
    const Failure& failure = connection.failure();
    host_.warn("bus: large messages are dropped, as there is no table for them: " +
               (failure.any() ? failure.words : "the store has not made its schema yet"));
  }
  settle(connection);
  return false;
}

Status MessageRows::prepare(Connection& connection) {
  Exchange look(connection);
  look.begin();
  const size_t found = look.add(
      "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $1 AND c.relname = 'bus_messages'), "
      "EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)",
      params_of(Text{schema_}));
  look.add("COMMIT");
  FRESHET_CHECK(look.run());
  if (look[found].number(0, 0) != 0) return Status::ok;
  if (look[found].number(0, 1) == 0) return Status::not_found;
  return make(connection);
}

Status MessageRows::make(Connection& connection) {
  Exchange x(connection);
  x.begin();
  x.add("SELECT pg_advisory_xact_lock($1)", params_of(kSchemaLock));
  x.add(R"(CREATE UNLOGGED TABLE IF NOT EXISTS @bus_messages(node bytea, number bigint,
           message bytea NOT NULL, sent_at timestamptz NOT NULL DEFAULT now(),
           PRIMARY KEY (node, number)))");
  // They are packed already, where they can be.
  x.add("ALTER TABLE @bus_messages ALTER COLUMN message SET STORAGE EXTERNAL");
  x.add("CREATE INDEX IF NOT EXISTS bus_messages_sent ON @bus_messages(sent_at)");
  x.add("COMMIT");
  return x.run();
}

void MessageRows::failed() {
  ready_ = false;
  again_ms_ = steady_ms() + kTableAgainMs;
}

uint64_t MessageRows::add(Exchange& exchange, Bytes message) {
  exchange.add("INSERT INTO @bus_messages(node, number, message) VALUES ($1, $2, $3)",
               params_of(Bytes(node_), static_cast<int64_t>(++last_number_), message));
  return last_number_;
}

void MessageRows::sweep(Connection& connection) {
  if (!ready_ || steady_ms() < sweep_ms_) return;
  Exchange x(connection);
  x.begin();
  const size_t gone = x.add(
      "DELETE FROM @bus_messages WHERE (node, number) IN (SELECT node, number FROM @bus_messages "
      "WHERE sent_at < now() - $1 * interval '1 millisecond' ORDER BY sent_at LIMIT $2 "
      "FOR UPDATE SKIP LOCKED)",
      params_of(kRowStaysMs, kMaxRowsSwept));
  x.add("COMMIT");
  const bool swept = x.run() == Status::ok;
  // There are more of them: next time at once, but behind what is to be sent.
  const bool more = swept && x[gone].changed() == kMaxRowsSwept;
  sweep_ms_ = more ? 0 : steady_ms() + kRowsSweptEveryMs;
  if (!swept) settle(connection);
}

size_t MessageRows::read(Exchange& exchange, const NodeId& node, uint64_t number) {
  return exchange.add("SELECT message FROM @bus_messages WHERE node = $1 AND number = $2",
                      params_of(Bytes(node), static_cast<int64_t>(number)));
}

}  // namespace freshet::postgres
