// Undoing makes deleted content anew: what was at one id is now at another.
#pragma once

#include <cstdint>
#include <map>

#include "items/ids.h"

namespace freshet::crdt {

class Remade {
 public:
  // What is at `id` is now at the id returned, if it was made anew.
  Id of(Id id) const;
  // The `len` units from `old` on are now at `now`.
  void set(Id old, uint32_t len, Id now) { ranges_.insert_or_assign(id_key(old), Range{len, now}); }

  bool empty() const { return ranges_.empty(); }

 private:
  struct Range {
    uint32_t len;
    Id now;
  };
  std::map<IdKey, Range> ranges_;
};

}  // namespace freshet::crdt
