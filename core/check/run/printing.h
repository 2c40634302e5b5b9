// core/check/run/printing.h: what the checker found, for people and for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/check/run/verdict.h"

namespace freshet::check {

// What was checked, for the report.
struct Checked {
  std::string file;
  std::string command;  // that runs it again, without a filter
  uint64_t seed = 0;
};

// One line, while the rest goes on.
std::string progress(const Verdict& verdict);

// What failed and was skipped, why, and how to see it again; ends with the counts.
std::string report_text(const Checked& checked, const std::vector<Verdict>& verdicts);

// The same and what passed as an object: "file", "seed", "tests", "passed", "failed", "skipped".
nlohmann::ordered_json report_json(const Checked& checked, const std::vector<Verdict>& verdicts);

// What a plugin says of itself, as probe() has it.
std::string inspection_text(const nlohmann::ordered_json& about);

size_t count(const std::vector<Verdict>& verdicts, Outcome outcome);

}  // namespace freshet::check
