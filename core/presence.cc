#include "core/presence.h"

#include <algorithm>

namespace freshet {
namespace {

// How long the clock of somebody gone is remembered, so that old news of it stays old.
constexpr uint64_t kRememberGoneMs = 60'000;

// Real clocks count changes, once in 15 s at least. Beyond what a client can have counted, a clock
// would only serve to silence others: nothing newer could follow.
constexpr uint64_t kMaxClock = UINT32_MAX;

// Half of what y-protocols' awareness waits before it forgets somebody.
constexpr uint64_t kRenewMs = 15'000;

// How far ahead of what we know a client may be that comes back on another connection.
constexpr uint64_t kMaxTakeoverStep = 4096;

}  // namespace

PresenceNews Presence::news_of(uint64_t client, const Entry& e) {
  if (e.gone) return {{client, e.clock, {nullptr, 0}}, e.owner};
  return {{client, e.clock, {e.json.data(), e.json.size()}}, e.owner};
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
  if (known->shown_by_us) return false;
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
  entry.renewed_ms = last_now_ms_;
  entry.version = ++version_;
  --live_;
}

PresenceNews Presence::put(uint64_t client, Entry& entry, MemberId from,
                           const freshet_presence& news) {
  const uint64_t clock =
      news.clock == entry.clock && entry.version != 0 ? news.clock + 1 : news.clock;
  const bool arrived = entry.gone;
  const bool renewed = !arrived && entry.json == std::string_view(news.json.data, news.json.size);
  if (!arrived) hide(client, entry);
  entry.gone = false;
  entry.clock = clock;
  entry.json.assign(news.json.data, news.json.size);
  entry.owner = from;
  entry.renewed_ms = last_now_ms_;
  entry.version = ++version_;
  if (arrived) entry.arrived_version = entry.version;
  ++live_;
  bytes_ += entry.json.size();
  Shown& shown = shown_[from];
  shown.clients.push_back(client);
  shown.bytes += entry.json.size();
  PresenceNews out = news_of(client, entry);
  out.arrived = arrived;
  out.renewed = renewed;
  return out;
}

std::optional<PresenceNews> Presence::show(MemberId from, uint64_t client, std::string_view json,
                                           uint64_t now_ms) {
  last_now_ms_ = now_ms;
  const auto it = entries_.find(client);
  const Entry* known = it == entries_.end() ? nullptr : &it->second;
  const freshet_presence news{
      client, known == nullptr ? 1 : known->clock + 1, {json.data(), json.size()}};
  if (news.clock > kMaxClock || !fits(known, from, news)) return std::nullopt;
  Entry& entry = entries_[client];
  entry.shown_by_us = true;
  entry.ttl_ms = 0;
  return put(client, entry, from, news);
}

std::string_view Presence::shown_as(uint64_t client) const {
  const auto it = entries_.find(client);
  return it == entries_.end() ? std::string_view() : it->second.json;
}

std::vector<PresenceNews> Presence::submit(MemberId from, std::span<const freshet_presence> entries,
                                           uint32_t ttl_ms, uint64_t now_ms) {
  last_now_ms_ = now_ms;
  const uint64_t before = version_;
  std::vector<uint64_t> changed;
  std::vector<uint64_t> renewed;
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
      if (put(news.client, entry, from, news).renewed) renewed.push_back(news.client);
      entry.ttl_ms = ttl_ms;
    }
    changed.push_back(news.client);
  }
  std::sort(changed.begin(), changed.end());
  const bool once = std::adjacent_find(changed.begin(), changed.end()) == changed.end();
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  std::vector<PresenceNews> out;
  for (const uint64_t client : changed) {
    // One that left may have been forgotten to make room within this very message.
    const auto it = entries_.find(client);
    if (it == entries_.end()) continue;
    PresenceNews& news = out.emplace_back(news_of(client, it->second));
    news.arrived = !it->second.gone && it->second.arrived_version > before;
    // Said once in this message, and no more than that.
    news.renewed = once && std::ranges::find(renewed, client) != renewed.end();
  }
  return out;
}

std::vector<PresenceNews> Presence::leave(MemberId member) {
  const auto shown = shown_.find(member);
  if (shown == shown_.end()) return {};
  std::vector<PresenceNews> out;
  for (const uint64_t client : std::vector<uint64_t>(shown->second.clients)) {
    Entry& entry = entries_[client];
    hide(client, entry);
    out.push_back(news_of(client, entry));
  }
  return out;
}

std::vector<PresenceNews> Presence::expire(uint64_t now_ms) {
  last_now_ms_ = now_ms;
  std::vector<PresenceNews> out;
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& [client, entry] = *it;
    const uint64_t age = now_ms - entry.renewed_ms;
    if (entry.gone && age > kRememberGoneMs) {
      it = entries_.erase(it);
      continue;
    }
    if (!entry.gone && entry.ttl_ms != 0 && age > entry.ttl_ms) {
      hide(client, entry);
      out.push_back(news_of(client, entry));
    }
    if (!entry.gone && entry.shown_by_us && age >= kRenewMs && entry.clock < kMaxClock) {
      ++entry.clock;
      entry.renewed_ms = now_ms;
      out.push_back(news_of(client, entry));
      out.back().renewed = true;
    }
    ++it;
  }
  return out;
}

std::vector<PresenceNews> Presence::all() const {
  std::vector<PresenceNews> out;
  out.reserve(live_);
  for (const auto& [client, entry] : entries_) {
    if (!entry.gone) out.push_back(news_of(client, entry));
  }
  return out;
}

std::vector<PresenceNews> Presence::since(uint64_t version) const {
  std::vector<PresenceNews> out;
  for (const auto& [client, entry] : entries_) {
    if (entry.version <= version) continue;
    out.push_back(news_of(client, entry));
    out.back().arrived = !entry.gone && entry.arrived_version > version;
  }
  return out;
}

}  // namespace freshet
