#include "core/cli/migration/state_intake.h"

#include <algorithm>
#include <iostream>

#include "core/config/room_name.h"
#include "core/report/printable.h"

namespace freshet::cli {
namespace {

constexpr uint64_t kProgressEvery = 1000;             // states, between two lines on stderr
constexpr Bytes::value_type kEmptyUpdate[] = {0, 0};  // of a document without content

using Standing = StateEngine::Standing;

const char* words_for(Standing standing) {
  switch (standing) {
    case Standing::ahead: return "is there, and has been edited here since";
    case Standing::behind: return "is there, and lacks edits of this state";
    default: return "is there, and has other content";
  }
}

}  // namespace

ExitCode StateIntake::run(KeptStates& states) {
  for (KeptState state; ended_ == kOk && states.next(state);) {
    take(state);
    if (++seen_ % kProgressEvery == 0) std::cerr << seen_ << " states read\n";
  }
  tell();
  if (ended_ != kOk) return ended_;
  return states.failed() || failed_ > 0 ? kFailed : kOk;
}

void StateIntake::take(const KeptState& state) {
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
  if (!may_store(state)) return;
  if (const std::string warning = warn_ ? warn_(state) : ""; !warning.empty()) say(state, warning);
  store(state);
}

bool StateIntake::may_store(const KeptState& state) {
  if (repeated_ == Repeated::compared) return may_replace(state);
  if (command_.overwrite) return true;
  const Status there = rooms_.show(state.room).status();
  if (there == Status::ok) {
    ++there_;
  } else if (there != Status::not_found) {
    stop(state, there);
  }
  return there == Status::not_found;
}

bool StateIntake::may_replace(const KeptState& state) {
  const auto room = rooms_.update(state.room);
  if (room.status() == Status::not_found) return true;
  if (!room) return stop(state, room.status()), false;
  const auto standing = engine_.standing(as_bytes(*room), state.update);
  if (!standing) return stop(state, standing.status()), false;
  if (*standing == Standing::same) return ++there_, false;
  if (command_.overwrite) return true;
  fail(state, std::string(words_for(*standing)) + ": it stays; --overwrite replaces it");
  return false;
}

// What is said of one room lets the next one be tried; what is said of the store does not.
void StateIntake::store(const KeptState& state) {
  const Status status =
      command_.dry_run ? Status::ok : rooms_.import(state.room, std::string(as_text(state.update)));
  switch (status) {
    case Status::ok: ++taken_, bytes_ += state.update.size(); return;
    case Status::too_large:
    case Status::malformed:
    case Status::conflict:
      return fail(state, "is not taken (" + std::string(name_of(status)) + ")");
    default: stop(state, status);
  }
}

void StateIntake::say(const KeptState& state, const std::string& what) {
  std::cerr << printable(state.from) << ", room \"" << printable(state.room) << "\": " << what
            << "\n";
}

void StateIntake::fail(const KeptState& state, const std::string& why) {
  ++failed_;
  say(state, why);
}

void StateIntake::stop(const KeptState& state, Status status) {
  ended_ = exit_code(status);
  say(state, "not migrated, and nothing after it");
}

void StateIntake::tell() const {
  std::cout << (command_.dry_run ? "rooms to migrate: " : "rooms migrated: ") << taken_ << " ("
            << bytes_ << " bytes); there already: " << there_ << "; empty: " << empty_
            << "; failed: " << failed_ << "\n";
  if (there_ > 0 && repeated_ == Repeated::left) {
    std::cerr << "rooms that are there stay as they are: --overwrite replaces them\n";
  }
}

}  // namespace freshet::cli
