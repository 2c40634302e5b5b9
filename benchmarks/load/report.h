// report.h: the figures of a run, as JSON and as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "run/run.h"
#include "scenario.h"

namespace freshet::load {

// A generator that was late measured itself: past this the figures are void.
inline constexpr double kMaxLateMs = 1.0;

nlohmann::ordered_json report_of(const Scenario& scenario, const World& world, const Run& run);
std::string table_of(const nlohmann::ordered_json& report);

}  // namespace freshet::load
