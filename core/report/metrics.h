// core/report/metrics.h: the counters, gauges and histograms of the process, for /metrics.
//
// A metric is made once and then changed from any thread without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/report/histogram.h"
#include "freshet/abi/plugin.h"

// The ABI's opaque handle is the metric itself.
struct freshet_metric {
  freshet_metric_kind kind;
  std::string name;
  std::string labels;  // "plugin=\"x\",function=\"y\"", or none
  std::string help;
  std::atomic<int64_t> value{0};

  void add(int64_t by = 1) { value.fetch_add(by, std::memory_order_relaxed); }
  void set(int64_t to) { value.store(to, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }
};

namespace freshet {

class Metrics {
 public:
  // A label and its value.
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  // The metric of this name and these labels, made on first use. Null: not a Prometheus name, or
  // too many. [any]
  freshet_metric* get(freshet_metric_kind kind, std::string_view name, std::string_view help,
                      Labels labels = {});
  // The same, of the core's own. The name is known to be good, and there are few of them.
  Histogram& histogram(std::string_view name, std::string_view help, Labels labels);

  // For the core's own metrics, whose names are known to be good.
  freshet_metric& counter(std::string_view name, std::string_view help, Labels labels = {}) {
    return *get(FRESHET_COUNTER, name, help, labels);
  }
  freshet_metric& gauge(std::string_view name, std::string_view help, Labels labels = {}) {
    return *get(FRESHET_GAUGE, name, help, labels);
  }

  // What was made under this name, all its labels together; 0: nothing. [any]
  int64_t sum(std::string_view name) const;
  // The value under a name and one of its labels, as it is written; 0: there is none. [any]
  int64_t value(std::string_view name, std::string_view labels) const;
  // f(labels, const Histogram&) of each under this name. [any]
  template <class F>
  void each_histogram(std::string_view name, F f) const {
    const std::lock_guard lock(mutex_);
    for (const Timed& timed : timed_) {
      if (timed.name == name) f(std::string_view(timed.labels), timed.histogram);
    }
  }

  // Prometheus text format 0.0.4, in order of creation, those of one name together. [any]
  std::string render() const;

 private:
  struct Timed {
    std::string name, labels, help;
    Histogram histogram;
  };

  mutable std::mutex mutex_;            // guards the lists, not the values
  std::deque<freshet_metric> metrics_;  // never shrinks: pointers into it stay
  std::deque<Timed> timed_;             // the same
};

}  // namespace freshet
