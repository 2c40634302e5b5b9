// What transactions did that ended without a commit, until an edit's update takes it along.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

// Updates of one document, in the order in which they were made. Joined whenever they have doubled,
// so that they stay in proportion to the document and adding one costs little on average.
class Withheld {
 public:
  // One update worth all of them together.
  using Merge = Status (*)(std::span<const Bytes> updates, std::vector<uint8_t>& out);

  // REQUIRES: it never fails on updates that were added.
  explicit Withheld(Merge merge) : merge_(merge) {}

  bool empty() const { return updates_.empty(); }
  size_t bytes() const { return bytes_; }

  void add(std::vector<uint8_t> update);
  // Appends all of them as one, and holds none any more.
  void take(std::vector<uint8_t>& out);

 private:
  void join();

  const Merge merge_;
  std::vector<std::vector<uint8_t>> updates_;
  size_t bytes_ = 0;
  size_t joined_bytes_ = 0;  // when they were joined last
};

}  // namespace freshet::crdt
