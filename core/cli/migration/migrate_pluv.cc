#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/migrate.h"
#include "core/cli/migration/state_engine.h"
#include "core/cli/migration/state_intake.h"

namespace freshet::cli {
namespace {

// What protocol-pluv takes as one message where its manifest says nothing else.
constexpr int64_t kMessageBytes = int64_t{32} << 20;
constexpr uint64_t kEnvelopeBytes = 4096;  // around the document, in a client's upload

// Each client uploads what it has, in base64, when it has opened a room.
std::string warning_of_size(const KeptState& state, uint64_t message_bytes) {
  const uint64_t upload = (state.update.size() + 2) / 3 * 4 + kEnvelopeBytes;
  if (upload <= message_bytes) return {};
  return "a pluv client would upload it as " + std::to_string(upload) +
         " bytes, and message_bytes of protocol-pluv is " + std::to_string(message_bytes) +
         ": no client opens it unless that is raised";
}

}  // namespace

ExitCode migrate_pluv(const Command& command) {
  const auto states =
      command.sqlite.empty() ? pluv_states_of_folder(command) : pluv_states_of_sqlite(command);
  if (states == nullptr) return kFailed;
  StateEngine engine(command.source());
  if (!engine.open()) return kManifest;
  ExitCode exit = kFailed;
  const auto rooms = open_rooms(command.source(), exit);
  if (rooms == nullptr) return exit;
  StateIntake intake(engine, *rooms, command, StateIntake::Repeated::left);
  const auto message_bytes = static_cast<uint64_t>(
      engine.setting("protocol-pluv", "message_bytes").value_or(kMessageBytes));
  intake.warn_by(
      [message_bytes](const KeptState& state) { return warning_of_size(state, message_bytes); });
  return intake.run(*states);
}

}  // namespace freshet::cli
