// What an update takes in memory, estimated without applying it.
#pragma once

#include <cstddef>
#include <string_view>

#include "format/update_v1.h"

namespace freshet::crdt {

class CostEstimate {
 public:
  void add(const WireStruct& item);

  // Both of an update whose structs were added, and which names so many clients. The document's,
  // caches included; and what it takes besides while it is being applied.
  size_t document_bytes(const Update& update, size_t clients) const;
  size_t working_bytes(const Update& update, size_t clients, size_t update_bytes) const;

 private:
  size_t structs_ = 0;
  size_t bytes_ = 0;
  size_t roots_ = 0;
  std::string_view root_;  // the last that was named
};

}  // namespace freshet::crdt
