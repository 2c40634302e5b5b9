#include "store-postgres/bus/postgres_bus.h"

#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include <utility>

namespace freshet::postgres {

Result<std::unique_ptr<PostgresBus>> PostgresBus::create(Host host, BusOptions options) {
  NodeId node;
  if (::getrandom(node.data(), node.size(), 0) != static_cast<ssize_t>(node.size())) {
    host.error("bus: the system has no random bytes");
    return Status::retry;
  }
  return std::unique_ptr<PostgresBus>(new PostgresBus(host, std::move(options), node));
}

PostgresBus::PostgresBus(Host host, BusOptions options, const NodeId& node)
    : options_(std::move(options)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      contact_(host, "the database"),
      outgoing_({.topic_bytes = FRESHET_BUS_TOPIC_BYTES,
                 .message_bytes = kMaxBusMessageBytes,
                 .queued_bytes = kMaxOutgoingBytes,
                 .longest_wait = kLongestWait}),
      sender_(options_, stop_, host, node, outgoing_, note_, contact_),
      listener_(options_, stop_, host, node, outgoing_, note_, contact_, topics_) {}

PostgresBus::~PostgresBus() {
  stop();
  ::close(stop_);
}

// What was published last may be that this node goes, so it is given a moment to leave.
void PostgresBus::stop() {
  sending_.request_stop();
  listening_.request_stop();
  if (sending_.joinable()) static_cast<void>(all_sent_.try_acquire_for(kFarewell));
  ::eventfd_write(stop_, 1);
  if (sending_.joinable()) sending_.join();
  if (listening_.joinable()) listening_.join();
}

Status PostgresBus::start(Hearer hearer) {
  sending_ = std::jthread([this](const std::stop_token& stop) {
    sender_.serve(stop);
    all_sent_.release();
  });
  listening_ =
      std::jthread([this, hearer](const std::stop_token& stop) { listener_.serve(stop, hearer); });
  contact_.wait_tried(kLongestStart);
  if (!listener_.is_deaf()) return Status::ok;
  stop();
  return Status::unsupported;
}

void PostgresBus::subscribe(std::string_view topic, LateReply done) {
  if (topic.size() > FRESHET_BUS_TOPIC_BYTES) return done.done(Status::too_large);
  if (topics_.add(topic)) return done.done(Status::ok);
  done.done(Status::retry);
  if (topics_.owes_missed()) listener_.wake();
}

Status PostgresBus::publish(std::string_view topic, Bytes message) {
  const Status status = outgoing_.push(topic, message);
  if (status != Status::ok) sender_.count_dropped(1);
  return status;
}

}  // namespace freshet::postgres
