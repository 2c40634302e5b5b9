#include "platform-ws/ws_platform.h"

#include <sys/random.h>
#include <sys/resource.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <latch>

#include "freshet/format/reason.h"
#include "platform-ws/limits.h"
#include "platform-ws/loop/connection.h"
#include "platform-ws/loop/exchange.h"
#include "platform-ws/loop/http_connection.h"
#include "platform-ws/workers/threads.h"

namespace freshet::ws {

namespace net = boost::asio;

namespace {

// Every loop and every socket needs descriptors, and the usual soft limit is 1024.
void raise_descriptor_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void warn_of_few_descriptors(const Wiring& wiring) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  if (files.rlim_cur != RLIM_INFINITY && files.rlim_cur < wiring.settings.max_connections) {
    wiring.host.warn("the system allows " + std::to_string(files.rlim_cur) +
                     " descriptors, fewer than max_connections");
  }
}

}  // namespace

WsSettings WsPlatform::read_settings(Given given, Faults& faults) {
  return WsSettings::read(given, faults);
}

Result<std::unique_ptr<WsPlatform>> WsPlatform::create(Host host, WsSettings settings) {
  raise_descriptor_limit();
  const std::string shards = std::to_string(settings.shards);
  try {
    return std::make_unique<WsPlatform>(std::move(settings), host);
  } catch (const boost::system::system_error& failure) {
    host.error("cannot make the event loops of " + shards +
               " shards: " + reason_of(failure.code().value()));
    return Status::limit;
  }
}

WsPlatform::WsPlatform(WsSettings settings, Host host)
    : signals_(main_),
      deadline_(main_),
      memory_return_(main_),
      wiring_(std::move(settings), host, [this] { net::post(main_, [this] { end_if_done(); }); }),
      listeners_(main_, wiring_) {
  for (uint32_t i = 0; i < wiring_.settings.shards; ++i) {
    loops_.push_back(std::make_unique<EventLoop>(i, wiring_));
  }
  aside_ = std::make_unique<EventLoop>(wiring_.settings.shards, wiring_);
}

// Workers first: what they still run may post to shards.
WsPlatform::~WsPlatform() { queues_.clear(); }

// ---- start --------------------------------------------------------------------------------------

Status WsPlatform::start(const freshet_listen& listen, const freshet_events& events) {
  wiring_.events = Events(&events, wiring_.host);
  warn_of_few_descriptors(wiring_);
  FRESHET_CHECK(listeners_.open(listen));
  // Before anybody can see that it listens: a signal that comes early waits for run().
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.add(SIGHUP);
  listeners_.announce();
  return Status::ok;
}

// ---- run ----------------------------------------------------------------------------------------

Status WsPlatform::run() {
  // OpenSSL writes with write(), which would kill the process when a peer has gone.
  std::signal(SIGPIPE, SIG_IGN);
  const auto stay = net::make_work_guard(main_);
  wait_for_signals();
  memory_return_.start();
  listeners_.start([this](Newcomer newcomer) {
    HttpConnection::begin(loop_for_newcomer(), std::move(newcomer));
  });
  std::vector<std::thread> threads;
  bool started = true;
  // None of them does anything before all are there: with hardly any memory left, what it began
  // with would be the end of all.
  std::latch all_there(1);
  for_each_loop([&](EventLoop& loop) {
    const auto body = [&started, &all_there, &loop] {
      all_there.wait();
      if (started) loop.run();
    };
    const std::string name = loop.aside() ? "aside" : "shard " + std::to_string(loop.index());
    started = started && start_thread(threads, name, body, wiring_.host, "`shards`");
  });
  all_there.count_down();
  if (started) main_.run();
  for_each_loop([](EventLoop& loop) { loop.stop(); });
  for (std::thread& thread : threads) thread.join();
  if (!started) return Status::limit;
  return finished_ ? Status::ok : Status::retry;
}

// One after the other; those that hang are passed over.
EventLoop& WsPlatform::loop_for_newcomer() {
  const uint64_t now_ms = monotonic_ms();
  for (size_t tried = 0; tried < loops_.size(); ++tried) {
    EventLoop& next = *loops_[next_loop_++ % loops_.size()];
    if (next.turns(now_ms)) return next;
  }
  return *aside_;
}

void WsPlatform::wait_for_signals() {
  signals_.async_wait([this](boost::system::error_code ec, int signal) {
    if (ec) return;
    if (signal == SIGHUP) {
      listeners_.reload();
    } else {
      on_stop_requested();
    }
    wait_for_signals();
  });
}

void WsPlatform::request_stop() {
  net::post(main_, [this] { on_stop_requested(); });
}

void WsPlatform::request_reload() {
  net::post(main_, [this] { listeners_.reload(); });
}

void WsPlatform::finish() {
  net::post(main_, [this] { on_finished(); });
}

void WsPlatform::on_stop_requested() {
  if (state_ != State::serving) {
    if (state_ == State::forced) return;
    wiring_.host.warn("second stop signal: ending at once");
    return force();
  }
  state_ = State::stopping;
  wiring_.host.info("stopping: accepting no more connections");
  stop_accepting();
  for_each_loop([](EventLoop& loop) { loop.begin_stopping(); });
  struct Stop {
    Wiring& wiring;
    uint32_t deadline_ms;
  };
  post(
      0,
      [](void* arg) {
        const std::unique_ptr<Stop> stop(static_cast<Stop*>(arg));
        stop->wiring.events.stop(stop->deadline_ms);
      },
      new Stop{wiring_, wiring_.settings.drain_ms});
}

void WsPlatform::stop_accepting() {
  listeners_.stop();
  deadline_.expires_after(std::chrono::milliseconds(wiring_.settings.drain_ms));
  deadline_.async_wait([this](boost::system::error_code ec) {
    if (!ec) on_deadline();
  });
}

