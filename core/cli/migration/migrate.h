// core/cli/migration/migrate.h: `freshet migrate`: what another server, or another store, kept
// becomes rooms of this one.
#pragma once

#include "core/cli/command_line.h"

namespace freshet::cli {

// The encoded states of a pluv app, one at a time: each is loaded into the engine before it is
// stored. One that cannot be is told on stderr, and the others go on. The totals go to stdout.
ExitCode migrate_pluv(const Command& command);

// The documents of @hocuspocus/extension-sqlite, the same way, into a store that no server has. A
// room that is there is compared: run again, it passes over what it has brought already.
ExitCode migrate_hocuspocus(const Command& command);

// The documents of a y-websocket server, the same way, out of its LevelDB.
ExitCode migrate_y_websocket(const Command& command);

// The documents of a y-sweet server, the same way, out of the folder it kept them in.
ExitCode migrate_y_sweet(const Command& command);

// All that the store of one manifest keeps, to the store of another. A copy that was interrupted
// goes on where it was when it is run again. What cannot be copied is told on stderr, and the rest
// goes on. The totals go to stdout.
ExitCode migrate_store(const Command& command);

}  // namespace freshet::cli
