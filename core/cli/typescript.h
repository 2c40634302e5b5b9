// core/cli/typescript.h: JSON Schemas of procedures as types of TypeScript.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace freshet::cli {

// The text of a .d.ts. `procedures`: a JSON array of what apps declare (freshet_app.procedures),
// the names all different.
//
// What a schema says beyond types is left out: a type may be wider than its schema, never narrower.
// With one exception: properties and items are taken to mean that there is an object or an array.
std::string typescript_of(const nlohmann::ordered_json& procedures);

}  // namespace freshet::cli
