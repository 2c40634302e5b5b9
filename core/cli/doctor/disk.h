// core/cli/doctor/disk.h: where a store writes: the kind of file system, its space, and what a
// commit waits for.
#pragma once

#include <string>

#include "core/cli/doctor/finding.h"

namespace freshet::cli {

// Of the file of a store, which need not be there. Writes and syncs a page some times, in a file
// that is gone afterwards. [main]
void check_disk(const std::string& file, Findings& out);

}  // namespace freshet::cli
