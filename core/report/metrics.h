// core/report/metrics.h: the counters and gauges of the process, for /metrics.
//
// A metric is made once and then changed from any thread without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "freshet/abi/plugin.h"

// The ABI's opaque handle is the metric itself.
struct freshet_metric {
  freshet_metric_kind kind;
  std::string name;
  std::string help;
  std::atomic<int64_t> value{0};

  void add(int64_t by = 1) { value.fetch_add(by, std::memory_order_relaxed); }
  void set(int64_t to) { value.store(to, std::memory_order_relaxed); }
  int64_t get() const { return value.load(std::memory_order_relaxed); }
};

namespace freshet {

class Metrics {
 public:
  // The metric of this name, made on first use. Null: not a Prometheus name, or too many. [any]
  freshet_metric* get(freshet_metric_kind kind, std::string_view name, std::string_view help);

  // For the core's own metrics, whose names are known to be good.
  freshet_metric& counter(std::string_view name, std::string_view help) {
    return *get(FRESHET_COUNTER, name, help);
  }
  freshet_metric& gauge(std::string_view name, std::string_view help) {
    return *get(FRESHET_GAUGE, name, help);
  }

  // Prometheus text format 0.0.4, in order of creation. [any]
  std::string render() const;

 private:
  mutable std::mutex mutex_;            // guards the list, not the values
  std::deque<freshet_metric> metrics_;  // never shrinks: pointers into it stay
};

}  // namespace freshet
