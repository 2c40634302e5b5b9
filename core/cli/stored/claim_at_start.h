// core/cli/stored/claim_at_start.h: a server claims a store that many can share, before it listens.
// See core/cluster/store_claim.h.
#pragma once

#include <string>

#include "core/cli/answer.h"
#include "core/cli/exit_code.h"
#include "core/report/log.h"
#include "freshet/abi/store.h"

namespace freshet::cli {

// Holds the claim until it is destroyed, as long as somebody renews it. Does nothing for a store
// that is not shared. [main]
class ClaimAtStart {
 public:
  // Both outlive it.
  ClaimAtStart(const freshet_store& store, Log& log);
  ~ClaimAtStart();
  ClaimAtStart(const ClaimAtStart&) = delete;
  ClaimAtStart& operator=(const ClaimAtStart&) = delete;

  // Waits as long as the claim of a server that died may last. kBusy: another server has the store,
  // and lives; the log names it. `about`: what others are told of this one.
  ExitCode take(const freshet_node& node, const std::string& about);

 private:
  Answer beat();
  std::string others();
  void end(const freshet_node& node);
  void end_others();

  Caller caller_;
  const freshet_store& store_;
  Log& log_;
  freshet_node node_{};
  std::string about_;
  bool known_ = false;
};

}  // namespace freshet::cli
