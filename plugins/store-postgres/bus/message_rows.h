// plugins/store-postgres/bus/message_rows.h: messages that are too large for a payload, as rows of
// a table.
//
//   bus_messages(node, number, message, sent_at)
//
// In the store's schema, UNLOGGED: what a crash of the server takes is what a bus may lose. A row
// is of one node (packet.h) and has its number. Used by the thread that sends, over its connection;
// whoever listens reads a row by read().
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "freshet/host.h"
#include "store-postgres/bus/packet.h"
#include "store-postgres/database/exchange.h"

namespace freshet::postgres {

class MessageRows {
 public:
  MessageRows(Host host, const NodeId& node, std::string schema)
      : host_(host), node_(node), schema_(std::move(schema)) {}

  // Makes the table, if its schema is there: the store makes that, and may come later. Not asked of
  // the database again before kTableAgainMs. False: such messages cannot be sent now.
  bool ready(Connection& connection);
  // A row could not be written: the table may be gone.
  void failed();

  // The number of the row that it adds.
  uint64_t add(Exchange& exchange, Bytes message);

  // Deletes old rows, of all nodes, some of them, when it is time.
  void sweep(Connection& connection);

  // Its index among the answers of the exchange.
  static size_t read(Exchange& exchange, const NodeId& node, uint64_t number);

 private:
  Status prepare(Connection& connection);
  Status make(Connection& connection);

  const Host host_;
  const NodeId node_;
  const std::string schema_;
  uint64_t last_number_ = 0;
  bool ready_ = false;
  bool told_ = false;
  int64_t again_ms_ = 0;
  int64_t sweep_ms_ = 0;
};

}  // namespace freshet::postgres
