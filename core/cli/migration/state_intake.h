// core/cli/migration/state_intake.h: states that another server kept become rooms, one at a time:
// each is loaded into the engine before it is stored. What is wrong with one is told on stderr, and
// the others go on; what is wrong with the store ends it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/cli/command_line.h"
#include "core/cli/migration/kept_states.h"
#include "core/cli/migration/state_engine.h"
#include "core/cli/stored/rooms.h"

namespace freshet::cli {

class StateIntake {
 public:
  // Of a room that is there already, unless the command says that it may go.
  enum class Repeated {
    left,     // it stays, whatever is in it
    compared  // it stays; that it has something else than the state is a failure
  };

  // Borrows all three.
  StateIntake(const StateEngine& engine, Rooms& rooms, const Command& command, Repeated repeated)
      : engine_(engine), rooms_(rooms), command_(command), repeated_(repeated) {}

  // What a person should know of a state that is taken all the same; empty: nothing.
  void warn_by(std::function<std::string(const KeptState&)> warn) { warn_ = std::move(warn); }

  // The totals are on stdout then.
  ExitCode run(KeptStates& states);

 private:
  void take(const KeptState& state);
  // Whether the state is to be stored, as far as what is there goes.
  bool may_store(const KeptState& state);
  bool may_replace(const KeptState& state);
  void store(const KeptState& state);

  static void say(const KeptState& state, const std::string& what);
  void fail(const KeptState& state, const std::string& why);
  void stop(const KeptState& state, Status status);
  void tell() const;

  const StateEngine& engine_;
  Rooms& rooms_;
  const Command& command_;
  const Repeated repeated_;
  std::function<std::string(const KeptState&)> warn_;
  ExitCode ended_ = kOk;  // otherwise: the store or the server does not take part any more
  uint64_t seen_ = 0, taken_ = 0, bytes_ = 0, there_ = 0, empty_ = 0, failed_ = 0;
};

}  // namespace freshet::cli
