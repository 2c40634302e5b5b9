#include "core/report/metrics.h"

#include <algorithm>
#include <set>

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

// Values are ids of plugins and names of functions, which people choose.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : one_line(value)) out += c == '"' ? std::string("\\\"") : std::string(1, c);
  return out;
}

std::string text_of(Metrics::Labels labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += (out.empty() ? "" : ",") + std::string(name) + "=\"" + escaped(value) + "\"";
  }
  return out;
}

template <class Named>
std::string head_of(const Named& named, const char* type) {
  return "# HELP " + named.name + " " + named.help + "\n# TYPE " + named.name + " " + type + "\n";
}

using Names = std::set<std::string_view>;

}  // namespace

freshet_metric* Metrics::get(freshet_metric_kind kind, std::string_view name, std::string_view help,
                             Labels labels) {
  if (!good_name(name)) return nullptr;
  const std::string with = text_of(labels);
  const std::lock_guard lock(mutex_);
  for (auto& metric : metrics_) {
    if (metric.name == name && metric.labels == with) return &metric;
  }
  if (metrics_.size() == kMaxMetrics) return nullptr;
  auto& metric = metrics_.emplace_back();
  metric.kind = kind;
  metric.name = name;
  metric.labels = with;
  metric.help = one_line(help);
  return &metric;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
  const std::string with = text_of(labels);
  const std::lock_guard lock(mutex_);
  for (Timed& timed : timed_) {
    if (timed.name == name && timed.labels == with) return timed.histogram;
  }
  Timed& timed = timed_.emplace_back();
  timed.name = name;
  timed.labels = with;
  timed.help = one_line(help);
  return timed.histogram;
}

int64_t Metrics::sum(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  int64_t out = 0;
  for (const auto& metric : metrics_) {
    if (metric.name == name) out += metric.get();
  }
  return out;
}

int64_t Metrics::value(std::string_view name, std::string_view labels) const {
  const std::lock_guard lock(mutex_);
  for (const auto& metric : metrics_) {
    if (metric.name == name && metric.labels == labels) return metric.get();
  }
  return 0;
}

std::string Metrics::render() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  Names seen;
  for (const auto& first : metrics_) {
    if (!seen.insert(first.name).second) continue;
    out += head_of(first, first.kind == FRESHET_COUNTER ? "counter" : "gauge");
    for (const auto& metric : metrics_) {
      if (metric.name != first.name) continue;
      const std::string with = metric.labels.empty() ? "" : "{" + metric.labels + "}";
      out += metric.name + with + " " + std::to_string(metric.get()) + "\n";
    }
  }
  for (const auto& first : timed_) {
    if (!seen.insert(first.name).second) continue;
    out += head_of(first, "histogram");
    for (const auto& timed : timed_) {
      if (timed.name == first.name) timed.histogram.render(timed.name, timed.labels, out);
    }
  }
  return out;
}

}  // namespace freshet
