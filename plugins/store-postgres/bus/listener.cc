#include "store-postgres/bus/listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "store-postgres/bus/limits.h"
#include "store-postgres/bus/message_rows.h"

namespace freshet::postgres {

namespace {

Failure unheard() {
  Failure out = lost({});
  out.brief = "what is sent is not heard";
  out.words =
      "what this node sends is not heard where it listens: a pooler stands between, or url and "
      "listen_url name different databases. Set listen_url to the address of the database itself";
  return out;
}

}  // namespace

Listener::Listener(const BusOptions& options, int stop, Host host, const NodeId& node,
                   Outgoing& outgoing, OwnNote& note, Contact& contact, Topics& topics)
    : options_(options),
      stop_(stop),
      woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      node_(node),
      outgoing_(outgoing),
      note_(note),
      contact_(contact),
      topics_(topics),
      heard_(host.counter("freshet_bus_heard_total", "Messages of others that were heard.")),
      lost_(host.counter("freshet_bus_lost_total",
                         "Messages that were announced and could not be read, or came too late.")),
      connection_(options.listening, stop) {}

Listener::~Listener() { ::close(woken_); }

void Listener::wake() { ::eventfd_write(woken_, 1); }

void Listener::serve(const std::stop_token& stop, Hearer hearer) {
  while (!stop.stop_requested()) {
    if (open()) {
      while (!stop.stop_requested() && listen(stop, hearer)) {
      }
    }
    if (stop.stop_requested()) return;
    lost();
    contact_.pause(stop, Contact::Way::hears);
  }
}

bool Listener::open() {
  if (connection_.open() != Status::ok) return false;
  Exchange x(connection_);
  x.add("LISTEN " + quoted(options_.channel));
  if (x.run() != Status::ok) return false;
  news_ms_ = steady_ms();
  note_.begin();
  outgoing_.wake();
  return true;
}

void Listener::lost() {
  note_.end();
  topics_.end();
  const Failure& failure = connection_.failure();
  contact_.down(Contact::Way::hears, failure.brief,
                "cannot listen at " + connection_.place() + ": " + failure.words);
  connection_.close();
  connection_.forget_failure();
}

bool Listener::listen(const std::stop_token& stop, Hearer hearer) {
  pollfd sockets[] = {
      {PQsocket(connection_.pg()), POLLIN, 0}, {stop_, POLLIN, 0}, {woken_, POLLIN, 0}};
  const int64_t wait_ms = std::max<int64_t>(next_look_ms() - steady_ms(), 0);
  const bool is_ready = ::poll(sockets, 3, static_cast<int>(wait_ms)) > 0;
  if (is_ready && sockets[2].revents != 0) {
    eventfd_t count = 0;
    ::eventfd_read(woken_, &count);
    if (topics_.take_missed()) hearer.missed();
  }
  if (is_ready && sockets[0].revents != 0) {
    if (PQconsumeInput(connection_.pg()) != 1) {
      const std::string why = one_line(PQerrorMessage(connection_.pg()));
      static_cast<void>(connection_.fail(postgres::lost(why)));
      return false;
    }
    news_ms_ = steady_ms();
  }
  if (!take_all(stop, hearer)) return false;
  if (note_.is_overdue(news_ms_)) {
    is_deaf_ = true;
    static_cast<void>(connection_.fail(unheard()));
    return false;
  }
  return steady_ms() < news_ms_ + kListenerQuietMs || ask();
}

int64_t Listener::next_look_ms() const {
  return news_ms_ + (note_.is_awaited() ? kUnheardMs + 1 : kListenerQuietMs);
}

bool Listener::take_all(const std::stop_token& stop, Hearer hearer) {
  struct Free {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
  };
  while (!stop.stop_requested()) {
    const std::unique_ptr<PGnotify, Free> notification(PQnotifies(connection_.pg()));
    if (!notification) return true;
    take(*notification, hearer);
    news_ms_ = steady_ms();
    if (!connection_.is_open()) return false;
  }
  return true;
}

void Listener::take(const PGnotify& notification, Hearer hearer) {
  if (!packet_.open(notification.extra)) return lost_.add();
  if (packet_.node() == node_) return take_own(hearer);
  if (!senders_.hear(packet_.node(), packet_.number())) return lost_.add();
  while (const auto message = packet_.next()) {
    if (!topics_.has(message->topic)) continue;
    if (message->whole.empty()) {
      read_row(*message, hearer);
      if (!connection_.is_open()) return;
      continue;
    }
    heard_.add();
    hearer.hear(message->topic, message->whole);
  }
  if (!packet_.ok()) lost_.add();
}

void Listener::take_own(Hearer hearer) {
  if (!packet_.is_note()) return;
  note_.heard();
  if (topics_.is_hearing()) return;
  is_deaf_ = false;
  const bool missed = topics_.begin();
  contact_.up(Contact::Way::hears);
  if (missed) hearer.missed();
}

void Listener::read_row(const PacketReader::Message& message, Hearer hearer) {
  Exchange x(connection_);
  x.begin();
  const size_t row = MessageRows::read(x, packet_.node(), message.row);
  x.add("COMMIT");
  const bool is_read = x.run() == Status::ok;
  if (is_read && x[row].count() == 1) {
    heard_.add();
    return hearer.hear(message.topic, x[row].bytes(0, 0));
  }
  lost_.add();
  if (!is_read) settle(connection_);
}

bool Listener::ask() {
  Exchange x(connection_);
  const size_t standby = x.add("SELECT pg_is_in_recovery()");
  if (x.run() != Status::ok) return false;
  news_ms_ = steady_ms();
  if (x[standby].number(0, 0) == 0) return true;
  static_cast<void>(connection_.fail(failure_of("25006", "")));
  return false;
}

}  // namespace freshet::postgres
