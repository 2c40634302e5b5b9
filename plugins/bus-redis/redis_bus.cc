#include "bus-redis/redis_bus.h"

#include <signal.h>

#include <utility>

namespace freshet::redis {

namespace {

// The library writes to sockets that the server may have closed. For the calling thread.
void take_no_pipe_signals() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

std::string place_of(const Options& options) {
  Address without_user = options.address;
  without_user.user.clear();
  return "redis " + without_user.shown() + ", cluster " + options.cluster;
}

}  // namespace

RedisBus::RedisBus(Host host, Options options)
    : options_(std::move(options)),
      place_(place_of(options_)),
      contact_(host, "Redis"),
      outgoing_({.topic_bytes = FRESHET_BUS_TOPIC_BYTES,
                 .message_bytes = kMaxMessageBytes,
                 .queued_bytes = kMaxOutgoingBytes,
                 .longest_wait = kLongestWait}),
      publisher_(options_, host, outgoing_, contact_),
      subscriber_(options_, host, contact_) {}

// What was published last may be that this node goes: Publisher sends what waits, as long as the
// server answers.
void RedisBus::stop() {
  publishing_.request_stop();
  listening_.request_stop();
  subscriber_.wake();
  if (publishing_.joinable()) publishing_.join();
  if (listening_.joinable()) listening_.join();
}

Status RedisBus::start(Hearer hearer) {
  publishing_ = std::jthread([this](const std::stop_token& stop) {
    take_no_pipe_signals();
    publisher_.serve(stop);
  });
  listening_ = std::jthread([this, hearer](const std::stop_token& stop) {
    take_no_pipe_signals();
    subscriber_.serve(stop, hearer);
  });
  contact_.wait_tried(kLongestStart);
  if (!publisher_.is_refused() && !subscriber_.is_refused()) return Status::ok;
  stop();
  return Status::denied;
}

void RedisBus::subscribe(std::string_view topic, LateReply done) {
  if (topic.size() > FRESHET_BUS_TOPIC_BYTES) return done.done(Status::too_large);
  if (subscriber_.subscribe(topic, done)) return;
  done.done(Status::retry);
  subscriber_.say_missed_again();
}

Status RedisBus::publish(std::string_view topic, Bytes message) {
  const Status status = outgoing_.push(topic, message);
  if (status != Status::ok) publisher_.count_dropped(1);
  return status;
}

}  // namespace freshet::redis
