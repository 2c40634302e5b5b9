// plugins/store-postgres/bus/senders.h: the last packet that was heard of each node.
//
// Where a connection is lost, what it sent may be committed after what goes over the next one: the
// server notices later than its client. Such a packet comes too late to be heard in its order.
#pragma once

#include <cstdint>
#include <map>

#include "store-postgres/bus/limits.h"
#include "store-postgres/bus/packet.h"

namespace freshet::postgres {

class Senders {
 public:
  // False: a later one of this node has been heard before.
  bool hear(const NodeId& node, uint64_t number) {
    if (last_.size() >= kMaxSendersKnown && !last_.contains(node)) last_.clear();
    uint64_t& last = last_[node];
    if (number <= last) return false;
    last = number;
    return true;
  }

 private:
  std::map<NodeId, uint64_t> last_;
};

}  // namespace freshet::postgres
