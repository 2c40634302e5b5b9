#include "store-postgres/bus/sender.h"

#include <utility>

#include "store-postgres/bus/limits.h"
#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

// Nobody waits for a disk: what the transaction leaves behind is a note that is gone with a crash.
constexpr std::string_view kUnhurried = "SET LOCAL synchronous_commit = off";

}  // namespace

Sender::Sender(const BusOptions& options, int stop, Host host, const NodeId& node,
               Outgoing& outgoing, OwnNote& note, Contact& contact)
    : options_(options),
      host_(host),
      outgoing_(outgoing),
      note_(note),
      contact_(contact),
      sent_(host.counter("freshet_bus_sent_total", "Messages that the bus has sent.")),
      dropped_(host.counter("freshet_bus_dropped_total",
                            "Messages that the bus could not send, and did not.")),
      transactions_(host.counter("freshet_bus_notify_transactions_total",
                                 "Transactions in which messages were sent.")),
      queue_(host.gauge("freshet_bus_notify_queue_permille",
                        "How full the database's queue of notifications is.")),
      connection_(options.sending, stop),
      packets_(node),
      rows_(host, node, options.sending.schema) {}

void Sender::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (connection_.is_stale()) connection_.close();
    if (!connection_.is_open() && !open()) {
      if (!stop.stop_requested()) lost();
      contact_.pause(stop, Contact::Way::sends);
      continue;
    }
    outgoing_.wait_until(stop, asked_ + kSenderQuiet);
    if (!connection_.is_stale()) static_cast<void>(work());
  }
  while (connection_.is_open() && work()) {
  }
}

// It is open once a note has gone out: a standby takes the connection, and no more.
bool Sender::open() {
  if (connection_.open() != Status::ok) return false;
  add_note();
  if (send_packets() != Status::ok) return false;
  asked_ = Outgoing::Clock::now();
  outgoing_.open();  // first: whoever sees that it is up may publish
  contact_.up(Contact::Way::sends);
  return true;
}

void Sender::lost() {
  count_dropped(outgoing_.close());
  const Failure& failure = connection_.failure();
  contact_.down(Contact::Way::sends, failure.brief,
                "cannot send at " + connection_.place() + ": " + failure.words);
  connection_.close();
  connection_.forget_failure();
}

void Sender::add_note() {
  packets_.add_note();
  noted_ = note_.listening();
}

// False: nothing waited.
bool Sender::work() {
  const Outgoing::Taken taken = outgoing_.take(kMaxSentAtOnceBytes);
  count_dropped(taken.dropped);
  if (note_.is_wanted()) add_note();
  send(taken.messages);
  rows_.sweep(connection_);
  if (Outgoing::Clock::now() >= asked_ + kSenderQuiet) ask();
  return !taken.messages.empty();
}

void Sender::send(const std::vector<Outgoing::Message>& messages) {
  for (size_t i = 0; i < messages.size(); ++i) {
    const Outgoing::Message& message = messages[i];
    // It may have been closed for the one before.
    if (!connection_.is_open() && !open()) return count_dropped(messages.size() - i);
    if (Packets::fits(message.topic, message.bytes)) {
      packets_.add(message.topic, message.bytes);
      ++packed_;
      continue;
    }
    static_cast<void>(conclude(send_packets()));  // what was published before it
    send_row(message);
  }
  static_cast<void>(conclude(send_packets()));
}

// By itself: if it fails, as where a disk is full, nothing else does.
void Sender::send_row(const Outgoing::Message& message) {
  if (!connection_.is_open() || !rows_.ready(connection_)) return count_dropped(1);
  Exchange x(connection_);
  x.begin();
  x.add(kUnhurried);
  packets_.add_row(message.topic, rows_.add(x, message.bytes));
  add_notify(x);
  const Status status = conclude(x.run());
  if (status == Status::ok) return sent_.add();
  count_dropped(1);
  rows_.failed();
}

Status Sender::send_packets() {
  if (packets_.empty()) return Status::ok;
  Exchange x(connection_);
  x.begin();
  x.add(kUnhurried);
  add_notify(x);
  const size_t messages = std::exchange(packed_, 0);
  const auto noted = std::exchange(noted_, std::nullopt);
  if (x.run() != Status::ok) {
    count_dropped(messages);
    return connection_.failure().status;
  }
  sent_.add(static_cast<int64_t>(messages));
  if (noted) note_.sent(*noted);
  return Status::ok;
}

// COMMIT as a statement like others: a warning, as that the queue fills, is no failure of it.
void Sender::add_notify(Exchange& exchange) {
  Array payloads = Array::of_bytes();
  for (const std::string& payload : packets_.take()) payloads.add(payload);
  // Of base64 'escape' makes the same, as a text.
  exchange.add("SELECT pg_notify($1, encode(p, 'escape')) FROM unnest($2) AS p",
               params_of(Text{options_.channel}, std::move(payloads)));
  exchange.add("COMMIT");
  transactions_.add();
}

Status Sender::conclude(Status status) {
  if (status == Status::ok) return status;
  const Failure failure = connection_.failure();
  settle(connection_);
  // One that is lost is opened again, and told of if it cannot be.
  if (!connection_.is_open()) return status;
  if (told_ms_ != 0 && steady_ms() < told_ms_ + kToldAgainMs) return status;
  told_ms_ = steady_ms();
  host_.warn("bus: messages were dropped at " + connection_.place() + ": " + failure.words);
  return status;
}

void Sender::ask() {
  asked_ = Outgoing::Clock::now();
  Exchange x(connection_);
  const size_t full = x.add("SELECT (pg_notification_queue_usage() * 1000)::bigint");
  if (conclude(x.run()) == Status::ok) queue_.set(x[full].number(0, 0));
}

}  // namespace freshet::postgres
