#include "core/cluster/log_ends.h"

#include <algorithm>
#include <utility>

#include "core/cluster/limits.h"
#include "core/store/epoch.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

// The call, with all that it lends the store.
struct AskEnds {
  explicit AskEnds(std::vector<std::string> of) : names(std::move(of)) {}

  void operator()(const freshet_store& store, freshet_reply reply) const {
    for (const std::string& name : names) rooms.push_back(to_c(name));
    store.heads(store.self, rooms.data(), rooms.size(), reply);
  }

  const std::vector<std::string> names;
  mutable std::vector<freshet_str> rooms;  // views of names
};

}  // namespace

// Without memory for it nobody is asked for now.
void LogEnds::ask() {
  if (!store_.shared() || !asked_.empty()) return;
  const Status asked = if_memory([this] {
    if (turn_.empty()) begin_turn();
    std::vector<std::string> names;
    while (!turn_.empty() && names.size() < at_once_) {
      names.push_back(std::move(turn_.back()));
      turn_.pop_back();
    }
    if (names.empty()) return Status::ok;
    asked_ = names;
    store_.cluster(loop_.shard(), AskEnds(std::move(names)),
                   [this](Status status, const ReplyItems& items) { hear(status, items); });
    return Status::ok;
  });
  if (asked != Status::ok) asked_.clear();
}

void LogEnds::begin_turn() {
  turn_ = rooms_.names();
  const bool seldom = hears_ && !std::exchange(hurries_, false);
  at_once_ = seldom ? std::min(kMostAsked, turn_.size() / kTurnSeconds + 1) : kMostAsked;
}

void LogEnds::hear(Status status, const ReplyItems& items) {
  const std::vector<std::string> asked = std::exchange(asked_, {});
  if (status != Status::ok) {
    hurry();
    return rooms_.unanswered();
  }
  LogEnd end;
  size_t at = 0;
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_EPOCH) end.epoch = epoch_of(item.bytes);
    if (item.kind == FRESHET_STORE_WRITER) end.writer = row_writer(item.bytes, item.number);
    if (item.kind != FRESHET_STORE_LAST_SEQ) continue;
    if (at == asked.size()) return;
    end.last_seq = item.number;
    rooms_.hear(asked[at++], std::exchange(end, {}));
  }
}

}  // namespace freshet
