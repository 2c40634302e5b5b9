// Folders in which servers of Yjs kept documents.
#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/migration/state_engine.h"
#include "core/cli/migration/state_intake.h"

namespace freshet::cli {
namespace {

using StatesOf = std::unique_ptr<KeptStates>(const Command& command, const StateEngine& engine);

// Not by way of a server, as with Hocuspocus' file.
ExitCode migrate_folder(const Command& command, StatesOf* states_of) {
  StateEngine engine(command.source());
  if (!engine.open()) return kManifest;
  const auto states = states_of(command, engine);
  if (states == nullptr) return kFailed;
  ExitCode exit = kFailed;
  const auto rooms = rooms_of_store(command.source(), exit);
  if (rooms == nullptr) return exit;
  return StateIntake(engine, *rooms, command, StateIntake::Repeated::compared).run(*states);
}

}  // namespace

ExitCode migrate_y_websocket(const Command& command) {
  return migrate_folder(command, y_websocket_states);
}

ExitCode migrate_y_sweet(const Command& command) { return migrate_folder(command, y_sweet_states); }

}  // namespace freshet::cli
