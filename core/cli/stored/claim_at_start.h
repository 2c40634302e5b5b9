// core/cli/stored/claim_at_start.h: a server claims a store that many can share, before it listens.
// See core/cluster/store_claim.h.
#pragma once

#include <string>

#include "core/cli/answer.h"
#include "core/cli/exit_code.h"
#include "core/report/log.h"
#include "freshet/store.h"

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

  // Who this is, and for whom it claims: for itself alone, or for all that hear each other.
  struct Claimant {
    freshet_node node;
    freshet_node claims_as;
    std::string about;  // what others are told of this one
    // What to do if it is another's; null: as it is said of servers.
    const char* way_out = nullptr;

    bool alone() const { return same(node, claims_as); }
  };

  // Waits as long as the claim of a server that died may last. kBusy: another server has the store,
  // lives, and does not hear this one; the log names it.
  ExitCode take(const Claimant& claimant);
  void renew() { static_cast<void>(claim()); }

 private:
  Status claim();
  Answer beat();
  std::string others();
  void end(const freshet_node& node);
  void end_others();

  Caller caller_;
  const freshet_store& store_;
  Log& log_;
  Claimant self_{};
  bool known_ = false;
};

}  // namespace freshet::cli
