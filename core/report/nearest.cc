#include "core/report/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/report/limits.h"

namespace freshet {
namespace {

// Levenshtein, where swapping two neighbours also counts as one slip.
size_t slips(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// Keys of times and sizes end with their unit, which is easily left out.
std::string_view with_unit(std::string_view word, std::span<const std::string_view> candidates) {
  for (const std::string_view candidate : candidates) {
    if (!candidate.starts_with(word)) continue;
    const std::string_view rest = candidate.substr(word.size());
    if (rest == "_ms" || rest == "_bytes") return candidate;
  }
  return {};
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kMaxWordBytes) return {};
  if (const auto whole = with_unit(word, candidates); !whole.empty()) return whole;
  std::string_view best;
  size_t fewest = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kMaxWordBytes) continue;
    const size_t n = slips(word, candidate);
    if (n < fewest) {
      fewest = n;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  if (const auto near = nearest(word, candidates); !near.empty()) {
    return "; did you mean \"" + std::string(near) + "\"?";
  }
  if (candidates.empty() || candidates.size() > kMaxListedWords) return "";
  std::string out = "; known are: ";
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (i > 0) out += ", ";
    out += candidates[i];
  }
  return out;
}

}  // namespace freshet
