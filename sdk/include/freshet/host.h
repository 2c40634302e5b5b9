// freshet/host.h: the host, as one plugin sees it.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/abi/plugin.h"
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
// A setting that is asked for must be in the plugin's schema, with that type.
class Host {
 public:
  explicit Host(const freshet_host* c) : c_(c) {}

  void log(freshet_level level, std::string_view message) const {
    c_->log(c_->ctx, level, to_c(message));
  }
  void info(std::string_view message) const { log(FRESHET_INFO, message); }
  void warn(std::string_view message) const { log(FRESHET_WARN, message); }
  void error(std::string_view message) const { log(FRESHET_ERROR, message); }

  bool has(const char* key) const {
    freshet_value value{};
    return read(key, value);
  }
  bool flag(const char* key) const { return number(key) != 0; }
  int64_t number(const char* key) const {
    freshet_value value{};
    return read(key, value) ? value.number : 0;
  }
  // Empty if neither the manifest nor the schema has a value. Lives as long as the plugin.
  std::string_view text(const char* key) const {
    freshet_value value{};
    return read(key, value) ? view(value.text) : std::string_view{};
  }
  std::vector<std::string> list(const char* key) const {
    freshet_value value{};
    std::vector<std::string> out;
    if (!read(key, value)) return out;
    for (size_t i = 0; i < value.list_count; ++i) out.emplace_back(view(value.list[i]));
    return out;
  }

  // The table of another plugin or of the core; null if nobody offers it.
  template <class Table>
  const Table* service(const char* id) const {
    return static_cast<const Table*>(c_->service(c_->ctx, id));
  }

  Metric counter(const char* name, const char* help) const {
    return {c_, c_->metric(c_->ctx, FRESHET_COUNTER, name, help)};
  }
  Metric gauge(const char* name, const char* help) const {
    return {c_, c_->metric(c_->ctx, FRESHET_GAUGE, name, help)};
  }

 private:
  bool read(const char* key, freshet_value& value) const {
    value.size = sizeof(value);
    return c_->setting(c_->ctx, key, &value) == FRESHET_OK;
  }

  const freshet_host* c_;
};

}  // namespace freshet
