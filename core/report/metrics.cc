#include "core/report/metrics.h"

#include <algorithm>

#include "core/report/limits.h"

namespace freshet {
namespace {

// Prometheus: [a-zA-Z_:][a-zA-Z0-9_:]*
bool good_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

std::string one_line(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

}  // namespace

freshet_metric* Metrics::get(freshet_metric_kind kind, std::string_view name,
                             std::string_view help) {
  if (!good_name(name)) return nullptr;
  const std::lock_guard lock(mutex_);
  for (auto& metric : metrics_) {
    if (metric.name == name) return &metric;
  }
  if (metrics_.size() == kMaxMetrics) return nullptr;
  auto& metric = metrics_.emplace_back();
  metric.kind = kind;
  metric.name = name;
  metric.help = one_line(help);
  return &metric;
}

std::string Metrics::render() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& metric : metrics_) {
    out += "# HELP " + metric.name + " " + metric.help + "\n# TYPE " + metric.name +
           (metric.kind == FRESHET_COUNTER ? " counter\n" : " gauge\n") + metric.name + " " +
           std::to_string(metric.get()) + "\n";
  }
  return out;
}

}  // namespace freshet
