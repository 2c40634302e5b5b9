#include "tree/changes.h"

#include <algorithm>
#include <utility>

namespace freshet::crdt {

namespace {

// The clients in the order of their first range.
std::vector<uint32_t> in_order(const std::vector<DeletedRange>& ranges) {
  std::vector<std::pair<uint32_t, size_t>> firsts;  // client, index
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i == 0 || ranges[i].client != ranges[i - 1].client)
      firsts.emplace_back(ranges[i].client, i);
  }
  std::sort(firsts.begin(), firsts.end());
  firsts.erase(std::unique(firsts.begin(), firsts.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first; }),
               firsts.end());
  std::sort(firsts.begin(), firsts.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<uint32_t> clients;
  for (const auto& [client, index] : firsts) clients.push_back(client);
  return clients;
}

}  // namespace

void Changes::sort() {
  if (deleted_clients.empty()) deleted_clients = in_order(deleted);
  const auto before = [](const auto& a, const auto& b) {
    return a.client != b.client ? a.client < b.client : a.clock < b.clock;
  };
  std::sort(deleted.begin(), deleted.end(), before);
  size_t kept = 0;
  for (const DeletedRange& range : deleted) {
    if (kept > 0 && deleted[kept - 1].client == range.client &&
        range.clock <= deleted[kept - 1].clock + deleted[kept - 1].len) {
      DeletedRange& last = deleted[kept - 1];
      last.len = std::max(last.clock + last.len, range.clock + range.len) - last.clock;
    } else {
      deleted[kept++] = range;
    }
  }
  deleted.resize(kept);
  std::sort(grown.begin(), grown.end(), [](Growth a, Growth b) {
    return a.client != b.client ? a.client < b.client : a.before < b.before;
  });
  grown.erase(std::unique(grown.begin(), grown.end(),
                          [](Growth a, Growth b) { return a.client == b.client; }),
              grown.end());
}

}  // namespace freshet::crdt
