// tests/sim/clients/books.h: what a simulated client wrote, and what it was told of it.
#pragma once

#include <map>
#include <vector>

#include "sim/clients/author.h"
#include "sim/update_ids.h"

namespace freshet::sim {

class Books {
 public:
  explicit Books(uint64_t self) : self_(self) {}

  void wrote(const UpdateIds& ids) {
    for (const auto& [client, spans] : ids.structs.clients()) {
      for (const auto& [begin, end] : spans) {
        for (const auto& [of, ranges] : ids.deletes.clients()) {
          for (const auto& [from, to] : ranges) {
            deleted_with_[begin].push_back({of, from, to - from});
          }
        }
      }
    }
  }

  void acknowledge(const UpdateIds& own) { acknowledged_.add(own); }

  // What of it is its own, the deletions beside that included: acknowledged from now on, as one's
  // own content comes back only when it is saved, whatever brings it.
  UpdateIds hear(const UpdateIds& got) {
    heard_.add(got);
    UpdateIds own;
    own.structs = got.structs.of(self_);
    if (own.structs.empty()) return own;
    for (const auto& [begin, deletions] : deleted_with_) {
      if (!own.structs.contains(self_, begin, 1)) continue;
      for (const Deletion& d : deletions) own.deletes.add(d.client, d.clock, d.len);
    }
    acknowledged_.add(own);
    return own;
  }

  const UpdateIds& acknowledged() const { return acknowledged_; }
  const UpdateIds& heard() const { return heard_; }

 private:
  const uint64_t self_;
  std::map<uint64_t, std::vector<Deletion>> deleted_with_;  // by own clock
  UpdateIds acknowledged_;
  UpdateIds heard_;
};

}  // namespace freshet::sim
