// plugins/store-postgres/bus/sender.h: the connection that notifies.
//
// What was published while a transaction was under way goes together with the next: one round trip
// for many messages about many topics. What fails is dropped and counted.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bus/contact.h"
#include "freshet/bus/outgoing.h"
#include "freshet/host.h"
#include "store-postgres/bus/bus_options.h"
#include "store-postgres/bus/message_rows.h"
#include "store-postgres/bus/own_note.h"
#include "store-postgres/bus/packet.h"
#include "store-postgres/database/exchange.h"

namespace freshet::postgres {

class Sender {
 public:
  // Borrows all but the host and the node. `stop`: see Connection.
  Sender(const BusOptions& options, int stop, Host host, const NodeId& node, Outgoing& outgoing,
         OwnNote& note, Contact& contact);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // A thread of its own, until it is stopped. What waits then is sent, if that goes on.
  void serve(const std::stop_token& stop);

  void count_dropped(size_t messages) { dropped_.add(static_cast<int64_t>(messages)); }  // [any]

 private:
  bool open();
  void lost();
  bool work();
  void add_note();
  void send(const std::vector<Outgoing::Message>& messages);
  void send_row(const Outgoing::Message& message);
  Status send_packets();
  // Adds what notifies of all that is packed, and ends the transaction.
  void add_notify(Exchange& exchange);
  Status conclude(Status status);
  void ask();

  const BusOptions& options_;
  const Host host_;
  Outgoing& outgoing_;
  OwnNote& note_;
  Contact& contact_;
  const Metric sent_, dropped_, transactions_, queue_;
  Connection connection_;
  Packets packets_;
  MessageRows rows_;
  size_t packed_ = 0;                        // messages in packets_
  std::optional<OwnNote::Listening> noted_;  // there is a note in it, too
  Outgoing::Clock::time_point asked_{};
  int64_t told_ms_ = 0;  // of a failure that left the connection as it was
};

}  // namespace freshet::postgres