void WsPlatform::on_finished() {
  if (finished_) return;
  finished_ = true;
  if (state_ == State::serving) stop_accepting();
  if (state_ != State::forced) {
    state_ = State::finishing;
    for_each_loop([](EventLoop& loop) { loop.begin_finish(); });
  }
  wiring_.outstanding.watch();
  end_if_done();
}

void WsPlatform::on_deadline() {
  if (state_ == State::forced) return abandon();
  wiring_.host.warn("not done within " + std::to_string(wiring_.settings.drain_ms) +
                    " ms: closing what is open");
  force();
}

void WsPlatform::force() {
  state_ = State::forced;
  for_each_loop([](EventLoop& loop) { loop.kill_all(); });
  deadline_.expires_after(std::chrono::milliseconds(kForcedEndMs));
  deadline_.async_wait([this](boost::system::error_code ec) {
    if (!ec) on_deadline();
  });
  wiring_.outstanding.watch();
  end_if_done();
}

void WsPlatform::end_if_done() {
  const bool ending = state_ == State::finishing || state_ == State::forced;
  if (ending && wiring_.outstanding.is_zero()) main_.stop();
}

// Some job hangs, and the operator has waited for it twice. Returning from run() would free what it
// works on; every acknowledged edit is on disk, so ending here is as safe as a power cut.
void WsPlatform::abandon() {
  wiring_.host.error("a worker or shard does not come to an end: ending without it");
  std::_Exit(EXIT_FAILURE);
}

template <class F>
void WsPlatform::for_each_loop(F&& f) {
  for (const auto& loop : loops_) f(*loop);
  f(*aside_);
}

// ---- the rest of the table ----------------------------------------------------------------------

void WsPlatform::random(std::span<uint8_t> out) {
  while (!out.empty()) {
    const ssize_t size = ::getrandom(out.data(), out.size(), 0);
    if (size < 0 && errno != EINTR) std::abort();  // no kernel of this century
    if (size > 0) out = out.subspan(static_cast<size_t>(size));
  }
}

Result<uint32_t> WsPlatform::queue_create(std::string_view name, uint32_t threads, uint32_t limit) {
  if (queues_.size() >= kMaxQueues || threads == 0 || threads > kMaxQueueThreads) {
    wiring_.host.error("worker queue \"" + std::string(name) + "\": too many queues or threads");
    return Status::limit;
  }
  auto queue = std::make_unique<WorkerQueue>(limit, [this](Task task, void* arg) {
    run_task(wiring_.host, task, arg);
    wiring_.outstanding.done();
  });
  if (!queue->start(std::string(name), threads, wiring_.host)) return Status::limit;
  queues_.push_back(std::move(queue));
  return static_cast<uint32_t>(queues_.size() - 1);
}

Status WsPlatform::queue_push(uint32_t queue, Task fn, void* arg) {
  if (queue >= queues_.size()) return Status::not_found;
  wiring_.outstanding.add();
  const Status pushed = queues_[queue]->push(fn, arg);
  if (pushed != Status::ok) wiring_.outstanding.done();
  return pushed;
}

void WsPlatform::respond(freshet_exchange* exchange, const freshet_response& response) {
  auto& asked = *static_cast<Exchange*>(exchange);
  assert(asked.loop.on_own_thread());
  const std::unique_ptr<Exchange> owned = asked.loop.give_up(asked);
  if (owned->http != nullptr) owned->http->respond(owned->request, response);
}

void WsPlatform::accept(freshet_exchange* exchange, const freshet_accept& accept) {
  auto& asked = *static_cast<Exchange*>(exchange);
  assert(asked.loop.on_own_thread());
  const std::unique_ptr<Exchange> owned = asked.loop.give_up(asked);
  const bool movable = owned->view().movable != 0;
  const uint32_t own = owned->loop.index();
  const uint32_t wanted = accept.close_code != 0 ? own : accept.shard;
  if (wanted >= loops_.size() || (wanted != own && !movable) || owned->view().upgrade == 0) {
    wiring_.host.error("accept() of a request that cannot become a connection on that shard");
    freshet_response refused{};
    refused.size = sizeof(refused);
    refused.status = 500;
    if (owned->http != nullptr) owned->http->respond(owned->request, refused);
    return;
  }
  if (owned->http != nullptr) {
    owned->http->accept(owned->request, accept, *loops_[wanted]);
  } else if (accept.close_code == 0) {
    Arrival gone;
    gone.data = accept.data;
    Connection::arrive(*loops_[wanted], std::move(gone));
  }
}

void WsPlatform::send(freshet_conn* conn, Bytes prefix, freshet_body* body, bool text) {
  auto& to = *static_cast<Connection*>(conn);
  // Whoever misses a message must know: it goes, and comes back.
  to.guarded([&] { to.send(prefix, body, text); });
}

Status WsPlatform::send_urgent(freshet_conn* conn, Bytes message, bool text) {
  return static_cast<Connection*>(conn)->send_urgent(message, text);
}

void WsPlatform::close(freshet_conn* conn, uint16_t code, std::string_view reason) {
  auto& to = *static_cast<Connection*>(conn);
  to.guarded([&] { to.close(code, reason); });
}

void WsPlatform::close_later(freshet_conn* conn, uint16_t code, std::string_view reason,
                             uint32_t delay_ms) {
  static_cast<Connection*>(conn)->close_later(code, reason, delay_ms);
}

void WsPlatform::pause_reading(freshet_conn* conn, uint32_t ms) {
  auto& to = *static_cast<Connection*>(conn);
  to.guarded([&] { to.pause_reading(ms); });
}

}  // namespace freshet::ws
