#include "core/problems.h"

#include <algorithm>

#include "core/printable.h"

namespace freshet {

std::string Problems::text() const {
  std::vector<const Problem*> sorted;
  for (const auto& problem : all_) sorted.push_back(&problem);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem* a, const Problem* b) { return a->line < b->line; });
  std::string out;
  for (const Problem* problem : sorted) {
    std::string line = file_ + ":" + std::to_string(problem->line) + ": ";
    if (!problem->key.empty()) line += problem->key + ": ";
    out += printable(line + problem->reason) + "\n";
  }
  return out;
}

}  // namespace freshet
