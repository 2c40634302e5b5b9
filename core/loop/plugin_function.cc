#include "core/loop/plugin_function.h"

#include <utility>

#include "core/report/limits.h"

namespace freshet {

PluginFunction::PluginFunction(Metrics& metrics, Log& log, std::string_view plugin,
                               std::string_view function, std::initializer_list<Status> usual)
    : log_(log),
      name_(std::string(plugin) + "." + std::string(function)),
      took_(metrics.histogram("freshet_plugin_call_seconds",
                              "How long plugins took to answer, what waited before them included.",
                              {{"plugin", plugin}, {"function", function}})),
      failed_(metrics.counter("freshet_plugin_failures_total",
                              "Answers of plugins that say that something failed, or nothing.",
                              {{"plugin", plugin}, {"function", function}})),
      late_(metrics.counter("freshet_plugin_late_total",
                            "Calls of plugins that were not answered in time.",
                            {{"plugin", plugin}, {"function", function}})),
      waiting_(metrics.gauge("freshet_plugin_calls_waiting",
                             "Calls of plugins that are not answered yet.",
                             {{"plugin", plugin}, {"function", function}})) {
  for (const Status status : usual) usual_ |= 1u << static_cast<int>(status);
}

void PluginFunction::answered(Status status, uint64_t took_ms, uint64_t now_ms,
                              std::string_view about) {
  took_.note(took_ms);
  if (is_usual(status)) return;
  failed_.add();
  tell(static_cast<size_t>(status), "answered \"" + std::string(name_of(status)) + "\"", now_ms,
       about);
}

void PluginFunction::late(uint64_t after_ms, uint64_t now_ms, std::string_view about) {
  late_.add();
  tell(kLate,
       "has not answered for " + std::to_string(after_ms) + " ms, and is waited for no longer",
       now_ms, about);
}

void PluginFunction::answered_again(uint64_t now_ms) {
  failed_.add();
  tell(kAgain, "answered a call that it had answered before", now_ms, "");
}

void PluginFunction::answered_nonsense(std::string_view what, uint64_t now_ms,
                                       std::string_view about) {
  failed_.add();
  tell(kNonsense, "answered " + std::string(what) + ", which is taken for a failure", now_ms,
       about);
}

void PluginFunction::threw(std::string_view what, uint64_t now_ms, std::string_view about) {
  failed_.add();
  tell(kThrew, "threw " + std::string(what), now_ms, about);
}

void PluginFunction::tell(size_t way, std::string_view what, uint64_t now_ms,
                          std::string_view about) {
  std::string line = name_ + " " + std::string(what);
  {
    const std::lock_guard lock(mutex_);
    Told& told = told_[way];
    if (now_ms < told.not_before_ms) return static_cast<void>(++told.untold);
    told.not_before_ms = now_ms + kPluginLineAgainMs;
    if (!about.empty()) line += ", about " + std::string(about);
    const uint64_t untold = std::exchange(told.untold, 0);
    if (untold > 0) line += "; " + std::to_string(untold) + " more since the last such line";
  }
  log_.warn("plugin", line + "; the plugin's own lines may say why");
}

}  // namespace freshet
