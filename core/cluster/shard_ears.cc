#include "core/cluster/shard_ears.h"

#include <algorithm>

#include "core/cluster/bus_message.h"
#include "core/cluster/limits.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet {

void ShardEars::hear(std::string_view room, Bytes message) {
  const size_t size = room.size() + message.size();
  if (waiting_bytes_.fetch_add(size) + size > kMostHeardBytes) {
    waiting_bytes_.fetch_sub(size);
    return missed();
  }
  const Status posted = if_memory([&] {
    loop_.post([this, size, room = std::string(room),
                message = std::vector<uint8_t>(message.begin(), message.end())] {
      waiting_bytes_.fetch_sub(size);
      take(room, message);
    });
    return Status::ok;
  });
  if (posted == Status::ok) return;
  waiting_bytes_.fetch_sub(size);
  missed();
}

void ShardEars::take(std::string_view room, Bytes message) {
  const auto by = bus::writer_of(message);
  const auto is_its = [&](const freshet_node& each) { return same(each, bus::node_of(*by)); };
  if (by && std::ranges::any_of(ended_, is_its)) return;
  rooms_.hear(room, message);
}

void ShardEars::missed() {
  if (missed_.exchange(true)) return;
  const Status posted = if_memory([&] {
    loop_.post([this] {
      missed_ = false;
      rooms_.missed();
    });
    return Status::ok;
  });
  if (posted != Status::ok) missed_ = false;
}

void ShardEars::end(const freshet_node& node) {
  loop_.post([this, node] {
    pass_over(node);
    rooms_.ended(node);
  });
}

void ShardEars::pass_over(const freshet_node& node) {
  if (ended_.size() == kMostEnded) ended_.erase(ended_.begin());
  ended_.push_back(node);
}

void ShardEars::live(const std::vector<freshet_node>& nodes) {
  loop_.post([this, nodes] { rooms_.living(nodes); });
}

void ShardEars::begin_anew(const freshet_node& self) {
  // A bus brings a node its own messages too: what it has said as another is no news either.
  loop_.post([this, self] { pass_over(rooms_.anew(self)); });
}

}  // namespace freshet
