// freshet/testing.h: what a plugin's own tests need: a host, and somewhere for answers to go.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "freshet/plugin.h"

namespace freshet {

// So that a failed test says which status it was.
inline std::ostream& operator<<(std::ostream& out, Status status) { return out << name_of(status); }

}  // namespace freshet

namespace freshet::testing {

// A host with the settings a test gives it. Settings that the schema has and the test leaves out
// take their defaults. Records what is logged. Outlives the plugin it is given to.
class FakeHost {
 public:
  explicit FakeHost(std::span<const freshet_setting> schema = {}) {
    for (const auto& s : schema) {
      if (s.fallback == nullptr) continue;
      if (s.type == FRESHET_TEXT) set(s.key, s.fallback);
      if (s.type == FRESHET_BOOL) set(s.key, int64_t{std::string_view(s.fallback) == "true"});
      if (s.type == FRESHET_INT) set(s.key, parse(s.fallback));
    }
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  void set(const std::string& key, std::string_view text) {
    values_[key] = {FRESHET_TEXT, 0, std::string(text), {}, {}};
  }
  void set(const std::string& key, const char* text) { set(key, std::string_view(text)); }
  void set(const std::string& key, int64_t number) {
    values_[key] = {FRESHET_INT, number, {}, {}, {}};
  }
  void set(const std::string& key, std::vector<std::string> list) {
    Value& value = values_[key] = {FRESHET_STRINGS, 0, {}, std::move(list), {}};
    for (const auto& item : value.list) value.views.push_back(to_c(std::string_view(item)));
  }
  void offer(const std::string& id, const void* table) { services_[id] = table; }

  Host host() const { return Host(&c_); }
  const freshet_host* table() const { return &c_; }

  std::string log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  bool logged(std::string_view part) const { return log().find(part) != std::string::npos; }

  // The value of a metric, 0 if nobody made it.
  int64_t metric(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto it = metrics_.find(name);
    return it == metrics_.end() ? 0 : it->second->load();
  }

 private:
  struct Value {
    uint32_t type;
    int64_t number;
    std::string text;
    std::vector<std::string> list;
    std::vector<freshet_str> views;
  };
  using Cell = std::atomic<int64_t>;

  // "64 KiB", "30 s", "7": the forms that defaults are written in.
  static int64_t parse(const char* text) {
    char* rest = nullptr;
    const int64_t number = std::strtoll(text, &rest, 10);
    const std::string_view unit(rest + std::strspn(rest, " "));
    const std::pair<std::string_view, int64_t> units[] = {
        {"KiB", 1024},  {"MiB", 1 << 20}, {"GiB", 1 << 30},        {"s", 1000},
        {"min", 60000}, {"h", 3600000},   {"d", int64_t{86400000}}};
    for (const auto& [name, factor] : units) {
      if (unit == name) return number * factor;
    }
    return number;
  }

  static FakeHost& self(void* ctx) { return *static_cast<FakeHost*>(ctx); }

  std::map<std::string, Value> values_;
  std::map<std::string, const void*> services_;
  mutable std::mutex mutex_;
  std::string log_;
  std::map<std::string, std::unique_ptr<Cell>> metrics_;
  const freshet_host c_ = {
      .size = sizeof(freshet_host),
      .abi = FRESHET_ABI_VERSION,
      .ctx = this,
      .log =
          [](void* ctx, freshet_level, freshet_str message) {
            const std::lock_guard lock(self(ctx).mutex_);
            self(ctx).log_ += std::string(view(message)) + "\n";
          },
      .setting = [](void* ctx, const char* key, freshet_value* out) -> freshet_status {
        const auto it = self(ctx).values_.find(key);
        if (it == self(ctx).values_.end()) return FRESHET_NOT_FOUND;
        const Value& value = it->second;
        out->type = value.type;
        out->number = value.number;
        out->text = to_c(std::string_view(value.text));
        out->list = value.views.data();
        out->list_count = value.views.size();
        return FRESHET_OK;
      },
      .service = [](void* ctx, const char* id) -> const void* {
        const auto it = self(ctx).services_.find(id);
        return it == self(ctx).services_.end() ? nullptr : it->second;
      },
      .metric =
          [](void* ctx, freshet_metric_kind, const char* name, const char*) {
            const std::lock_guard lock(self(ctx).mutex_);
            auto& cell = self(ctx).metrics_[name];
            if (!cell) cell = std::make_unique<Cell>(0);
            return reinterpret_cast<freshet_metric*>(cell.get());
          },
      .metric_add = [](freshet_metric* m, int64_t by) { *reinterpret_cast<Cell*>(m) += by; },
      .metric_set = [](freshet_metric* m, int64_t value) { *reinterpret_cast<Cell*>(m) = value; },
  };
};

// Collects the answer to one slow call: pass reply(), then wait(). Outlives the call.
class Answer {
 public:
  struct Item {
    uint32_t kind;
    uint64_t number;
    std::vector<uint8_t> bytes;
    std::string text() const { return {bytes.begin(), bytes.end()}; }
  };

  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  freshet_reply reply() const { return {&replies_, 0}; }

  // Blocks until done was called, from whatever thread.
  Status wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return status_.has_value(); });
    return *status_;
  }
  const std::deque<Item>& items() const { return items_; }
  // The first item of a kind, or null.
  const Item* find(uint32_t kind) const {
    for (const auto& item : items_) {
      if (item.kind == kind) return &item;
    }
    return nullptr;
  }
  int times_done() const { return times_done_; }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::optional<Status> status_;
  std::deque<Item> items_;
  int times_done_ = 0;
  const freshet_replies replies_ = {
      .size = sizeof(freshet_replies),
      .ctx = this,
      .write = [](void* ctx, uint64_t, const freshet_item* item) -> freshet_status {
        auto& self = *static_cast<Answer*>(ctx);
        const std::lock_guard lock(self.mutex_);
        const Bytes bytes = view(item->bytes);
        self.items_.push_back({item->kind, item->number, {bytes.begin(), bytes.end()}});
        return FRESHET_OK;
      },
      .done =
          [](void* ctx, uint64_t, freshet_status status) {
            auto& self = *static_cast<Answer*>(ctx);
            const std::lock_guard lock(self.mutex_);
            if (!self.status_) self.status_ = Status{status};
            ++self.times_done_;
            self.done_.notify_all();
          },
  };
};

}  // namespace freshet::testing
