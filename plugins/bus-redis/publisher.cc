#include "bus-redis/publisher.h"

#include "bus-redis/limits.h"

namespace freshet::redis {

Publisher::Publisher(const Options& options, Host host, Outgoing& outgoing, Contact& contact)
    : prefix_(options.prefix()),
      shown_(options.address.shown()),
      outgoing_(outgoing),
      contact_(contact),
      sent_(host.counter("freshet_bus_sent_total", "Messages that the bus has sent.")),
      dropped_(host.counter("freshet_bus_dropped_total",
                            "Messages that the bus could not send, and did not.")),
      wire_(options) {}

void Publisher::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (wire_.is_stale()) wire_.close();
    if (!wire_.is_open() && !open()) {
      lost();
      contact_.pause(stop, Contact::Way::sends);
      continue;
    }
    outgoing_.wait_until(stop, asked_ + kQuiet);
    if (!wire_.is_stale()) static_cast<void>(work());
  }
  while (wire_.is_open() && work()) {
  }
}

// About nothing: it shows whether this user may publish.
bool Publisher::open() {
  if (!wire_.open() || wire_.ask({"PUBLISH", prefix_, ""}) == nullptr) return false;
  asked_ = Outgoing::Clock::now();
  is_refused_ = false;
  outgoing_.open();  // first: whoever sees that it is up may publish
  contact_.up(Contact::Way::sends);
  return true;
}

void Publisher::lost() {
  count_dropped(outgoing_.close());
  is_refused_ = wire_.trouble().for_good;
  contact_.down(Contact::Way::sends, wire_.trouble().brief,
                "cannot publish by Redis at " + shown_ + ": " + wire_.trouble().words);
}

bool Publisher::work() {
  const Outgoing::Taken taken = outgoing_.take(kMaxSentAtOnceBytes);
  count_dropped(taken.dropped);
  publish(taken.messages);
  if (wire_.is_open() && Outgoing::Clock::now() >= asked_ + kQuiet) {
    asked_ = Outgoing::Clock::now();
    static_cast<void>(wire_.ask({"PING"}));
  }
  return !taken.messages.empty();
}

void Publisher::publish(const std::vector<Outgoing::Message>& messages) {
  std::string channel = prefix_;
  for (const Outgoing::Message& message : messages) {
    channel.replace(prefix_.size(), std::string::npos, message.topic);
    wire_.add({"PUBLISH", channel, as_text(message.bytes)});
  }
  for (size_t answered = 0; answered < messages.size(); ++answered) {
    const Answered answer = wire_.next();
    if (answer && answer->type != REDIS_REPLY_ERROR) continue;
    if (answer) wire_.fail(*answer);
    sent_.add(static_cast<int64_t>(answered));
    return count_dropped(messages.size() - answered);
  }
  sent_.add(static_cast<int64_t>(messages.size()));
}

}  // namespace freshet::redis
