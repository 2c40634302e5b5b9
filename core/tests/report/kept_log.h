// core/tests/report/kept_log.h: a log that a test reads.
#pragma once

#include <string>
#include <string_view>

#include "core/report/log.h"

namespace freshet {

struct KeptLog final : Log {
  void write(freshet_level, std::string_view, std::string_view message) override {
    lines += std::string(message) + "\n";
  }
  std::string lines;
};

}  // namespace freshet
