// core/report/log.h: where the server says what happened.
//
// An error is logged once, where it is handled, with what a human needs to act on it.
#pragma once

#include <string>
#include <string_view>

#include "freshet/abi/plugin.h"

namespace freshet {

enum class LogFormat { text, json };  // of a line

// [any]. One implementation writes to stderr (log_spdlog.h), tests keep what they are told.
class Log {
 public:
  virtual ~Log() = default;

  // `who`: the part of the server, or the plugin, that speaks: "journal", "store-sqlite".
  virtual void write(freshet_level level, std::string_view who, std::string_view message) = 0;

  void debug(std::string_view who, std::string_view m) { write(FRESHET_DEBUG, who, m); }
  void info(std::string_view who, std::string_view m) { write(FRESHET_INFO, who, m); }
  void warn(std::string_view who, std::string_view m) { write(FRESHET_WARN, who, m); }
  void error(std::string_view who, std::string_view m) { write(FRESHET_ERROR, who, m); }
};

}  // namespace freshet
