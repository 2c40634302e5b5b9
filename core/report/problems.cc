#include "core/report/problems.h"

#include <algorithm>
#include <utility>

#include "core/report/printable.h"

namespace freshet {

std::string Problems::text() const {
  std::vector<const Problem*> sorted;
  for (const auto& problem : all_) sorted.push_back(&problem);
  // Ties in the order they were found. (std::stable_sort of g++ 12's library draws a warning of
  // clang.)
  std::sort(sorted.begin(), sorted.end(), [](const Problem* a, const Problem* b) {
    return std::pair(a->line, a) < std::pair(b->line, b);
  });
  std::string out;
  for (const Problem* problem : sorted) {
    std::string line = file_ + ":" + std::to_string(problem->line) + ": ";
    if (!problem->key.empty()) line += problem->key + ": ";
    out += printable(line + problem->reason) + "\n";
  }
  return out;
}

}  // namespace freshet
