// report.h: the figures of a run, as JSON and as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "run/run.h"
#include "scenario.h"

namespace freshet::load {

// A generator that was late, or that had no time left to read in, measured itself.
inline constexpr double kMaxLateMs = 1.0;
inline constexpr double kMaxOwnCores = 0.9;

// Why the figures are void; empty: they are not.
std::string void_because(double late_p99_ms, double own_cores);

nlohmann::ordered_json report_of(const Scenario& scenario, const World& world, const Run& run);
std::string table_of(const nlohmann::ordered_json& report);

}  // namespace freshet::load
