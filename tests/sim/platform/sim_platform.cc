#include "sim/platform/sim_platform.h"

#include <algorithm>

#include "freshet/abi/close.h"
#include "sim/platform/sim_connection.h"

namespace freshet::sim {

SimPlatform::SimPlatform(Scene& scene, uint32_t shards)
    : scene_(scene), shards_(shards), stalled_until_us_(shards, 0) {}

SimPlatform::~SimPlatform() = default;

void SimPlatform::require(bool kept, const char* rule) {
  if (!kept && !dead_) scene_.verdict.broke(Broken::platform_contract, rule);
}

Status SimPlatform::start(const freshet_listen&, const freshet_events& events) {
  events_ = &events;
  return Status::ok;
}

void SimPlatform::random(std::span<uint8_t> out) {
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(scene_.chance.next());
}

// ---- threads

uint64_t SimPlatform::turn_at(uint32_t shard, uint64_t when_us) const {
  return std::max(when_us, stalled_until_us_[shard]);
}

void SimPlatform::turn(uint32_t shard, const std::function<void()>& f) {
  if (dead_) return;
  as_thread(thread_of_shard(shard), f);
  if (scene_.chance.percent(scene_.weather.stall_percent)) {
    // Only what comes from now on waits, so that order is kept.
    stalled_until_us_[shard] = scene_.timeline.now_us() + scene_.within(scene_.weather.stall);
  }
}

void SimPlatform::post(uint32_t shard, Task fn, void* arg) {
  const uint64_t id = ++last_id_;
  tasks_.emplace(id, Posted{fn, arg, thread_of_shard(shard)});
  if (dead_) return;
  uint64_t& last_us = last_post_us_[{thread_, shard}];
  const uint64_t sent_us = scene_.timeline.now_us() + scene_.within(scene_.weather.post);
  last_us = std::max(last_us, turn_at(shard, sent_us));
  scene_.timeline.at(last_us, [this, id, shard] { turn(shard, [this, id] { run_task(id); }); });
}

void SimPlatform::run_task(uint64_t id) {
  const auto it = tasks_.find(id);
  const Posted task = it->second;
  tasks_.erase(it);
  task.fn(task.arg);
}

void SimPlatform::post_after(uint32_t shard, uint32_t delay_ms, Task fn, void* arg) {
  if (dead_) return;
  require(on_shard(shard), "post_after is called on its own shard");
  const uint64_t due_us = scene_.timeline.now_us() + delay_ms * kMs;
  scene_.timeline.at(turn_at(shard, due_us),
                     [this, shard, fn, arg] { turn(shard, [fn, arg] { fn(arg); }); });
}

Result<uint32_t> SimPlatform::queue_create(std::string_view name, uint32_t threads,
                                           uint32_t limit) {
  queues_.push_back({std::string(name), threads, limit, {}, std::vector<bool>(threads, false)});
  return static_cast<uint32_t>(queues_.size() - 1);
}

Status SimPlatform::queue_push(uint32_t queue, Task fn, void* arg) {
  WorkQueue& q = queues_[queue];
  if (q.waiting.size() >= q.limit) return Status::limit;
  q.waiting.push_back({fn, arg, 0});
  ++q.pushed;
  if (!dead_) dispatch(queue);
  return Status::ok;
}

size_t SimPlatform::pushed(std::string_view queue) const {
  const auto it =
      std::ranges::find_if(queues_, [&](const WorkQueue& each) { return each.name == queue; });
  return it == queues_.end() ? 0 : it->pushed;
}

void SimPlatform::dispatch(uint32_t queue) {
  WorkQueue& q = queues_[queue];
  for (uint32_t thread = 0; thread < q.threads && !q.waiting.empty(); ++thread) {
    if (q.busy[thread]) continue;
    q.busy[thread] = true;
    Posted job = q.waiting.front();
    q.waiting.pop_front();
    const uint64_t id = ++last_id_;
    job.thread = 1'000 * (queue + 1) + thread;
    tasks_.emplace(id, job);
    scene_.timeline.after(scene_.within(scene_.weather.worker), [this, queue, thread, id] {
      if (dead_) return;
      as_thread(1'000 * (queue + 1) + thread, [this, id] { run_task(id); });
      queues_[queue].busy[thread] = false;
      dispatch(queue);
    });
  }
}

// ---- requests

void SimPlatform::request(const HttpRequest& request,
                          std::function<void(const HttpAnswer&)> on_answer) {
  if (dead_ || events_ == nullptr) return on_answer({});
  auto owned = std::make_unique<Exchange>();
  Exchange& exchange = *owned;
  exchange.id = ++last_id_;
  exchange.shard = static_cast<uint32_t>(scene_.chance.below(shards_));
  exchange.take(request);
  exchange.on_answer = std::move(on_answer);
  exchanges_.emplace(exchange.id, std::move(owned));
  const uint64_t at_us = scene_.timeline.now_us() + scene_.within(scene_.weather.network);
  scene_.timeline.at(turn_at(exchange.shard, at_us), [this, &exchange] {
    turn(exchange.shard, [this, &exchange] {
      events_->on_request(events_->ctx, exchange.shard, exchange.handle(), &exchange.c);
    });
  });
}

void SimPlatform::respond(freshet_exchange* handle, const freshet_response& response) {
  if (dead_) return;
  Exchange& exchange = Exchange::of(handle);
  require(on_shard(exchange.shard), "respond is called on the shard of the request");
  HttpAnswer answer{.status = response.status, .headers = {}, .body = {}};
  for (size_t i = 0; i < response.header_count; ++i) {
    answer.headers.emplace_back(view(response.headers[i].name), view(response.headers[i].value));
  }
  answer.body = as_text(view(response.body));
  const uint64_t delay_us = scene_.within(scene_.weather.network);
  if (Conn* conn = exchange.conn) {
    conn->state = Conn::State::closed;
    tell(*conn, [status = answer.status](Peer& peer) { peer.on_closed(1006, "", status); });
  } else {
    scene_.timeline.after(delay_us, [answer, told = exchange.on_answer] { told(answer); });
  }
  exchanges_.erase(exchange.id);
}

void SimPlatform::stop(uint32_t deadline_ms) {
  if (dead_ || events_ == nullptr) return;
  stopping_ = true;
  for (const auto& [id, conn] : conns_) say_held(*conn, FRESHET_CLOSE_RESTART, "");
  scene_.timeline.at(turn_at(0, scene_.timeline.now_us()), [this, deadline_ms] {
    turn(0, [this, deadline_ms] { events_->on_stop(events_->ctx, deadline_ms); });
  });
}

// ---- bodies

freshet_body* SimPlatform::body_create(size_t size) {
  auto* body = new Body;
  body->bytes.resize(size);
  body->data = body->bytes.data();
  body->size = size;
  ++bodies_;
  return body;
}

void SimPlatform::body_ref(freshet_body* body) { ++static_cast<Body*>(body)->references; }

void SimPlatform::body_unref(freshet_body* body) {
  auto* owned = static_cast<Body*>(body);
  if (--owned->references != 0) return;
  delete owned;
  --bodies_;
}

// ---- the end

void SimPlatform::kill() {
  for (const auto& [id, conn] : conns_) {
    if (conn->state != Conn::State::closed || std::exchange(conn->held, false)) {
      tell(*conn, [](Peer& peer) { peer.on_closed(1006, "", 0); });
    }
  }
  for (const auto& [id, exchange] : exchanges_) {
    if (exchange->on_answer) scene_.timeline.after(0, [told = exchange->on_answer] { told({}); });
  }
  dead_ = true;
  for (bool more = true; more;) {
    more = false;
    while (!tasks_.empty()) {
      more = true;
      const auto [task_id, task] = *tasks_.begin();
      as_thread(task.thread, [this, id = task_id] { run_task(id); });
    }
    for (uint32_t i = 0; i < queues_.size(); ++i) {
      while (!queues_[i].waiting.empty()) {
        more = true;
        const Posted job = queues_[i].waiting.front();
        queues_[i].waiting.pop_front();
        as_thread(1'000 * (i + 1), [&] { job.fn(job.arg); });
      }
    }
    if (more) continue;
    end_connections();
    more = !tasks_.empty() || std::ranges::any_of(queues_, [](const WorkQueue& queue) {
      return !queue.waiting.empty();
    });
  }
}

void SimPlatform::end_connections() {
  for (const auto& [id, conn] : conns_) {
    if (conn->state == Conn::State::accepted) {
      as_thread(thread_of_shard(conn->shard), [&] { events_->on_open(events_->ctx, conn.get()); });
      conn->state = Conn::State::open;
    }
    gone(*conn);
  }
}

void SimPlatform::check_end() {
  if (bodies_ != 0) {
    scene_.verdict.broke(Broken::leaked, std::to_string(bodies_) + " bodies are left");
  }
}

}  // namespace freshet::sim
