#include "tree/dead_content.h"

#include <algorithm>
#include <memory>

namespace freshet::crdt {

void DeadContent::bury(const Item& item, uint32_t first, uint32_t len) {
  static constexpr size_t kWorthwhileBytes = 1024;
  static constexpr size_t kBytesPerChunk = 4 * Chunk::kCapacity;
  Client& client = records_.clients[item.client];
  size_t dead = 0, all = 0;
  switch (item.kind()) {
    case Kind::gc:
    case Kind::deleted:
    case Kind::type: return;
    case Kind::string:
      dead = client.dead_units += len;
      all = client.text.units();
      break;
    default:
      client.dead_value_bytes += client.values->log_bytes(first, len);
      dead = client.dead_value_bytes;
      all = client.values->log_bytes();
  }
  const size_t least = std::max(kWorthwhileBytes, client.index.chunks().size() * kBytesPerChunk);
  if (dead < least || dead < all / 2) return;
  const auto number = static_cast<uint32_t>(item.client);
  if (wasteful_.empty() || wasteful_.back() != number) wasteful_.push_back(number);
}

void DeadContent::compact_logs() {
  for (const uint32_t number : wasteful_) compact(records_.clients[number]);
  wasteful_.clear();
}

// Copies what items still hold into fresh logs, in clock order as before.
void DeadContent::compact(Client& client) {
  if (client.dead_units == 0 && client.dead_value_bytes == 0) return;  // done already
  TextLog text;
  auto values = std::make_unique<ValueLog>();
  for (const Chunk& chunk : client.index.chunks()) {
    for (uint32_t i = 0; i < chunk.count; ++i) {
      Item& item = records_.items[chunk.items()[i]];
      switch (item.kind()) {
        case Kind::gc:
        case Kind::deleted:
        case Kind::type: break;
        case Kind::string: {
          const uint32_t unit = text.units();
          client.text.move_to(text, item.content, item.len);
          item.content = unit;
          break;
        }
        default: {
          const uint32_t first = values->count();
          for (uint32_t k = 0; k < item.len; ++k) {
            values->append(client.values->span(item.content + k, 1));
          }
          item.content = first;
        }
      }
    }
  }
  client.text = std::move(text);
  client.values = values->count() > 0 ? std::move(values) : nullptr;
  client.dead_units = 0;
  client.dead_value_bytes = 0;
}

}  // namespace freshet::crdt
