// core/check/plugin/probe.h: what a plugin tells of itself without being created.
#pragma once

#include <nlohmann/json.hpp>

#include "core/check/plugin/trial.h"

namespace freshet::check {

// An object. "reason": why it is no plugin for this server, and nothing else; or else "file", "id",
// "version", "licence", "summary", "abi", "descriptor_bytes", "offers", "needs", "shared",
// "restores", "judges_settings", "settings", "exports", "threads" and "files" that loading it
// started and opened; "lacking" and "keeps" as in Told; and "faults": what is wrong with all this.
nlohmann::ordered_json probe(Trial& trial);

}  // namespace freshet::check
