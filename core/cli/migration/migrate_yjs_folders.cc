#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/migration/state_engine.h"
#include "core/cli/migration/state_intake.h"

namespace freshet::cli {

// Not by way of a server, as with Hocuspocus' file.
ExitCode migrate_y_websocket(const Command& command) {
  StateEngine engine(command.manifest);
  if (!engine.open()) return kManifest;
  const auto states = y_websocket_states(command, engine);
  if (states == nullptr) return kFailed;
  ExitCode exit = kFailed;
  const auto rooms = rooms_of_store(command.manifest, exit);
  if (rooms == nullptr) return exit;
  return StateIntake(engine, *rooms, command, StateIntake::Repeated::compared).run(*states);
}

}  // namespace freshet::cli
