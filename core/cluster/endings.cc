#include "core/cluster/endings.h"

#include <utility>

#include "core/cluster/limits.h"
#include "freshet/sink.h"

namespace freshet {
namespace {

constexpr std::string_view kClaim = "freshet/endings";

}  // namespace

void Endings::start() {
  loop_.post([this] { tick(); });
}

void Endings::hurry() {
  loop_.post([this] {
    if (mine_) look();
  });
}

void Endings::stop() {
  loop_.post([this] { stopped_ = true; });
}

void Endings::tick() {
  if (stopped_) return;
  loop_.after(
      kLookForEndingsMs,
      [](void* self) {
        auto& endings = *static_cast<Endings*>(self);
        const OnShard here(endings.loop_.shard());
        endings.tick();
      },
      this);
  const Status asked = if_memory([this] {
    const uint64_t now_ms = loop_.now_ms();
    if (claimed_ms_ == 0 || now_ms - claimed_ms_ >= kRenewClaimMs) {
      claimed_ms_ = now_ms;
      claim();
    }
    if (mine_) look();
    return Status::ok;
  });
  if (asked != Status::ok) looks_ = false;
}

void Endings::claim() {
  store_.cluster(
      loop_.shard(),
      [self = self_](const freshet_store& store, freshet_reply reply) {
        store.claim(store.self, to_c(kClaim), self, kEndingsClaimMs, reply);
      },
      [this](Status status, const ReplyItems&) { mine_ = status == Status::ok; });
}

void Endings::look() {
  if (std::exchange(looks_, true)) return;
  store_.cluster(
      loop_.shard(),
      [](const freshet_store& store, freshet_reply reply) {
        store.notices(store.self, 0, kMostEndings, reply);
      },
      [this](Status status, const ReplyItems& items) { hear(status, items); });
}

void Endings::hear(Status status, const ReplyItems& items) {
  looks_ = false;
  if (status != Status::ok || !mine_ || stopped_) return;
  const uint64_t now_ms = loop_.now_ms();
  std::erase_if(told_ms_, [&](const auto& each) { return now_ms - each.second >= kTellAgainMs; });
  for (const ReplyItem& item : items) {
    if (item.kind != FRESHET_STORE_NOTICE) continue;
    if (told_ms_.try_emplace(item.number, now_ms).second) {
      tell(std::string(as_text(item.bytes)), item.number);
    }
  }
}

// An app that fails has answered: it is not asked again.
void Endings::tell(const std::string& room, uint64_t id) {
  tell_(room, id, [this, id](Status status) {
    if (status == Status::retry || status == Status::limit) return;
    loop_.post([this, id] { remove(id); });
  });
}

void Endings::remove(uint64_t id) {
  store_.cluster(
      loop_.shard(),
      [id](const freshet_store& store, freshet_reply reply) {
        store.notice_remove(store.self, id, reply);
      },
      [](Status, const ReplyItems&) {});
}

}  // namespace freshet
