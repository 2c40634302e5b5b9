#include "core/presence.h"

#include <algorithm>
#include <string_view>

namespace freshet {
namespace {

// How long the clock of somebody gone is remembered, so that old news of it stays old.
constexpr uint64_t kRememberGoneMs = 60'000;

// Real clocks count changes, once in 15 s at least. Beyond what a client can have counted, a clock
// would only serve to silence others: nothing newer could follow.
constexpr uint64_t kMaxClock = UINT32_MAX;

// How far ahead of what we know a client may be that comes back on another connection.
constexpr uint64_t kMaxTakeoverStep = 4096;

}  // namespace

freshet_presence Presence::to_c(uint64_t client, const Entry& e) {
  if (e.gone) return {client, e.clock, {nullptr, 0}};
  return {client, e.clock, {e.json.data(), e.json.size()}};
}

// Whether news at the clock we have is news all the same, to be passed on one clock later: a client
// is back on a new connection, where it announces itself as it was, or has changed before it heard
// that we moved its clock. What clients repeat of others is neither: they have announced themselves
// before.
bool Presence::is_return(const Entry& entry, MemberId from, const freshet_presence& news) const {
  if (news.clock != entry.clock || news.clock == kMaxClock) return false;
  if (entry.gone) return !shown_.contains(from);
  return entry.owner == from && entry.json != std::string_view(news.json.data, news.json.size);
}

bool Presence::is_news(const Entry* known, MemberId from, const freshet_presence& news) const {
  if (news.clock > kMaxClock) return false;
  const bool leaves = news.json.data == nullptr;
  if (known == nullptr) return !leaves;
  if (leaves) return !known->gone && known->owner == from && news.clock >= known->clock;
  if (is_return(*known, from, news)) return true;
  if (news.clock <= known->clock) return false;
  return known->gone || known->owner == from || news.clock - known->clock <= kMaxTakeoverStep;
}

// Whether the session and the room have room for it.
bool Presence::fits(const Entry* known, MemberId from, const freshet_presence& news) {
  if (news.json.size > limits_.presence_bytes) return false;
  const auto shown = shown_.find(from);
  const bool own = known != nullptr && !known->gone && known->owner == from;
  const size_t replaced = known != nullptr ? known->json.size() : 0;
  const size_t clients = shown == shown_.end() ? 0 : shown->second.clients.size();
  const size_t bytes = shown == shown_.end() ? 0 : shown->second.bytes;
  if (!own && clients >= limits_.presence_per_session) return false;
  if (bytes - (own ? replaced : 0) + news.json.size > limits_.presence_session_bytes) return false;
  if (bytes_ - replaced + news.json.size > limits_.presence_room_bytes) return false;
  const bool room_is_full = known == nullptr && entries_.size() >= limits_.presence_per_room;
  if (room_is_full && live_ < entries_.size()) forget_gone();
  return known != nullptr || entries_.size() < limits_.presence_per_room;
}

void Presence::forget_gone() {
  std::erase_if(entries_, [](const auto& e) { return e.second.gone; });
}

void Presence::hide(uint64_t client, Entry& entry) {
  if (const auto shown = shown_.find(entry.owner); shown != shown_.end()) {
    std::erase(shown->second.clients, client);
    shown->second.bytes -= entry.json.size();
    if (shown->second.clients.empty()) shown_.erase(shown);
  }
  bytes_ -= entry.json.size();
  entry.gone = true;
  entry.json = {};
  entry.owner = 0;
  entry.renewed_ms = last_now_ms_;
  entry.version = ++version_;
  --live_;
}

void Presence::show(uint64_t client, Entry& entry, MemberId from, const freshet_presence& news) {
  const uint64_t clock =
      news.clock == entry.clock && entry.version != 0 ? news.clock + 1 : news.clock;
  if (!entry.gone) hide(client, entry);
  entry.gone = false;
  entry.clock = clock;
  entry.json.assign(news.json.data, news.json.size);
  entry.owner = from;
  entry.renewed_ms = last_now_ms_;
  entry.version = ++version_;
  ++live_;
  bytes_ += entry.json.size();
  Shown& shown = shown_[from];
  shown.clients.push_back(client);
  shown.bytes += entry.json.size();
}

std::vector<freshet_presence> Presence::submit(MemberId from,
                                               std::span<const freshet_presence> entries,
                                               uint32_t ttl_ms, uint64_t now_ms) {
  last_now_ms_ = now_ms;
  std::vector<uint64_t> changed;
  for (const freshet_presence& news : entries) {
    const auto it = entries_.find(news.client);
    const Entry* known = it == entries_.end() ? nullptr : &it->second;
    if (!is_news(known, from, news)) continue;
    if (news.json.data == nullptr) {
      it->second.clock = news.clock;
      hide(news.client, it->second);
    } else {
      if (!fits(known, from, news)) continue;
      Entry& entry = entries_[news.client];
      show(news.client, entry, from, news);
      entry.ttl_ms = ttl_ms;
    }
    changed.push_back(news.client);
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  std::vector<freshet_presence> out;
  for (const uint64_t client : changed) {
    // One that left may have been forgotten to make room within this very message.
    const auto it = entries_.find(client);
    if (it != entries_.end()) out.push_back(to_c(client, it->second));
  }
  return out;
}

std::vector<freshet_presence> Presence::leave(MemberId member) {
  const auto shown = shown_.find(member);
  if (shown == shown_.end()) return {};
  std::vector<freshet_presence> out;
  for (const uint64_t client : std::vector<uint64_t>(shown->second.clients)) {
    Entry& entry = entries_[client];
    hide(client, entry);
    out.push_back(to_c(client, entry));
  }
  return out;
}

std::vector<freshet_presence> Presence::expire(uint64_t now_ms) {
  last_now_ms_ = now_ms;
  std::vector<freshet_presence> out;
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& [client, entry] = *it;
    const uint64_t age = now_ms - entry.renewed_ms;
    if (entry.gone && age > kRememberGoneMs) {
      it = entries_.erase(it);
      continue;
    }
    if (!entry.gone && entry.ttl_ms != 0 && age > entry.ttl_ms) {
      hide(client, entry);
      out.push_back(to_c(client, entry));
    }
    ++it;
  }
  return out;
}

std::vector<freshet_presence> Presence::all() const {
  std::vector<freshet_presence> out;
  out.reserve(live_);
  for (const auto& [client, entry] : entries_) {
    if (!entry.gone) out.push_back(to_c(client, entry));
  }
  return out;
}

std::vector<freshet_presence> Presence::since(uint64_t version) const {
  std::vector<freshet_presence> out;
  for (const auto& [client, entry] : entries_) {
    if (entry.version > version) out.push_back(to_c(client, entry));
  }
  return out;
}

}  // namespace freshet
