#include "core/live/server/plugins_picture.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace freshet {
namespace {

using Json = nlohmann::json;

struct Timed {
  std::string labels, function;
  uint64_t count, p50_us, p99_us;
};

// Of one plugin. What is looked up besides takes the lock of the metrics, too.
std::vector<Timed> timed_of(const std::string& plugin, const Metrics& metrics) {
  const std::string begin = "plugin=\"" + plugin + "\",function=\"";
  std::vector<Timed> out;
  metrics.each_histogram("freshet_plugin_call_seconds",
                         [&](std::string_view labels, const Histogram& took) {
                           if (!labels.starts_with(begin)) return;
                           std::string function(labels.substr(begin.size()));
                           function.pop_back();
                           out.push_back({std::string(labels), std::move(function), took.count(),
                                          took.us_of(0.5), took.us_of(0.99)});
                         });
  return out;
}

Json calls_of(const std::string& plugin, const Metrics& metrics) {
  Json out = Json::array();
  for (const Timed& each : timed_of(plugin, metrics)) {
    out.push_back({{"function", each.function},
                   {"count", each.count},
                   {"failed", metrics.value("freshet_plugin_failures_total", each.labels)},
                   {"late", metrics.value("freshet_plugin_late_total", each.labels)},
                   {"refused", metrics.value("freshet_plugin_refused_total", each.labels)},
                   {"p50_us", each.p50_us},
                   {"p99_us", each.p99_us},
                   {"waiting", metrics.value("freshet_plugin_calls_waiting", each.labels)}});
  }
  return out;
}

}  // namespace

Json plugins_picture(const std::vector<PluginAccount>& plugins, const Metrics& metrics) {
  Json out = Json::array();
  for (const PluginAccount& plugin : plugins) {
    Json settings = Json::object();
    for (const auto& [key, json] : plugin.settings) {
      settings[key] = Json::parse(json, nullptr, false);
    }
    out.push_back({{"id", plugin.id},
                   {"version", plugin.version},
                   {"path", plugin.path},
                   {"essential", plugin.essential},
                   {"services", plugin.services},
                   {"settings", std::move(settings)},
                   {"calls", calls_of(plugin.id, metrics)}});
  }
  return out;
}

}  // namespace freshet
