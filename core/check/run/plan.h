// core/check/run/plan.h: which tests there are for a plugin, in the order in which they are run.
#pragma once

#include <string>
#include <vector>

namespace freshet::check {

struct Planned {
  std::string name;       // "store.RefusesAnotherEpoch"
  std::string full_name;  // GoogleTest's
  std::string group;      // "store"
};

// The tests of any plugin, then those of the services that this one offers. `outbox`: its store
// has one; `shared`: many may have it open.
std::vector<Planned> plan_for(const std::vector<std::string>& offers, bool outbox, bool shared);

// A pattern with '*' and '?' fits the whole name. An empty one fits all.
bool fits(const std::string& pattern, const std::string& name);

}  // namespace freshet::check
