#include "core/cli/migration/migrate.h"

#include <algorithm>
#include <iostream>

#include "core/cli/composition.h"
#include "core/cli/migration/pluv_states.h"
#include "core/cli/stored/rooms.h"
#include "core/config/room_name.h"
#include "core/report/printable.h"
#include "core/store/document.h"

namespace freshet::cli {
namespace {

// What protocol-pluv takes as one message where its manifest says nothing else.
constexpr uint64_t kMessageBytes = uint64_t{32} << 20;
constexpr uint64_t kEnvelopeBytes = 4096;             // around the document, in a client's upload
constexpr uint64_t kProgressEvery = 1000;             // states, between two lines on stderr
constexpr Bytes::value_type kEmptyUpdate[] = {0, 0};  // of a document without content

// The engine of the manifest, to look at states before anybody stores them.
class Engine {
 public:
  explicit Engine(const std::string& manifest)
      : loaded_(manifest, Composition::any, FRESHET_WARN) {}

  bool open() {
    if (!loaded_.ok()) return false;
    if (loaded_.host().offers(FRESHET_CRDT_ID)) {
      return loaded_.create_only({FRESHET_CRDT_ID}, services_);
    }
    std::cerr << loaded_.manifest().file << ":1: plugin: no plugin offers " << FRESHET_CRDT_ID
              << "\n";
    return false;
  }

  // The longest message a pluv client may send.
  uint64_t message_bytes() {
    const auto set = loaded_.host().number("protocol-pluv", "message_bytes");
    return set ? static_cast<uint64_t>(*set) : kMessageBytes;
  }

  size_t room_name_bytes() const { return loaded_.manifest().limits.room_name_bytes; }

  // Why not; empty: it can be loaded.
  std::string objection(Bytes update, bool& incomplete) const {
    Document document(*services_.crdt.table);
    freshet_applied applied{};
    const Status status =
        document ? document.load(FRESHET_UPDATE_V1, update, applied) : Status::retry;
    if (status == Status::ok) {
      incomplete = document.stats().pending_bytes > 0;
      return {};
    }
    if (status == Status::malformed) return "is no state of a Yjs document";
    return "cannot be loaded (" + std::string(name_of(status)) + ")";
  }

 private:
  Loaded loaded_;
  Services services_;
};

class Migration {
 public:
  Migration(Engine& engine, Rooms& rooms, const Command& command)
      : engine_(engine), message_bytes_(engine.message_bytes()), rooms_(rooms), command_(command) {}

  ExitCode run(PluvStates& states) {
    for (PluvState state; ended_ == kOk && states.next(state);) {
      take(state);
      if (++seen_ % kProgressEvery == 0) std::cerr << seen_ << " states read\n";
    }
    tell();
    if (ended_ != kOk) return ended_;
    return states.failed() || failed_ > 0 ? kFailed : kOk;
  }

 private:
  void take(const PluvState& state) {
    if (!state.fault.empty()) return fail(state, state.fault);
    const std::string fault = room_name_fault(state.room, engine_.room_name_bytes());
    if (!fault.empty()) return fail(state, fault);
    if (state.update.empty() || std::ranges::equal(state.update, kEmptyUpdate)) {
      ++empty_;
      return;
    }
    bool incomplete = false;
    const std::string objection = engine_.objection(state.update, incomplete);
    if (!objection.empty()) return fail(state, objection);
    if (incomplete) say(state, "parts of it wait for edits that are not in it; taken as it is");
    if (!command_.overwrite) {
      const Status there = rooms_.show(state.room).status();
      if (there == Status::ok) return void(++there_);
      if (there != Status::not_found) return stop(state, there);
    }
    warn_of_size(state);
    if (command_.dry_run || stored(state)) ++taken_, bytes_ += state.update.size();
  }

  // Each client uploads what it has, in base64, when it has opened a room.
  void warn_of_size(const PluvState& state) const {
    const uint64_t upload = (state.update.size() + 2) / 3 * 4 + kEnvelopeBytes;
    if (upload <= message_bytes_) return;
    say(state, "a pluv client would upload it as " + std::to_string(upload) +
                   " bytes, and message_bytes of protocol-pluv is " +
                   std::to_string(message_bytes_) + ": no client opens it unless that is raised");
  }

  // What is said of one room lets the next one be tried; what is said of the store does not.
  bool stored(const PluvState& state) {
    const Status status = rooms_.import(state.room, std::string(as_text(state.update)));
    switch (status) {
      case Status::ok: return true;
      case Status::too_large:
      case Status::malformed:
      case Status::conflict:
        fail(state, "is not taken (" + std::string(name_of(status)) + ")");
        break;
      default: stop(state, status);
    }
    return false;
  }

  static void say(const PluvState& state, const std::string& what) {
    std::cerr << printable(state.from) << ", room \"" << printable(state.room) << "\": " << what
              << "\n";
  }

  void fail(const PluvState& state, const std::string& why) {
    ++failed_;
    say(state, why);
  }

  void stop(const PluvState& state, Status status) {
    ended_ = exit_code(status);
    say(state, "not migrated, and nothing after it");
  }

  void tell() const {
    std::cout << (command_.dry_run ? "rooms to migrate: " : "rooms migrated: ") << taken_ << " ("
              << bytes_ << " bytes); there already: " << there_ << "; empty: " << empty_
              << "; failed: " << failed_ << "\n";
    if (there_ > 0)
      std::cerr << "rooms that are there stay as they are: --overwrite replaces them\n";
  }

  const Engine& engine_;
  const uint64_t message_bytes_;
  Rooms& rooms_;
  const Command& command_;
  ExitCode ended_ = kOk;  // otherwise: the store or the server does not take part any more
  uint64_t seen_ = 0, taken_ = 0, bytes_ = 0, there_ = 0, empty_ = 0, failed_ = 0;
};

}  // namespace

ExitCode migrate_pluv(const Command& command) {
  const auto states =
      command.sqlite.empty() ? pluv_states_of_folder(command) : pluv_states_of_sqlite(command);
  if (states == nullptr) return kFailed;
  Engine engine(command.manifest);
  if (!engine.open()) return kManifest;
  ExitCode exit = kFailed;
  const auto rooms = open_rooms(command.manifest, exit);
  if (rooms == nullptr) return exit;
  return Migration(engine, *rooms, command).run(*states);
}

}  // namespace freshet::cli
