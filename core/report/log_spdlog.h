// core/report/log_spdlog.h: the log of a real server, on stderr.
#pragma once

#include <memory>
#include <ostream>

#include "core/report/log.h"

namespace spdlog {
class logger;
}

namespace freshet {

// One line per message, whatever is in it: control characters are escaped.
//   text   2026-01-31T12:00:00.123+01:00 info  store-sqlite  opened data/freshet.db
//   json   {"time":"...","level":"info","who":"store-sqlite","message":"opened ..."}
// A line is written whole, from whatever thread. [any]
class SpdLog final : public Log {
 public:
  // `out` is std::cerr but in tests, and outlives the log.
  SpdLog(LogFormat format, freshet_level least, std::ostream& out);
  ~SpdLog() override;

  void write(freshet_level level, std::string_view who, std::string_view message) override;

 private:
  LogFormat format_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace freshet
