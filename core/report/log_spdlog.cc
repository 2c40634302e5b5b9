#include "core/report/log_spdlog.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <nlohmann/json.hpp>

#include "core/report/limits.h"
#include "core/report/printable.h"

namespace freshet {
namespace {

spdlog::level::level_enum to_spdlog(freshet_level level) {
  switch (level) {
    case FRESHET_DEBUG: return spdlog::level::debug;
    case FRESHET_WARN: return spdlog::level::warn;
    case FRESHET_ERROR: return spdlog::level::err;
    default: return spdlog::level::info;
  }
}

const char* pattern(LogFormat format) {
  return format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                   : "%Y-%m-%dT%H:%M:%S.%e%z %-7l %v";
}

std::string json_members(std::string_view who, std::string_view message) {
  using nlohmann::json;
  const auto quoted = [](std::string_view text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  return "\"who\":" + quoted(who) + ",\"message\":" + quoted(message);
}

std::string text_line(std::string_view who, std::string_view message) {
  constexpr size_t kColumn = 12;
  std::string out = printable(who);
  out.resize(std::max(out.size(), kColumn), ' ');
  return out + "  " + printable(message);
}

}  // namespace

SpdLog::SpdLog(LogFormat format, freshet_level least, std::ostream& out) : format_(format) {
  constexpr bool kFlushEachLine = true;
  // spdlog owns its sinks in shared pointers; nobody else holds this one.
  spdlog::sink_ptr sink(new spdlog::sinks::ostream_sink_mt(out, kFlushEachLine));
  sink->set_pattern(pattern(format));
  logger_ = std::make_unique<spdlog::logger>("freshet", std::move(sink));
  logger_->set_level(to_spdlog(least));
}

SpdLog::~SpdLog() = default;

void SpdLog::write(freshet_level level, std::string_view who, std::string_view message) {
  const auto as = to_spdlog(level);
  if (!logger_->should_log(as)) return;
  const bool cut = message.size() > kMaxMessageBytes;
  std::string shown(message.substr(0, kMaxMessageBytes));
  if (cut) shown += "...";
  logger_->log(as, spdlog::string_view_t(format_ == LogFormat::json ? json_members(who, shown)
                                                                    : text_line(who, shown)));
}

}  // namespace freshet
