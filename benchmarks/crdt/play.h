// Has Freshet's engine do what a script says, as play.mjs has the others.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "freshet/crdt/doc.h"
#include "script.h"

namespace freshet::bench {

// One of those who edit, and the units in their text.
struct Author {
  explicit Author(uint64_t client) : id(client) {}
  crdt::Doc doc;
  uint64_t id;
  uint64_t length = 0;
};

struct Played {
  std::vector<std::unique_ptr<Author>> authors;
  std::vector<std::vector<uint8_t>> updates;  // one for each edit, in the order they were made
};

// Ends the program when an edit or an update is refused.
Played play(const std::vector<Step>& steps);

void apply_all(crdt::Doc& doc, const std::vector<std::vector<uint8_t>>& updates);

}  // namespace freshet::bench
