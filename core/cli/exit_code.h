// core/cli/exit_code.h: how the program ends; documented in docs/cli.md.
#pragma once

#include "freshet/result.h"

namespace freshet::cli {

enum ExitCode : int {
  kOk = 0,
  kFailed = 1,    // at run time: the log or the last line says why
  kUsage = 2,     // the command line
  kManifest = 3,  // the manifest, or a plugin of it
  kNotFound = 4,  // the room
  kBusy = 5,      // the store is held by another process, or not ready: try again
};

constexpr ExitCode exit_code(Status status) {
  switch (status) {
    case Status::ok: return kOk;
    case Status::not_found: return kNotFound;
    case Status::retry:
    case Status::limit: return kBusy;
    default: return kFailed;
  }
}

}  // namespace freshet::cli
