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
  if (deleted_clients.empty()) deleted_clients = in_order(deleted.ranges());
  deleted.join();
  std::sort(grown.begin(), grown.end(), [](Growth a, Growth b) {
    return a.client != b.client ? a.client < b.client : a.before < b.before;
  });
  grown.erase(std::unique(grown.begin(), grown.end(),
                          [](Growth a, Growth b) { return a.client == b.client; }),
              grown.end());
}

}  // namespace freshet::crdt
