#include "sim/platform/sim_platform.h"

#include <utility>

namespace freshet::sim {
SimPlatform::SimPlatform(Scene& scene, uint32_t shards)
    : scene_(scene), threads_(scene, shards), connections_(scene, threads_, bodies_) {}

SimPlatform::~SimPlatform() = default;

Status SimPlatform::start(const freshet_listen&, const freshet_events& events) {
  events_ = &events;
  connections_.start(events);
  return Status::ok;
}

void SimPlatform::random(std::span<uint8_t> out) {
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(scene_.chance.next());
}

// ---- its machine

void SimPlatform::pause(uint32_t ms, ClockThen clock) {
  if (threads_.paused() || threads_.dead()) return;
  threads_.pause();
  scene_.timeline.after(ms * kMs, [this, ms, clock] {
    if (clock == ClockThen::stands) threads_.clock().stood_us += ms * kMs;
    threads_.go_on();
  });
}

// ---- requests

SimExchange& SimPlatform::add_exchange(const HttpRequest& request) {
  auto owned = std::make_unique<SimExchange>();
  SimExchange& exchange = *owned;
  exchange.id = ++last_exchange_;
  exchange.shard = static_cast<uint32_t>(scene_.chance.below(threads_.shards()));
  exchange.take(request);
  exchanges_.emplace(exchange.id, std::move(owned));
  return exchange;
}

void SimPlatform::deliver(SimExchange& exchange) {
  const uint64_t at_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  scene_.timeline.at(threads_.turn_at(exchange.shard, at_us), [this, &exchange] {
    threads_.turn(exchange.shard, [this, &exchange] {
      events_->on_request(events_->ctx, exchange.shard, exchange.handle(), &exchange.c);
    });
  });
}

SocketId SimPlatform::connect(Peer& peer, const std::string& target, Movable movable,
                              Headers headers) {
  SimConnection& conn = connections_.add(peer);
  if (threads_.dead() || stopping_ || events_ == nullptr) {
    connections_.refuse(conn, 0);
    return conn.id;
  }
  SimExchange& exchange = add_exchange({.target = target, .headers = std::move(headers)});
  exchange.conn = &conn;
  exchange.c.upgrade = 1;
  exchange.c.movable = movable == Movable::yes ? 1 : 0;
  deliver(exchange);
  return conn.id;
}

void SimPlatform::request(const HttpRequest& request,
                          std::function<void(const HttpAnswer&)> on_answer) {
  if (threads_.dead() || events_ == nullptr) return on_answer({});
  SimExchange& exchange = add_exchange(request);
  exchange.on_answer = std::move(on_answer);
  deliver(exchange);
}

void SimPlatform::respond(freshet_exchange* handle, const freshet_response& response) {
  if (threads_.dead()) return;
  SimExchange& exchange = SimExchange::of(handle);
  threads_.require(threads_.on_shard(exchange.shard),
                   "respond is called on the shard of the request");
  HttpAnswer answer{.status = response.status, .headers = {}, .body = {}};
  for (size_t i = 0; i < response.header_count; ++i) {
    answer.headers.emplace_back(view(response.headers[i].name), view(response.headers[i].value));
  }
  answer.body = as_text(view(response.body));
  const uint64_t delay_us = scene_.within(scene_.weather.network);
  if (exchange.conn != nullptr) {
    connections_.refuse(*exchange.conn, answer.status);
  } else {
    scene_.timeline.after(delay_us, [answer, told = exchange.on_answer] { told(answer); });
  }
  exchanges_.erase(exchange.id);
}

void SimPlatform::accept(freshet_exchange* handle, const freshet_accept& accept) {
  const SimExchange& exchange = SimExchange::of(handle);
  threads_.require(threads_.on_shard(exchange.shard),
                   "accept is called on the shard of the request");
  threads_.require(accept.shard < threads_.shards(), "accept names a shard that is there");
  threads_.require(exchange.c.movable != 0 || accept.shard == exchange.shard,
                   "accept leaves a connection that cannot move where it is");
  SimConnection& conn = *exchange.conn;
  connections_.accept(conn, accept);
  exchanges_.erase(exchange.id);
}

// ---- the end

void SimPlatform::stop(uint32_t deadline_ms) {
  if (threads_.dead() || events_ == nullptr) return;
  stopping_ = true;
  connections_.restart();
  scene_.timeline.at(threads_.turn_at(0, scene_.timeline.now_us()), [this, deadline_ms] {
    threads_.turn(0, [this, deadline_ms] { events_->on_stop(events_->ctx, deadline_ms); });
  });
}

void SimPlatform::kill() {
  connections_.break_off();
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->on_answer) scene_.timeline.after(0, [told = exchange->on_answer] { told({}); });
  }
  threads_.die();
  do {
    threads_.work_off();
    connections_.end();
  } while (!threads_.idle());
}

void SimPlatform::check_end() {
  if (bodies_.count() != 0) {
    scene_.verdict.broke(Broken::leaked, std::to_string(bodies_.count()) + " bodies are left");
  }
}

}  // namespace freshet::sim
