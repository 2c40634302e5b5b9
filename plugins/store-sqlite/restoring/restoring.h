// plugins/store-sqlite/restoring/restoring.h: a backup in the place of the file.
//
// At every moment, whatever ends the process, the path leads to the old file whole, or to the new
// one whole; between the two, for as long as it takes to delete a name, to the new one with the log
// of the old, which an opening refuses and another restore mends.
#pragma once

#include <string>

#include "freshet/host.h"
#include "freshet/result.h"
#include "store-sqlite/file/opening.h"

namespace freshet::sqlite {

// As freshet_plugin::restore has it. What was at the path is beside it afterwards, under a name of
// its own that is in the log.
Status restore_file(const Options& options, const std::string& backup, const Host& host);

}  // namespace freshet::sqlite
