#include "store-postgres/calls/dispatcher.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "store-postgres/limits.h"

namespace freshet::postgres {

Dispatcher::Dispatcher(const Options& options, KnownHistory& history, Troubles& troubles, Host host)
    : host_(host),
      most_of_a_kind_(static_cast<size_t>(options.connections) - 1),
      waiting_calls_(host.gauge("freshet_store_waiting_calls",
                                "Calls of the store that are not answered yet.")),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  for (int64_t i = 0; i < options.connections; ++i) {
    sessions_.push_back(std::make_unique<Session>(options, history, stop_, troubles, host));
    tables_.push_back(std::make_unique<Bound<Store>>(*sessions_.back(), host));
  }
  for (size_t i = 0; i < sessions_.size(); ++i) {
    threads_.emplace_back([this, i](const std::stop_token& stop) {
      serve(stop, *sessions_[i], *tables_[i]->table());
    });
  }
}

Dispatcher::~Dispatcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ::eventfd_write(stop_, 1);
  threads_.clear();  // stops and joins them
  for (const Ready* ready : {&ready_reads_, &ready_writes_}) {
    for (const auto& waiting : *ready) waiting->call.give_up();
  }
  for (const auto& [key, waiting] : behind_) waiting->call.give_up();
  ::close(stop_);
}

void Dispatcher::submit(Call call) {
  std::unique_lock lock(mutex_);
  if (stopping_ || count_ >= kMaxWaitingCalls) {
    const bool tell = !stopping_ && !std::exchange(told_full_, true);
    lock.unlock();
    if (tell) host_.warn("store: too many calls wait for the database; more are put off");
    return call.give_up();
  }
  told_full_ = told_full_ && count_ > kMaxWaitingCalls / 2;
  ++count_;
  waiting_calls_.add();
  auto waiting = std::make_unique<Waiting>(Waiting{.call = std::move(call)});
  auto& keys = waiting->call.keys;
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  for (const std::string& key : keys) {
    const auto it = last_.find(key);
    if (it != last_.end()) {
      it->second->before.push_back(waiting.get());
      ++waiting->behind;
    }
    if (waiting->call.place == Call::Place::in_line) last_[key] = waiting.get();
  }
  if (waiting->behind == 0) return make_ready(std::move(waiting));
  Waiting* const raw = waiting.get();
  behind_.emplace(raw, std::move(waiting));
}

void Dispatcher::make_ready(std::unique_ptr<Waiting> waiting) {
  Ready& ready = waiting->call.kind == Call::Kind::reads ? ready_reads_ : ready_writes_;
  ready.push_back(std::move(waiting));
  changed_.notify_one();
}

std::unique_ptr<Dispatcher::Waiting> Dispatcher::next() {
  const auto take = [](Ready& ready) {
    auto out = std::move(ready.front());
    ready.pop_front();
    return out;
  };
  if (!ready_reads_.empty() && reading_ < most_of_a_kind_) return take(ready_reads_);
  if (!ready_writes_.empty() && writing_ < most_of_a_kind_) return take(ready_writes_);
  return nullptr;
}

void Dispatcher::finish(Waiting& waiting) {
  --count_;
  waiting_calls_.add(-1);
  for (Waiting* const other : waiting.before) {
    if (--other->behind > 0) continue;
    auto node = behind_.extract(other);
    make_ready(std::move(node.mapped()));
  }
  for (const std::string& key : waiting.call.keys) {
    const auto it = last_.find(key);
    if (it != last_.end() && it->second == &waiting) last_.erase(it);
  }
}

void Dispatcher::serve(const std::stop_token& stop, Session& session, const freshet_store& table) {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::unique_ptr<Waiting> waiting;
    if (!changed_.wait(lock, stop, [&] { return (waiting = next()) != nullptr; })) return;
    const Call::Kind kind = waiting->call.kind;
    ++at_work(kind);
    lock.unlock();
    waiting->call.work(session, table);
    lock.lock();
    --at_work(kind);
    finish(*waiting);
    // Of the other kind one may have waited for this worker.
    changed_.notify_one();
  }
}

}  // namespace freshet::postgres
