// core/cli/doctor/doctor.h: `freshet doctor`: tries what people get wrong, and says the fix of
// each.
#pragma once

#include <string>

#include "core/cli/exit_code.h"
#include "core/cli/setup/manifest_source.h"

namespace freshet::cli {

struct Doubts {
  std::string url, origin;  // what browsers are given, and whose page they have open
  bool json = false;        // a JSON object a line
};

// kFailed: something is wrong; kManifest: the manifest or a plugin is, and stderr says how.
ExitCode doctor(const ManifestSource& manifest, const Doubts& doubts);

}  // namespace freshet::cli
