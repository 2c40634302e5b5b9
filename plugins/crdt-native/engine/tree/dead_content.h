// Content that no item holds any more, in the logs of its clients.
#pragma once

#include <cstdint>
#include <vector>

#include "lists/records.h"

namespace freshet::crdt {

class DeadContent {
 public:
  explicit DeadContent(Records& records) : records_(records) {}

  // `len` units of an item's content, from `first` on in its log, are no longer held. A log that is
  // mostly dead is compacted when the update is done; for that every item of the client is looked
  // at, so that there must be something to win for each, or overwriting would pay for it again and
  // again.
  void bury(const Item& item, uint32_t first, uint32_t len);
  // Compacts the logs in which it came to outweigh the living.
  void compact_logs();

 private:
  void compact(Client& client);

  Records& records_;
  std::vector<uint32_t> wasteful_;  // clients with logs to compact
};

}  // namespace freshet::crdt
