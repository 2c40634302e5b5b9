// plugins/store-postgres/bus/listener.h: the connection that listens.
//
// What comes is heard in the order in which the server committed it, but for what was overtaken by
// its sender's next connection. Large messages are read over
// the same connection, and what comes behind them waits for that.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "freshet/bus.h"
#include "freshet/bus/contact.h"
#include "freshet/bus/outgoing.h"
#include "freshet/host.h"
#include "store-postgres/bus/bus_options.h"
#include "store-postgres/bus/own_note.h"
#include "store-postgres/bus/packet.h"
#include "store-postgres/bus/senders.h"
#include "store-postgres/bus/topics.h"
#include "store-postgres/database/exchange.h"

namespace freshet::postgres {

class Listener {
 public:
  // Borrows all but the host and the node. `stop`: see Connection. `outgoing` is woken when a note
  // is to be sent.
  Listener(const BusOptions& options, int stop, Host host, const NodeId& node, Outgoing& outgoing,
           OwnNote& note, Contact& contact, Topics& topics);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // A thread of its own, until it is stopped.
  void serve(const std::stop_token& stop, Hearer hearer);

  // missed() has to be said. [any]
  void wake();
  // What is sent is not heard, though the database answers over both connections. [any]
  bool is_deaf() const { return is_deaf_; }

 private:
  bool open();
  void lost();
  // False: the connection is good for nothing more.
  bool listen(const std::stop_token& stop, Hearer hearer);
  int64_t next_look_ms() const;
  bool take_all(const std::stop_token& stop, Hearer hearer);
  void take(const PGnotify& notification, Hearer hearer);
  void take_own(Hearer hearer);
  void read_row(const PacketReader::Message& message, Hearer hearer);
  bool ask();

  const BusOptions& options_;
  const int stop_;
  const int woken_;  // an eventfd
  const NodeId node_;
  Outgoing& outgoing_;
  OwnNote& note_;
  Contact& contact_;
  Topics& topics_;
  const Metric heard_, lost_;
  Connection connection_;
  PacketReader packet_;
  Senders senders_;
  int64_t news_ms_ = 0;  // when something came last
  std::atomic<bool> is_deaf_ = false;
};

}  // namespace freshet::postgres
