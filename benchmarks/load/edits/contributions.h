// contributions.h: whose clocks an update holds.
#pragma once

#include <cstdint>
#include <vector>

#include "authors.h"
#include "freshet/bytes.h"

namespace freshet::load {

// Clocks [from, to) of one author.
struct Contribution {
  uint32_t author;
  uint64_t from, to;
  bool operator==(const Contribution&) const = default;
};

// Appends what `update` (format v1) holds of the authors; neighbouring items are one range, and
// skips are none. Others' clocks, such as a pluv client's own root, are passed over. False: no
// update, or content that is not text (nobody in a run writes any); `out` is of no use then.
bool read_contributions(Bytes update, const Authors& authors, std::vector<Contribution>& out);

}  // namespace freshet::load
