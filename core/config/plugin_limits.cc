#include "core/config/plugin_limits.h"

#include "freshet/plugin.h"

namespace freshet {
namespace {

constexpr int64_t kMostCalls = 100'000;
constexpr int64_t kDay = 86'400'000;

constexpr freshet_setting kPluginLimits[] = {
    setting::integer("calls", "0", 0, kMostCalls, nullptr,
                     "Calls of one function that are not answered yet; more are refused. 0: any "
                     "number."),
    setting::integer("deadline_ms", "0", 0, kDay, "ms", "For an answer. 0: as [limits] has it."),
    setting::integer("failures", "0", 0, kMostCalls, nullptr,
                     "In a row, after which a function is left alone. 0: it never is."),
    setting::integer("pause_ms", "10 s", 1, kDay, "ms", "For so long it is left alone."),
    setting::choice("while_open", "refuse", "refuse|read|read-write",
                    "Of an auth plugin that is left alone: what becomes of those who come."),
};

}  // namespace

PluginLimits read_plugin_limits(const WrittenTable& written, const Section& section,
                                Problems& problems) {
  const Settings settings = Settings::check(kPluginLimits, written, section, problems);
  const auto number = [&](const char* key) {
    return settings.find(key) == nullptr ? 0 : static_cast<uint32_t>(settings.number(key));
  };
  PluginLimits out{.calls = number("calls"),
                   .deadline_ms = number("deadline_ms"),
                   .failures = number("failures"),
                   .pause_ms = number("pause_ms"),
                   .line = section.line};
  const std::string open =
      settings.find("while_open") == nullptr ? "" : settings.text("while_open");
  if (open == "read") out.while_open = PluginLimits::WhileOpen::read;
  if (open == "read-write") out.while_open = PluginLimits::WhileOpen::read_write;
  return out;
}

}  // namespace freshet
