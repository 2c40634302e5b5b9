// core/check/run/one_test.h: one test of GoogleTest's, in this process, as a text for another.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/check/run/verdict.h"
#include "core/check/run/witness.h"
#include "core/guard/apart.h"

namespace freshet::check {

// Runs the test of this name, and says what there is to say.
std::string run_here(const std::string& full_name);

// What a process that was to run a test came to.
struct Report {
  Verdict verdict;
  std::vector<Breach> breaches;
  std::map<std::string, std::string> facts;  // what the test has recorded
};
Report report_of(const std::string& name, const Ended& ended, const Witness& witness,
                 std::chrono::seconds limit);

// How a process ended that should not have: a sentence.
std::string how_it_ended(const Ended& ended, const Witness& witness, std::chrono::seconds limit);

}  // namespace freshet::check
