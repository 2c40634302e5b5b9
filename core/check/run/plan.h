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

// What not every store has.
struct StoreParts {
  bool outbox = true, kept = true;  // as far as is known
  bool shared = false;              // many may have it open
};

// The tests of any plugin, then those of the services that this one offers.
std::vector<Planned> plan_for(const std::vector<std::string>& offers, const StoreParts& parts);

// A pattern with '*' and '?' fits the whole name. An empty one fits all.
bool fits(const std::string& pattern, const std::string& name);

}  // namespace freshet::check
