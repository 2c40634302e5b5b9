#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/migration/state_engine.h"
#include "core/cli/migration/state_intake.h"

namespace freshet::cli {

// Not by way of a server: a room that somebody has open is compared with what is in its memory, and
// replaced under his hands.
ExitCode migrate_hocuspocus(const Command& command) {
  const auto states = hocuspocus_states_of_sqlite(command);
  if (states == nullptr) return kFailed;
  StateEngine engine(command.source());
  if (!engine.open()) return kManifest;
  ExitCode exit = kFailed;
  const auto rooms = rooms_of_store(command.source(), exit);
  if (rooms == nullptr) return exit;
  return StateIntake(engine, *rooms, command, StateIntake::Repeated::compared).run(*states);
}

}  // namespace freshet::cli
