// tests/sim/verdict.h: what went wrong in a run, by kind, and what happened on the way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/timeline.h"

namespace freshet::sim {

// The promises a run checks. Each violation names the one it broke.
enum class Broken {
  acknowledged_unsaved,  // told to a client as saved, and not on disk then
  acknowledged_lost,     // told to a client as saved, and gone later
  served_unsaved,        // a joiner's state held what was not on disk
  served_half_loaded,    // a joiner was shown less than what was stored
  diverged,              // replicas, or the store, hold different documents in the end
  presence,              // somebody gone is shown, or somebody there is not
  turned_away,           // an honest client was closed for good
  hostile_stayed,        // bytes that do not decode, and the connection lives
  hostile_passed_on,     // something of a refused peer reached another, or the store
  undecodable,           // a client was sent what it cannot read

  app_misled,         // an app was told something twice, in no order, or of a room in use its end
  app_cut_off,        // the end came early to an app that had not passed on what it was told
  reader_bound,       // a slow reader cost more memory than its bound
  not_ready,          // /readyz does not say what is
  doubled,            // content is there twice
  app_untold,         // an app was not told of the end of a room
  bus_contract,       // a bus was called in a way abi/bus.h does not allow
  store_contract,     // a store was called in a way abi/store.h does not allow
  platform_contract,  // a platform was called in a way abi/platform.h does not allow
  leaked,             // a message's bytes are still referred to when the server is gone
};

std::string_view name_of(Broken kind);

struct Violation {
  Broken kind;
  std::string what;
};

class Verdict {
 public:
  Verdict(const Timeline& timeline, bool trace) : timeline_(timeline), trace_(trace) {}
  Verdict(const Verdict&) = delete;
  Verdict& operator=(const Verdict&) = delete;

  void broke(Broken kind, std::string what);

  bool tracing() const { return trace_; }
  void trace(std::string_view who, std::string_view what) const;

  bool clean() const { return violations_.empty(); }
  bool saw(Broken kind) const;
  const std::vector<Violation>& violations() const { return violations_; }
  std::string summary() const;  // a line for each, empty if clean

 private:
  const Timeline& timeline_;
  const bool trace_;
  std::vector<Violation> violations_;
};

}  // namespace freshet::sim
