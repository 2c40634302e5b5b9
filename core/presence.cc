#include "core/presence.h"

#include <algorithm>
#include <string_view>

namespace freshet {
namespace {

// How long the clock of somebody gone is remembered, so that old news of it stays old.
constexpr uint64_t kRememberGoneMs = 60'000;

}  // namespace

freshet_presence Presence::to_c(const Entries::value_type& entry) {
  const Entry& e = entry.second;
  if (e.gone) return {entry.first, e.clock, {nullptr, 0}};
  return {entry.first, e.clock, {e.json.data(), e.json.size()}};
}

size_t Presence::owned_by(MemberId member) const {
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const auto& e) {
    return e.second.owner == member && !e.second.gone;
  }));
}

void Presence::remove(Entry& entry, uint64_t now_ms) {
  entry.gone = true;
  entry.json.clear();
  entry.json.shrink_to_fit();
  entry.owner = 0;
  entry.renewed_ms = now_ms;
  entry.version = ++version_;
  --live_;
}

// Whether news at the clock we have is news all the same, to be passed on one clock later: a client
// is back on a new connection, where it announces itself as it was, or has changed before it heard
// that we moved its clock. What clients repeat of others is neither: they have announced themselves
// before.
bool Presence::is_return(const Entry& entry, MemberId from, const freshet_presence& news) const {
  if (news.clock != entry.clock) return false;
  if (entry.gone) return owned_by(from) == 0;
  return entry.owner == from && entry.json != std::string_view(news.json.data, news.json.size);
}

bool Presence::take(Entry& entry, bool known, MemberId from, const freshet_presence& news,
                    uint64_t now_ms) {
  const bool gone = news.json.data == nullptr;
  if (gone) {
    const bool newer = known && news.clock >= entry.clock && !entry.gone;
    if (!newer || entry.owner != from) return false;
    entry.clock = news.clock;
    remove(entry, now_ms);
    return true;
  }
  const bool returns = known && is_return(entry, from, news);
  if (known && news.clock <= entry.clock && !returns) return false;
  if (entry.gone) ++live_;
  entry.gone = false;
  entry.clock = returns ? news.clock + 1 : news.clock;
  entry.json.assign(news.json.data, news.json.size);
  entry.owner = from;
  entry.renewed_ms = now_ms;
  entry.version = ++version_;
  return true;
}

std::vector<freshet_presence> Presence::submit(MemberId from,
                                               std::span<const freshet_presence> entries,
                                               uint32_t ttl_ms, uint64_t now_ms) {
  last_now_ms_ = now_ms;
  const uint64_t before = version_;
  size_t owned = SIZE_MAX;  // counted only when it matters
  for (const freshet_presence& news : entries) {
    if (news.json.size > limits_.presence_bytes) continue;
    const auto it = entries_.find(news.client);
    const bool known = it != entries_.end();
    const bool adds = news.json.data != nullptr && (!known || it->second.owner != from);
    if (adds) {
      if (owned == SIZE_MAX) owned = owned_by(from);
      if (owned >= limits_.presence_per_session) continue;
    }
    if (!known && (news.json.data == nullptr || entries_.size() >= limits_.presence_per_room)) {
      continue;
    }
    Entry& entry = known ? it->second : entries_[news.client];
    if (!take(entry, known, from, news, now_ms)) continue;
    entry.ttl_ms = ttl_ms;
    if (adds) ++owned;
  }
  return before == version_ ? std::vector<freshet_presence>{} : since(before);
}

std::vector<freshet_presence> Presence::leave(MemberId member) {
  const uint64_t before = version_;
  for (auto& [client, entry] : entries_) {
    if (entry.owner == member && !entry.gone) remove(entry, last_now_ms_);
  }
  return before == version_ ? std::vector<freshet_presence>{} : since(before);
}

std::vector<freshet_presence> Presence::expire(uint64_t now_ms) {
  last_now_ms_ = now_ms;
  const uint64_t before = version_;
  for (auto it = entries_.begin(); it != entries_.end();) {
    Entry& entry = it->second;
    const uint64_t age = now_ms - entry.renewed_ms;
    if (entry.gone && age > kRememberGoneMs) {
      it = entries_.erase(it);
      continue;
    }
    if (!entry.gone && entry.ttl_ms != 0 && age > entry.ttl_ms) remove(entry, now_ms);
    ++it;
  }
  return before == version_ ? std::vector<freshet_presence>{} : since(before);
}

std::vector<freshet_presence> Presence::all() const {
  std::vector<freshet_presence> out;
  out.reserve(live_);
  for (const auto& entry : entries_) {
    if (!entry.second.gone) out.push_back(to_c(entry));
  }
  return out;
}

std::vector<freshet_presence> Presence::since(uint64_t version) const {
  std::vector<freshet_presence> out;
  for (const auto& entry : entries_) {
    if (entry.second.version > version) out.push_back(to_c(entry));
  }
  return out;
}

}  // namespace freshet
