// freshet/host.h: the host, as one plugin sees it.
#pragma once

#include <cstdint>
#include <string_view>

#include "freshet/abi/plugin.h"
#include "freshet/settings.h"
#include "freshet/sink.h"

namespace freshet {

// A counter or a gauge. A cheap handle; one that could not be made does nothing. [any]
class Metric {
 public:
  Metric() = default;
  Metric(const freshet_host* host, freshet_metric* metric) : host_(host), metric_(metric) {}

  void add(int64_t by = 1) const {
    if (metric_ != nullptr) host_->metric_add(metric_, by);
  }
  void set(int64_t value) const {
    if (metric_ != nullptr) host_->metric_set(metric_, value);
  }

 private:
  const freshet_host* host_ = nullptr;
  freshet_metric* metric_ = nullptr;
};

// A cheap handle: copy it. Settings, services and metrics are asked for in create(). [main]
class Host : public Given {
 public:
  using Given::Given;

  void log(freshet_level level, std::string_view message) const {
    c()->log(c()->ctx, level, to_c(message));
  }
  void info(std::string_view message) const { log(FRESHET_INFO, message); }
  void warn(std::string_view message) const { log(FRESHET_WARN, message); }
  void error(std::string_view message) const { log(FRESHET_ERROR, message); }

  // The table of another plugin or of the core; null if nobody offers it.
  template <class Table>
  const Table* service(const char* id) const {
    return static_cast<const Table*>(c()->service(c()->ctx, id));
  }

  Metric counter(const char* name, const char* help) const {
    return {c(), c()->metric(c()->ctx, FRESHET_COUNTER, name, help)};
  }
  Metric gauge(const char* name, const char* help) const {
    return {c(), c()->metric(c()->ctx, FRESHET_GAUGE, name, help)};
  }
};

}  // namespace freshet
