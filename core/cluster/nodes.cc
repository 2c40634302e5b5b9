#include "core/cluster/nodes.h"

#include <algorithm>
#include <utility>

#include "core/cluster/limits.h"
#include "core/report/printable.h"
#include "freshet/sink.h"
#include "freshet/store.h"

namespace freshet {

Nodes::Nodes(Loop loop, StoreQueue& store, Self self, Log& log, Metrics& metrics, Told told)
    : loop_(loop),
      store_(store),
      self_(std::move(self)),
      log_(log),
      living_(metrics.gauge("freshet_cluster_nodes", "Nodes of the cluster that live.")),
      told_(std::move(told)) {}

void Nodes::start() {
  loop_.post([this] { beat(); });
}

void Nodes::beat_later() {
  loop_.after(
      kBeatMs,
      [](void* self) {
        auto& nodes = *static_cast<Nodes*>(self);
        const OnShard here(nodes.loop_.shard());
        nodes.beat();
      },
      this);
}

// One at a time: what comes back late tells of an outage.
void Nodes::beat() {
  if (ending_) return;
  beat_later();
  if (std::exchange(asks_, true)) return;
  const Status asked = if_memory([this] {
    store_.cluster(
        loop_.shard(),
        [self = self_](const freshet_store& store, freshet_reply reply) {
          store.node_beat(store.self, self.node, to_c(as_bytes(self.about)), reply);
        },
        [this](Status status, const ReplyItems& items) { hear(status, items); });
    return Status::ok;
  });
  if (asked != Status::ok) asks_ = false;
}

void Nodes::hear(Status status, const ReplyItems& items) {
  asks_ = false;
  if (ending_) return;
  if (status == Status::conflict) return go_on_anew();
  if (status != Status::ok) return;
  const uint64_t now_ms = loop_.now_ms();
  if (now_ms - std::exchange(answered_ms_, now_ms) > kBeatGapMs) {
    for (Other& each : others_) each.moved_ms = now_ms;
  }
  note(items);
  end_silent();
  tell_living();
  living_.set(static_cast<int64_t>(others_.size()) + 1);
}

void Nodes::note(const ReplyItems& items) {
  const uint64_t now_ms = loop_.now_ms();
  std::vector<Other> before = std::exchange(others_, {});
  for (size_t i = 0; i < items.size(); ++i) {
    const ReplyItem& item = items[i];
    Other other{{}, item.number, now_ms, {}};
    if (item.kind != FRESHET_STORE_NODE || item.bytes.size() != sizeof(other.node.run)) continue;
    std::ranges::copy(item.bytes, other.node.run);
    if (same(other.node, self_.node)) continue;
    if (was_ended(other.node)) {
      end(other.node);
      continue;
    }
    const bool says = i + 1 < items.size() && items[i + 1].kind == FRESHET_STORE_ABOUT;
    if (says) other.about = printable(as_text(items[i + 1].bytes));
    const auto known = std::ranges::find_if(
        before, [&](const Other& each) { return same(each.node, other.node); });
    if (known == before.end()) {
      log_.info("cluster", "there is a node: " + other.about);
    } else {
      if (known->beats == other.beats) other.moved_ms = known->moved_ms;
      before.erase(known);
    }
    others_.push_back(std::move(other));
  }
  for (const Other& each : before) {
    log_.info("cluster", "a node has ended: " + each.about);
    if (ended_.size() == kMostEnded) ended_.erase(ended_.begin());
    ended_.push_back(each.node);
    told_.ended(each.node);
  }
}

// A failover of the database takes back that it was, or had taken back for a moment that it lives.
// Its people are shown again when it goes on under another name.
bool Nodes::was_ended(const freshet_node& other) const {
  return std::ranges::any_of(ended_, [&](const freshet_node& each) { return same(each, other); });
}

// With the apps of whoever is left to be told of rooms that nobody has open any more.
void Nodes::end_silent() {
  const uint64_t now_ms = loop_.now_ms();
  for (const Other& each : others_) {
    if (now_ms - each.moved_ms >= kNodeLeaseMs) end(each.node);
  }
}

void Nodes::end(const freshet_node& other) {
  static_cast<void>(if_memory([&] {
    store_.cluster(
        loop_.shard(),
        [other, tells = self_.tells](const freshet_store& store, freshet_reply reply) {
          store.node_end(store.self, other, tells ? 1 : 0, reply);
        },
        [](Status, const ReplyItems&) {});
    return Status::ok;
  }));
}

void Nodes::tell_living() {
  const uint64_t now_ms = loop_.now_ms();
  if (now_ms - told_ms_ < kTellLivingMs) return;
  told_ms_ = now_ms;
  std::vector<freshet_node> nodes;
  for (const Other& each : others_) nodes.push_back(each.node);
  told_.living(nodes);
}

// Others have told their people that those of this node are gone.
void Nodes::go_on_anew() {
  const freshet_platform& platform = loop_.platform();
  platform.random(platform.self, self_.node.run, sizeof(self_.node.run));
  log_.warn("cluster",
            "other nodes took this one for dead, as it did not say for 10 s that it lives; it goes "
            "on, and shows its people again");
  told_.anew(self_.node);
}

void Nodes::end(std::function<void()> done) {
  loop_.post([this, done = std::move(done)]() mutable {
    ending_ = true;
    store_.cluster(
        loop_.shard(),
        [node = self_.node](const freshet_store& store, freshet_reply reply) {
          store.node_end(store.self, node, 0, reply);
        },
        [done = std::move(done)](Status, const ReplyItems&) { done(); });
  });
}

}  // namespace freshet
