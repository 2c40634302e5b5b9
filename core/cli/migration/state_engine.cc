#include "core/cli/migration/state_engine.h"

#include <iostream>

#include "core/store/history.h"

namespace freshet::cli {

StateEngine::StateEngine(const ManifestSource& manifest)
    : loaded_(manifest, Composition::any, FRESHET_WARN) {}

bool StateEngine::open() {
  if (!loaded_.ok()) return false;
  if (loaded_.host().offers(FRESHET_CRDT_ID)) {
    return loaded_.create_only({FRESHET_CRDT_ID}, services_);
  }
  std::cerr << loaded_.manifest().file << ":1: plugin: no plugin offers " << FRESHET_CRDT_ID
            << "\n";
  return false;
}

std::string StateEngine::objection(Bytes update, bool& incomplete) const {
  Document document(*services_.crdt.table);
  bool changed = false;
  const Status status = load(document, update, changed);
  if (status == Status::ok) {
    const freshet_doc_stats stats = document.stats();
    incomplete = stats.pending_bytes > 0;
    const size_t limit = loaded_.manifest().limits.document_bytes;
    if (stats.memory_bytes <= limit) return {};
    return "takes " + std::to_string(stats.memory_bytes) +
           " bytes of memory, and nobody could edit it: limits.document_bytes is " +
           std::to_string(limit);
  }
  if (status == Status::malformed) return "is no state of a Yjs document";
  return "cannot be loaded (" + std::string(name_of(status)) + ")";
}

Status StateEngine::load(Document& document, Bytes update, bool& changed) const {
  freshet_applied applied{};
  const Status status =
      document ? document.load(FRESHET_UPDATE_V1, update, applied) : Status::retry;
  changed = applied.changed != 0;
  return status;
}

Result<std::vector<uint8_t>> StateEngine::joined(
    const std::vector<std::vector<uint8_t>>& updates) const {
  std::vector<freshet_bytes> all;
  for (const auto& update : updates) all.push_back(to_c(Bytes(update)));
  return merged(*services_.crdt.table, all);
}

// Parts that wait for others count as news each time they come: so bytes are compared first.
Result<StateEngine::Standing> StateEngine::standing(Bytes room, Bytes state) const {
  const freshet_crdt& crdt = *services_.crdt.table;
  FRESHET_TRY(const auto here, rewritten(crdt, room));
  FRESHET_TRY(const auto there, rewritten(crdt, state));
  if (here == there) return Standing::same;
  bool ignored = false, room_lacks = false, state_lacks = false;
  Document of_room(crdt), of_state(crdt);
  FRESHET_CHECK(load(of_room, here, ignored));
  FRESHET_CHECK(load(of_room, there, room_lacks));
  FRESHET_CHECK(load(of_state, there, ignored));
  FRESHET_CHECK(load(of_state, here, state_lacks));
  if (room_lacks) return state_lacks ? Standing::parted : Standing::behind;
  return state_lacks ? Standing::ahead : Standing::same;
}

}  // namespace freshet::cli
