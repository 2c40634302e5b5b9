// core/check/run/verdict.h: what came of each test.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace freshet::check {

enum class Outcome { passed, failed, skipped };

struct Verdict {
  std::string name;  // "store.RefusesAnotherEpoch"
  Outcome outcome = Outcome::passed;
  std::string why;  // what failed, or why it was not tried
  std::chrono::milliseconds took{0};
};

}  // namespace freshet::check
