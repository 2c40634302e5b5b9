#include "core/cluster/log_ends.h"

#include <optional>
#include <utility>

#include "core/store/epoch.h"

namespace freshet {
namespace {

constexpr size_t kMostAsked = 1'000;

}  // namespace

void LogEnds::ask() {
  if (!store_.shared() || !asked_.empty()) return;
  if (turn_.empty()) turn_ = rooms_.names();
  while (!turn_.empty() && asked_.size() < kMostAsked) {
    asked_.push_back(std::move(turn_.back()));
    turn_.pop_back();
  }
  if (asked_.empty()) return;
  store_.cluster(
      loop_.shard(),
      [names = asked_](const freshet_store& store, freshet_reply reply) {
        std::vector<freshet_str> rooms;
        rooms.reserve(names.size());
        for (const std::string& name : names) rooms.push_back(to_c(name));
        store.heads(store.self, rooms.data(), rooms.size(), reply);
      },
      [this](Status status, const ReplyItems& items) { hear(status, items); });
}

void LogEnds::hear(Status status, const ReplyItems& items) {
  const std::vector<std::string> asked = std::exchange(asked_, {});
  if (status != Status::ok) return;
  std::optional<freshet_epoch> epoch;
  size_t at = 0;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_EPOCH) epoch = epoch_of(item.bytes);
    if (item.kind != FRESHET_STORE_LAST_SEQ) continue;
    if (at == asked.size()) return;
    rooms_.hear(asked[at++], std::exchange(epoch, std::nullopt), item.number);
  }
}

}  // namespace freshet
